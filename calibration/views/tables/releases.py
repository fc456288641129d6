"""Rows about releases, and the files that the newest one holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotation.models import Campaign
from calibration.models import Agreement, Export
from calibration.views.figures import Figure

UNDER_WAY = (Export.State.QUEUED, Export.State.RUNNING)
SHOWN = 50
PURPOSES = {
    "judgments": "every judgment: order shown, time, versions",
    "calibrated": "soft label of each task, with interval and n",
    "annotators": "reliability and biases, pseudonyms of this release",
    "systems": "strength and rank, with intervals",
    "preference": "training: chosen and rejected",
    "manifest": "hash of each file, run, agreement, diagnostics, exclusions",
}


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release with the agreement of the run it was built from."""

    export: Export
    number: int
    alpha: Figure | None


@dataclass(frozen=True, slots=True)
class FileRow:
    name: str
    rows: int | None
    bytes: int | None
    sha256: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The newest finished release and its files."""

    number: int
    files: list[FileRow]


def rows(campaign: Campaign) -> list[ReleaseRow]:
    """Return the newest releases in three queries; the first release of a campaign is number 1."""
    found = list(campaign.exports.select_related("run", "requested_by").order_by("-pk")[:SHOWN])
    alphas = _alphas({export.run_id for export in found})
    newest = campaign.exports.count()
    return [ReleaseRow(export, newest - place, alphas.get(export.run_id)) for place, export in enumerate(found)]


def _alphas(run_ids: set[int]) -> dict[int, Figure]:
    records = Agreement.objects.filter(
        run__in=run_ids, who="human", slice="", metric="alpha_nominal", value__isnull=False, ci_low__isnull=False
    ).order_by("-criterion__position", "-pk")
    return {
        record.run_id: Figure(record.value, record.ci_low, record.ci_high, record.n_units_paired)
        for record in records
        if record.value is not None and record.ci_low is not None and record.ci_high is not None
    }


def contents(shown: Sequence[ReleaseRow]) -> Contents | None:
    """List the files of the newest finished release, as its manifest names them."""
    for row in shown:
        if row.export.state == Export.State.DONE and row.export.manifest:
            return Contents(row.number, [_file(entry) for entry in row.export.manifest.get("files", [])])
    return None


def _file(entry: dict[str, Any]) -> FileRow:
    name = str(entry.get("path", ""))
    purpose = next((words for part, words in PURPOSES.items() if part in name), "")
    return FileRow(name, entry.get("rows"), entry.get("bytes"), str(entry.get("sha256", "")), purpose)
