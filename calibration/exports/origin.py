"""Gather what a release comes from: campaign, run, agreement, the version of this program."""

import functools
import tomllib
from datetime import UTC
from pathlib import Path
from typing import Any

from django.conf import settings

from annotation.models.judgments import JudgmentQuerySet
from calibration.exports import protocol
from calibration.exports.manifest import Origin
from calibration.models import Agreement, Export, Run

AGREEMENT_FIELDS = (
    "who", "slice", "metric", "level", "orientation", "value", "undefined_reason", "ci_low", "ci_high", "ci_level",
    "ci_method", "n_boot", "n_units", "n_units_paired", "n_annotators", "n_judgments", "n_pairs", "n_excluded",
)  # fmt: skip


def of(export: Export, released: JudgmentQuerySet, *, number: int) -> Origin:
    run, campaign = export.run, export.campaign
    return Origin(
        export_id=str(export.public_id),
        number=number,
        created_at=export.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        steelyard_version=version(),
        campaign_id=str(campaign.public_id),
        campaign_slug=campaign.slug,
        campaign_name=campaign.name,
        run_id=str(run.public_id),
        snapshot_id=run.data_sha256,
        seed=str(run.seed),
        code_version=run.code_version,
        versions=run.versions,
        headline=run.headline,
        diagnostics=run.diagnostics,
        adequacy=run.adequacy,
        agreement=agreement(run),
        protocol=protocol.of(run, released),
        population=protocol.population(run),
        previous_export_id=_previous(export),
    )


def _previous(export: Export) -> str | None:
    """Return the release that this one follows."""
    earlier = Export.objects.filter(campaign=export.campaign_id, pk__lt=export.pk, state=Export.State.DONE)
    found = earlier.order_by("-pk").values_list("public_id", flat=True).first()
    return str(found) if found else None


def agreement(run: Run) -> list[dict[str, Any]]:
    """Return the agreement statistics of a run in a fixed order; slices by annotator would name annotators."""
    rows = (
        Agreement.objects.filter(run=run)
        .exclude(slice__startswith="annotator")
        .order_by("criterion__position", "criterion__key", "who", "slice", "metric", "level", "orientation")
    )
    return [
        {"criterion": criterion, **dict(zip(AGREEMENT_FIELDS, cells, strict=True))}
        for criterion, *cells in rows.values_list("criterion__key", *AGREEMENT_FIELDS)
    ]


@functools.cache
def version() -> str:
    """Return the project's version; it runs from its checkout and is no installed package."""
    with (Path(settings.BASE_DIR) / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
