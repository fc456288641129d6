"""One chain of one of the four models: coin or full confusion matrix, clean or soft items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.bayes.labeling import coin, confusion, hyper, swaps
from calibration.bayes.labeling.data import FloatArray, IntArray, LabelData

SWAP_EVERY = 5


@dataclass(frozen=True, slots=True)
class Model:
    """Name a model: ``full`` has a confusion matrix an annotator, ``soft`` lets one item be read in several ways."""

    key: str
    full: bool
    soft: bool


MODELS = (Model("C", False, False), Model("H", True, False), Model("SC", False, True), Model("SH", True, True))


@dataclass(frozen=True, slots=True)
class Fixed:
    """Hold habits that are not learned: Dirichlet weights base * concentration, and the prior count of a class."""

    skill: float
    concentration: float
    class_prior: float


class Chain:
    r"""Collapsed Gibbs sampler, confusion matrices integrated out.

    Coin: :math:`\theta_{jky} = \lambda_j [y=k] + (1-\lambda_j)/K`. Full: :math:`\theta_{jk\cdot} \sim
    Dirichlet(\kappa_j base_{jk})`, :math:`base_{jk} = \lambda_j e_k + (1-\lambda_j)(\omega \rho_k + (1-\omega)
    \xi_j)`. Clean items have a class :math:`z_i \sim Cat(\pi)`; soft items have shares :math:`x_i \sim
    Dirichlet(a \pi)` and each judgment reads a class :math:`c_n \sim Cat(x_i)`.

    Public arrays: ``q`` (items, labels) conditional class probabilities, ``skill`` :math:`\lambda`, ``mean`` and
    ``size`` of each group's skills, ``share`` :math:`\pi`, ``spread`` a, ``concentration`` :math:`\kappa`,
    ``favorite`` :math:`\xi`, ``error`` :math:`\rho`, ``shared`` :math:`\omega`, ``weight``
    (annotators, labels y, classes k) and ``total`` (annotators, k) of the matrices' Dirichlet posteriors.

    References
    ----------
    Dawid and Skene 1979, doi:10.2307/2346806; Paun et al. 2018, doi:10.1162/tacl_a_00040; Teh et al. 2006 (tables),
    doi:10.1198/016214506000000302.
    """

    def __init__(self, data: LabelData, model: Model, rng: np.random.Generator, fixed: Fixed | None = None) -> None:
        n_items, n_annotators, n_labels = data.shape
        self.data, self.model, self.rng, self.fixed = data, model, rng, fixed
        self.q = np.full((n_items, n_labels), 1.0 / n_labels)
        self.share = np.full(n_labels, 1.0 / n_labels)
        self.spread, self.swept, self.swapped = 0.3, 0, 0
        self.class_prior = fixed.class_prior if fixed else 1.0
        start = fixed.skill if fixed else rng.uniform(0.4, 0.9)
        self.skill = np.full(n_annotators, start)
        self.mean, self.size = np.full(len(data.groups), start), np.full(len(data.groups), 5.0)
        self.lapsed, self.skilled = np.zeros(n_annotators, np.int64), np.zeros(n_annotators, np.int64)
        self.truth = _majority(data, rng)
        self.read = np.repeat(self.truth, data.item_size)
        self.class_count = np.bincount(self.truth, minlength=n_labels)
        if model.full:
            self._start_confusions(n_annotators, n_labels)

    def _start_confusions(self, n_annotators: int, n_labels: int) -> None:
        self.concentration = np.full(n_annotators, self.fixed.concentration if self.fixed else float(n_labels))
        self.favorite = np.full((n_annotators, n_labels), 1.0 / n_labels)
        self.error = np.full((n_labels, n_labels), 1.0 / n_labels)
        self.shared, self.rate = np.array([0.5]), np.array([0.1])
        self.counts = np.zeros((n_annotators, n_labels, n_labels), np.int32)
        self.weight, self.total = np.zeros(self.counts.shape), np.zeros((n_annotators, n_labels))
        confusion.tally(self.data.annotator, self.data.label, self.read, self.counts)
        self._weigh()

    def sweep(self, *, recording: bool) -> None:
        """Renew everything once: habits, then classes; ``q`` of soft items is written only where recording."""
        if self.swept > 0:
            self._renew_habits()
        if self.model.soft:
            self._assign_soft(recording)
        else:
            self._assign_clean()
        self.swept += 1

    def _assign_clean(self) -> None:
        data = self.data
        rows = (self.rng, data.item_start, data.annotator, data.label, self.truth, self.class_count, self.class_prior)
        if self.model.full:
            confusion.assign_clean(*rows, self.weight, self.total, self.q)
        else:
            coin.assign_clean(*rows, self.skill, self.q)
        self.read = np.repeat(self.truth, data.item_size)

    def _assign_soft(self, recording: bool) -> None:
        data = self.data
        rows = (self.rng, data.item_start, data.annotator, data.label, self.read, self.share, self.spread)
        if self.model.full:
            confusion.assign_soft(*rows, self.weight, self.total, self.q, recording)
        else:
            coin.assign_soft(*rows, self.skill, self.q, recording)

    def _renew_habits(self) -> None:
        data, rng = self.data, self.rng
        if self.model.soft:
            self.spread = hyper.renew_spread(rng, data.item_start, self.read, self.share, self.spread)
        if self.model.full:
            confusion.tally(data.annotator, data.label, self.read, self.counts)
            if self.fixed is None:
                self._renew_confusions()
            self._weigh()
        else:
            n_labels = len(data.labels)
            coin.count_skilled(
                rng, data.annotator, data.label, self.read, self.skill, n_labels, self.skilled, self.lapsed
            )
            self.lapsed -= self.skilled
            self._renew_skill()

    def _renew_confusions(self) -> None:
        if self.swept % SWAP_EVERY == 0:
            self._swap()
        habits = (self.skill, self.concentration, self.favorite, self.error, self.shared, self.rate)
        hyper.renew_habits(self.rng, self.counts, *habits, self.skilled, self.lapsed)
        self._renew_skill()

    def _renew_skill(self) -> None:
        group = self.data.annotator_group
        hyper.renew_skill(self.rng, group, self.skilled, self.lapsed, self.mean, self.size, self.skill)

    def _swap(self) -> None:
        name = np.arange(self.share.size)
        habits = (self.skill, self.concentration, self.favorite, self.error, self.shared[0])
        done = swaps.propose(self.rng, self.counts, *habits, name)
        if done:
            self.swapped += done
            swaps.rename(name, self.read)
            swaps.rename(name, self.truth)
            self.share[name] = self.share.copy()
            self.class_count[name] = self.class_count.copy()

    def _weigh(self) -> None:
        habits = (self.skill, self.concentration, self.favorite, self.error, self.shared[0])
        confusion.weigh(self.counts, *habits, self.weight, self.total)

    def prevalence(self) -> FloatArray:
        """Give the conditional mean of the class shares of unseen items."""
        if self.model.soft:
            return self.share
        count = self.class_count + self.class_prior
        return np.asarray(count / count.sum())

    def predict(self, item: IntArray, annotator: IntArray, label: IntArray, out: FloatArray) -> None:
        """Add the predictive probability of unseen judgments at the current state."""
        if self.model.full:
            confusion.score(item, annotator, label, self.q, self.weight, self.total, out)
        else:
            coin.score(item, annotator, label, self.q, self.skill, out)


def _majority(data: LabelData, rng: np.random.Generator) -> IntArray:
    """Give each item's most frequent label; ties by lot."""
    votes = data.votes()
    return np.argmax(votes + rng.uniform(0, 0.5, votes.shape), axis=1).astype(np.int32)
