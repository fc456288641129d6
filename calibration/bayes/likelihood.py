"""The likelihood of comparisons twice: plain PyTensor, which defines it, and one fused Op, which is fast.

Both are functions of the same two parameters and the same data; a test holds value and gradient equal.
"""

# mypy: disable-error-code="index, operator"
# (the graph library is typed more loosely than it behaves)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from calibration.bayes import kernel
from calibration.bayes.data import ComparisonData

N_PARAMETERS = 2


def fused(data: ComparisonData, quality: Any, annotator: Any) -> Any:
    """Give the log-likelihood through the fused Op; call inside a model, the rows become its data.

    Parameters
    ----------
    quality
        Difference between a and b of each item, shape (items,).
    annotator
        Discrimination, slope on each covariate and log tie width of each annotator, shape (annotators, parameters).
    """
    starts = pm.Data("row_starts", data.row_starts())
    item = pm.Data("row_item", data.item)
    covariates = pm.Data("row_covariates", data.covariates)
    return ComparisonLogLikelihood()(quality, annotator, starts, item, covariates)[0]


def plain(data: ComparisonData, quality: Any, annotator: Any) -> Any:
    """Give the log-likelihood of the same parameters in plain PyTensor: the definition."""
    own = annotator[data.annotator]
    eta = own[:, 0] * quality[data.item] + (own[:, 1:-1] * data.covariates).sum(axis=1)
    kappa = pt.exp(own[:, -1])
    log_a = _log_sigmoid(eta - kappa)
    log_b = _log_sigmoid(-eta - kappa)
    log_tie = _log_sigmoid(eta + kappa) + _log_sigmoid(kappa - eta) + pt.log1mexp(-2 * kappa)
    return pt.stack([log_a, log_tie, log_b])[data.outcome, np.arange(data.n_judgments)].sum()


def _log_sigmoid(x: Any) -> Any:
    return -pt.softplus(-x)


class ComparisonLogLikelihood(Op):
    """Compute the log-likelihood together with its gradient, which the pullback then only scales."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Declare one scalar and a gradient shaped like each parameter."""
        variables = [pt.as_tensor_variable(value) for value in inputs]
        outputs = [pt.dscalar(), *(value.type() for value in variables[:N_PARAMETERS])]
        return Apply(self, variables, outputs)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Any) -> None:
        """Run the kernel outside a compiled graph."""
        results = kernel.comparison_loglik(*(np.ascontiguousarray(value) for value in inputs))
        for storage, result in zip(output_storage, results, strict=True):
            storage[0] = np.asarray(result)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Give the shapes without computing."""
        return [(), *shapes[:N_PARAMETERS]]

    def pullback(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], cotangents: Sequence[Variable]
    ) -> list[Variable]:
        """Scale the gradient that the forward pass already has."""
        by_parameter = [cotangents[0] * gradient for gradient in outputs[1:]]
        return by_parameter + [DisconnectedType()() for _ in inputs[N_PARAMETERS:]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Connect the value to the parameters only."""
        no_outputs = [False] * N_PARAMETERS
        return [[k < N_PARAMETERS, *no_outputs] for k in range(len(node.inputs))]


@register_funcify_default_op_cache_key(ComparisonLogLikelihood)
def _numba_comparison_loglik(op: Op, node: Apply, **_: Any) -> Any:
    inner = kernel.comparison_loglik

    @numba_njit
    def comparison_loglik_op(quality, annotator, starts, item, covariates):  # type: ignore[no-untyped-def]
        value, d_quality, d_annotator = inner(quality, annotator, starts, item, covariates)
        return np.asarray(value), d_quality, d_annotator

    return comparison_loglik_op, kernel.VERSION
