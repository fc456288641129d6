"""How often each class occurs in each system's items, by pool, and how systems differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from calibration.bayes.labeling import mixture
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.sampling import ModelFit

MOST_DRAWS, BUDGET = 1_000, 20_000_000
MOST_SYSTEMS = 100
OR_WORSE = "\u2265 "


@dataclass(frozen=True, slots=True, eq=False)
class Prevalence:
    """Hold draws for groups of items (a system, a pool, both, or all) and classes.

    ``names`` gives each group's system and pool, None for all; ``items`` draws (draws, groups, classes) of class
    shares among the judged items, ``share`` of the population they are a sample of; ``naive`` are the shares of the
    raw judgments (groups, classes), ``n`` and ``n_judgments`` count a group's items and judgments. Classes are the
    labels and, of ordered labels, each but the first two "or worse", written with ``OR_WORSE`` before the label.
    """

    names: tuple[tuple[str | None, str | None], ...]
    classes: tuple[str, ...]
    items: FloatArray
    share: FloatArray
    naive: FloatArray
    n: FloatArray
    n_judgments: FloatArray


def measured(
    data: LabelData,
    fits: Mapping[str, ModelFit],
    weight: Mapping[str, float],
    rng: np.random.Generator,
    *,
    ordered: bool = False,
) -> Prevalence:
    """Draw class shares from the pooled posterior (without the floor).

    Annotators' errors are taken out and their uncertainty is carried. Shares of the population have the posterior
    Dirichlet(count + 1/K) of each draw's counts.
    """
    names, member = _groups(data)
    n = min(MOST_DRAWS, max(100, BUDGET // (len(names) * len(data.labels))))
    cells = mixture.mixed({key: fit.class_counts for key, fit in fits.items()}, weight, n)
    counts = np.einsum("gc,dck->dgk", member, cells)
    size = rng.standard_gamma(counts + 1.0 / counts.shape[2])
    raw = member @ _raw(data)
    n_items, n_judgments = counts[0].sum(axis=1), raw.sum(axis=1)
    shares = (
        counts / n_items[:, None],
        size / size.sum(axis=2, keepdims=True),
        raw / np.maximum(n_judgments, 1)[:, None],
    )
    items, share, naive = (_with_worse(values) if ordered else values for values in shares)
    classes = data.labels
    if ordered:
        classes += tuple(OR_WORSE + label for label in data.labels[1:-1])
    return Prevalence(tuple(names), classes, items, share, naive, n_items, n_judgments)


def _groups(data: LabelData) -> tuple[list[tuple[str | None, str | None]], FloatArray]:
    """Name the groups that hold items, and tell which cells belong to each: systems, all, then parts by pool."""
    n_pools = len(data.pools) + 1
    cell = np.arange(data.n_cells)
    system, pool = cell // n_pools, cell % n_pools
    systems: list[tuple[int | None, str | None]] = [*enumerate(data.systems), (None, None)]
    pools: list[tuple[int | None, str | None]] = [*enumerate(data.pools)] if len(data.pools) > 1 else []
    wanted = [(one, None) for one in systems] + [(one, part) for part in pools for one in systems]
    filled = np.bincount(data.item_cell(), minlength=data.n_cells) > 0
    names, rows = [], []
    for (s, name), part in ((one, part or (None, None)) for one, part in wanted):
        inside = (system == s if s is not None else True) & (pool == part[0] if part[0] is not None else True)
        inside = np.broadcast_to(inside, cell.shape)
        if (inside & filled).any():
            names.append((name, part[1]))
            rows.append(inside)
    return names, np.array(rows, dtype=float)


def _raw(data: LabelData) -> FloatArray:
    """Count judgments by cell and label."""
    counted = np.zeros((data.n_cells, len(data.labels)))
    np.add.at(counted, (data.item_cell()[data.item()], data.label), 1)
    return counted


def _with_worse(shares: FloatArray) -> FloatArray:
    """Add the shares of each label together with all that come after it; the second's are all but the first."""
    worse = shares[..., ::-1].cumsum(axis=-1)[..., ::-1]
    return np.concatenate([shares, worse[..., 1:-1]], axis=-1)


def table(found: Prevalence) -> pd.DataFrame:
    r"""Give each group's share of each class, with a 90% interval.

    The interval of ``share`` is for the system's answers at large, that of ``items`` for the judged items alone.

    Returns
    -------
    DataFrame
        system, pool (null: all together), label, share, share_low, share_high, items, items_low, items_high,
        ``naive`` (share of the raw judgments), ``unseen_upper`` (95% upper bound where no judgment gave the label: the
        larger of the posterior's and :math:`1 - .05^{1/n}`; else null), n (items), n_judgments.
    """
    n_classes = len(found.classes)
    estimates = mixture.interval("share", found.share) | mixture.interval("items", found.items)
    bound = np.maximum(estimates["share_high"], (1.0 - 0.05 ** (1.0 / found.n))[:, None])
    columns = {name: value.ravel() for name, value in estimates.items()}
    columns |= {"naive": found.naive.ravel(), "unseen_upper": np.where(found.naive == 0, bound, np.nan).ravel()}
    system, pool = (np.repeat(np.array(names, dtype=object), n_classes) for names in zip(*found.names, strict=True))
    label = np.tile(np.array(found.classes, dtype=object), len(found.names))
    n = {"n": np.repeat(found.n, n_classes), "n_judgments": np.repeat(found.n_judgments, n_classes)}
    whole = {name: values.astype(int) for name, values in n.items()}
    return pd.DataFrame({"system": system, "pool": pool, "label": label} | columns | whole)


def differences(found: Prevalence) -> pd.DataFrame:
    """Give for each pair of systems, over all pools, and each label the difference of shares and P(> 0).

    The difference is the first's share minus the second's, so P(> 0) is that of a reduction from the first to the
    second. Annotators' errors are shared by both systems' draws. Of more than 100 systems no pairs are listed.
    """
    systems = [(at, name) for at, (name, pool) in enumerate(found.names) if name is not None and pool is None]
    parts = []
    for (first, name_1), (second, name_2) in combinations(systems, 2) if len(systems) <= MOST_SYSTEMS else ():
        gap = found.share[:, first] - found.share[:, second]
        names = {"system_1": name_1, "system_2": name_2, "label": found.classes}
        figures = mixture.interval("difference", gap) | {"p_positive": (gap > 0).mean(axis=0)}
        parts.append(pd.DataFrame(names | figures))
    columns = ["system_1", "system_2", "label", "difference", "difference_low", "difference_high", "p_positive"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
