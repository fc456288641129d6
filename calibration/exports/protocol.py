"""How the data came about, as far as the record knows: rubric, overlap, sources, judges, consent, time."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Min

from annotation.models import Annotator, Enrollment, Import, Prompt, Rubric
from annotation.models.judgments import JudgmentQuerySet
from calibration.models import Run

POPULATION = ("criterion__key", "quantity", "parameter", "value", "sd", "ci_low", "ci_high", "ci_level", "n")


def of(run: Run, released: JudgmentQuerySet) -> dict[str, Any]:
    campaign = run.campaign
    annotators = released.order_by().values("annotator")
    people = Annotator.objects.filter(pk__in=annotators, kind=Annotator.Kind.HUMAN, import_key=None)
    agreed = Enrollment.objects.filter(campaign=campaign, annotator__in=people, consent__isnull=False)
    return {
        "description": campaign.description,
        "task_type": campaign.task_type,
        "overlap": campaign.overlap,
        "judge_overlap": campaign.judge_overlap,
        "gold_percent": campaign.gold_percent,
        "sides": "keyed by task and annotator",
        "timeframe": _timeframe(released),
        "languages": _languages(released),
        "sources": _sources(released),
        "judges": _judges(annotators),
        "consent": {"evaluators": people.count(), "agreed": agreed.count()},
    }


def rubrics(run: Run) -> list[dict[str, Any]]:
    """Return every version of the rubric that the campaign has had."""
    found = Rubric.objects.filter(campaign=run.campaign).prefetch_related("criteria").order_by("version")
    return [
        {
            "version": rubric.version,
            "sha256": rubric.sha256,
            "guide": rubric.guide,
            "criteria": [
                {"key": one.key, "name": one.name, "question": one.question, "scale": one.scale}
                for one in sorted(rubric.criteria.all(), key=lambda one: (one.position, one.key))
            ],
        }
        for rubric in found
    ]


def population(run: Run) -> list[dict[str, Any]]:
    """Return what the run says of annotators as a whole: biases, spreads, thresholds."""
    rows = run.estimates.filter(annotator=None, system=None).order_by("criterion__key", "quantity", "parameter", "pk")
    return [
        {name.removesuffix("__key"): cell for name, cell in zip(POPULATION, cells, strict=True)}
        for cells in rows.values_list(*POPULATION)
    ]


def _timeframe(released: JudgmentQuerySet) -> list[str | None]:
    ends = released.order_by().aggregate(first=Min("submitted_at"), last=Max("submitted_at"))
    return [_day(ends["first"]), _day(ends["last"])]


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def _languages(released: JudgmentQuerySet) -> list[str]:
    rows = Prompt.objects.filter(tasks__in=released.order_by().values("task")).exclude(language="")
    return sorted(set(rows.values_list("language", flat=True)))


def _sources(released: JudgmentQuerySet) -> list[dict[str, str]]:
    rows = Import.objects.filter(judgments__in=released.order_by().values("pk"))
    found = set(rows.values_list("source_name", "format", "sha256"))
    return [{"name": name, "format": format_, "sha256": sha256} for name, format_, sha256 in sorted(found)]


def _judges(annotators: Any) -> list[dict[str, str]]:
    rows = Annotator.objects.filter(pk__in=annotators, kind=Annotator.Kind.JUDGE)
    found = sorted(rows.values_list("name", "family", "version"))
    return [{"name": name, "family": family, "version": version} for name, family, version in found]
