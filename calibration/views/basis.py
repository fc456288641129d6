"""What every page of a campaign's results stands on: the last passed run and one criterion."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q
from django.http import Http404, HttpRequest

from annotation.models import Campaign, Criterion
from annotation.views import access
from annotation.views.access import SignedInRequest
from calibration.models import Estimate, Run


@dataclass(frozen=True, slots=True)
class Basis:
    """The campaign with its newest run, its newest passed run, and the criterion that the reader chose."""

    campaign: Campaign
    latest: Run | None
    run: Run | None
    criteria: tuple[Criterion, ...]
    criterion: Criterion | None
    may_change: bool

    @property
    def has_failed(self) -> bool:
        """Tell whether the newest run gave no figures, so that older ones are shown."""
        return self.latest is not None and self.latest.state in {Run.State.NOT_CONVERGED, Run.State.FAILED}

    @property
    def is_labeled(self) -> bool:
        """Tell whether responses are judged one by one, so that the pages are about labels."""
        return self.campaign.task_type != Campaign.TaskType.COMPARISON

    def context(self, tab: str, **more: Any) -> dict[str, Any]:
        shared = {name: getattr(self, name) for name in ("campaign", "run", "latest", "criterion", "criteria")}
        shared |= {"may_change": self.may_change, "has_failed": self.has_failed, "query": self.query}
        shared |= {"tab": tab, "counts": tab_counts(self.run)}
        return shared | more

    @property
    def query(self) -> str:
        """Keep the chosen criterion on the way to the next page, where there is a choice."""
        return f"?criterion={self.criterion.key}" if self.criterion and len(self.criteria) > 1 else ""


def tab_counts(run: Run | None) -> dict[str, int]:
    """Return the numbers beside the tabs, from what the run has counted."""
    seen = run.counts if run else {}
    found = {"systems": seen.get("systems"), "tasks": seen.get("tasks")}
    if "humans" in seen and "judges" in seen:
        found["annotators"] = seen["humans"] + seen["judges"]
    return {name: number for name, number in found.items() if isinstance(number, int)}


def of(request: SignedInRequest, slug: str) -> Basis:
    """Let readers in, and find what their page stands on; to everybody else the campaign does not exist."""
    campaign = access.readable_campaign(request, slug)
    latest, run = _runs(campaign)
    criteria = _criteria(run)
    changes = access.may_change(request.user, campaign)
    return Basis(campaign, latest, run, criteria, _chosen(request, criteria), changes)


def _runs(campaign: Campaign) -> tuple[Run | None, Run | None]:
    newest = campaign.runs.aggregate(latest=Max("pk"), passed=Max("pk", filter=Q(state=Run.State.PASSED)))
    found = campaign.runs.filter(pk__in=[pk for pk in newest.values() if pk]).defer("figures", "settings").in_bulk()
    for run in found.values():
        run.campaign = campaign
    return found.get(newest["latest"] or 0), found.get(newest["passed"] or 0)


def _criteria(run: Run | None) -> tuple[Criterion, ...]:
    if run is None:
        return ()
    used = Estimate.objects.filter(run=run).values("criterion")
    return tuple(Criterion.objects.filter(pk__in=used).order_by("position", "pk"))


def _chosen(request: HttpRequest, criteria: tuple[Criterion, ...]) -> Criterion | None:
    key = request.GET.get("criterion", "")
    if not key:
        return criteria[0] if criteria else None
    if not (found := next((criterion for criterion in criteria if criterion.key == key), None)):
        raise Http404("This run has no such criterion.")
    return found
