"""Which functions the benchmark compares, under the names that its tables give them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """A function ``place`` (module:name) under a name; ``own`` if the project's code decides its result."""

    name: str
    place: str
    own: bool = False

    @property
    def file_name(self) -> str:
        """Give a name that a file may have."""
        return self.place.partition(".bench.")[2].replace(":", "-").replace("_", "-")


OURS = Method("Steelyard, posterior", "tests.bench.ours:posterior", own=True)
COMPARISONS = (
    OURS,
    Method("mixed ordered logit (own)", "tests.bench.ordered_logit:run"),
    Method("Crowd-BT (own)", "tests.bench.crowd_bt:run"),
    Method("crowd-kit NoisyBradleyTerry", "tests.bench.comparison_peers:crowd_kit_noisy"),
    Method("crowd-kit BradleyTerry", "tests.bench.comparison_peers:crowd_kit_bradley_terry"),
    Method("evalica Bradley-Terry", "tests.bench.comparison_peers:evalica_bradley_terry"),
    Method("evalica Newman", "tests.bench.comparison_peers:evalica_newman"),
    Method("choix, spectral (I-LSR)", "tests.bench.comparison_peers:choix_pairwise"),
)
LABELS = (
    Method("Steelyard, labels", "tests.bench.ours:labels", own=True),
    Method("crowd-kit MajorityVote", "tests.bench.label_peers:majority"),
    Method("crowd-kit DawidSkene", "tests.bench.label_peers:dawid_skene"),
    Method("crowd-kit OneCoinDawidSkene", "tests.bench.label_peers:one_coin"),
    Method("crowd-kit GLAD", "tests.bench.label_peers:glad"),
    Method("crowd-kit MACE", "tests.bench.label_peers:mace"),
)
SPEED = (
    Method("Steelyard, gated posterior", "tests.bench.ours:gated", own=True),
    Method("Steelyard, point fit", "tests.bench.ours:point", own=True),
    Method("crowd-kit NoisyBradleyTerry", "tests.bench.label_peers:noisy_bradley_terry"),
)
AGREEMENT = Method("Steelyard, agreement", "tests.bench.ours:agreement", own=True)
