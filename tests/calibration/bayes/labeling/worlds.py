"""Simulated panels with known classes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class World:
    frame: pd.DataFrame
    truth: pd.Series
    confusion: np.ndarray


def world(
    rng: np.random.Generator,
    *,
    items: int = 60,
    accuracy: tuple[float, ...] = (0.9, 0.8, 0.8, 0.7, 0.6),
    share: tuple[float, ...] = (0.5, 0.3, 0.2),
    spammers: int = 0,
    per_item: int | None = None,
    systems: tuple[tuple[float, ...], ...] = (),
) -> World:
    """Draw classes, and labels of annotators whose errors fall on one favorite wrong label more often than others.

    ``systems`` gives class shares for each system (items divided evenly); spammers answer regardless of the class.
    """
    names = [f"c{k}" for k in range(len(share))]
    shares = systems or (share,)
    system = np.arange(items) % len(shares)
    truth = np.array([rng.choice(len(share), p=shares[s]) for s in system])
    confusion = np.stack([_matrix(rng, a, len(share)) for a in accuracy] + [_spam(rng, len(share))] * spammers)
    rows = []
    for i in range(items):
        panel = np.arange(len(confusion)) if per_item is None else rng.permutation(len(confusion))[:per_item]
        for j in panel:
            label = names[rng.choice(len(share), p=confusion[j, truth[i]])]
            rows.append((f"i{i:04d}", f"a{j:02d}", label, f"s{system[i]}" if systems else None))
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "system"])
    known = pd.Series([names[k] for k in truth], index=[f"i{i:04d}" for i in range(items)])
    return World(frame, known, confusion)


def _matrix(rng: np.random.Generator, accuracy: float, n_labels: int) -> np.ndarray:
    wrong = rng.dirichlet(np.full(n_labels, 2.0), n_labels) * (1 - np.eye(n_labels))
    return accuracy * np.eye(n_labels) + (1 - accuracy) * wrong / wrong.sum(axis=1, keepdims=True)


def _spam(rng: np.random.Generator, n_labels: int) -> np.ndarray:
    return np.tile(rng.dirichlet(np.full(n_labels, 0.5)), (n_labels, 1))
