"""How sharp an answer a campaign's tasks can give, before anybody has judged."""

from dataclasses import dataclass

from annotation.models import Campaign
from calibration.bayes import planning

TARGET_WIDTH = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned for a pair of systems, and what a 90% interval of the target width takes."""

    tasks: int
    pairs: int
    overlap: int
    judgments_per_pair: float
    interval_width: float
    target_width: float
    judgments_needed_per_pair: int
    judgments_needed: int

    @property
    def is_enough(self) -> bool:
        return self.judgments_per_pair >= self.judgments_needed_per_pair


def plan(campaign: Campaign, *, target_width: float = TARGET_WIDTH) -> Plan | None:
    """Plan the stored tasks of a campaign; None while it has none."""
    pairs = campaign.tasks.order_by().values("response_a__system", "response_b__system").distinct().count()
    return of(tasks=campaign.tasks.count(), pairs=pairs, overlap=campaign.overlap, target_width=target_width)


def of(*, tasks: int, pairs: int, overlap: int, target_width: float = TARGET_WIDTH) -> Plan | None:
    """Plan tasks that are spread evenly over the pairs of systems that meet."""
    if not tasks or not pairs:
        return None
    each = tasks * overlap / pairs
    needed = planning.judgments_needed(target_width)
    width = planning.interval_width(each)
    return Plan(tasks, pairs, overlap, each, width, target_width, needed, needed * pairs)
