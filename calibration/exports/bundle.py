"""Write every file of a release into a folder."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from calibration.exports import card, files, manifest
from calibration.exports.options import Options
from calibration.exports.pseudonyms import Pseudonyms
from calibration.exports.records import annotators, calibrated, judgments, preference, systems
from calibration.exports.snapshot import Snapshot

Row = dict[str, Any]
Progress = Callable[[str, int], None]
NON_VERDICTS = ("abstain", "refused", "filtered", "invalid", "error")
REPORT_EVERY = 1_000


class UnknownCriterion(ValueError):
    """The preference file was asked for a criterion that no judgment is about."""


def write(
    folder: Path, snapshot: Snapshot, origin: manifest.Origin, *, options: Options, secret: str, progress: Progress
) -> dict[str, Any]:
    """Write the tables, the card and the manifest; return the manifest."""
    names = Pseudonyms(secret, origin.export_id)
    sizes = snapshot.sizes()
    meter = _Meter(progress, total=sizes["judgments"] + 2 * sizes["items"] + 1)
    people = snapshot.annotators()
    written = [
        *files.write_table(folder, judgments.TABLE, meter.over(
            "judgments",
            judgments.records(snapshot.judgments(), campaign_id=origin.campaign_id, names=names, options=options),
        )),
        *files.write_table(folder, calibrated.TABLE, meter.over(
            "calibrated tasks",
            calibrated.records(calibrated.merged(snapshot.items(), snapshot.votes()), run_id=origin.run_id),
        )),
        *files.write_table(
            folder, annotators.TABLE, annotators.records(people, snapshot.annotator_estimates(), names)
        ),
        *files.write_table(folder, systems.TABLE, systems.records(snapshot.systems(), snapshot.system_estimates())),
    ]  # fmt: skip
    preferences, counts = _preferences(folder, snapshot, options, meter)
    written.append(preferences)
    contents = _contents(snapshot, sizes, people, counts)
    return _finish(folder, origin, contents, options=options, canary=names.canary(), written=written)


def _preferences(
    folder: Path, snapshot: Snapshot, options: Options, meter: "_Meter"
) -> tuple[files.FileFacts, Counter[str]]:
    counts: Counter[str] = Counter(written=0)
    criterion = _criterion(snapshot, options)
    pairs = calibrated.merged(snapshot.items_with_texts(criterion), snapshot.votes())
    rows = preference.records(pairs, options=options, counts=counts)
    return files.write_lines(folder, preference.TABLE, meter.over("preferences", rows)), counts


def _criterion(snapshot: Snapshot, options: Options) -> str:
    known = snapshot.criteria()
    if options.criterion and options.criterion not in known:
        raise UnknownCriterion(f"No judgment is about {options.criterion!r}. Choose one of {', '.join(known)}.")
    return options.criterion or (known[0] if known else "")


def _contents(
    snapshot: Snapshot, sizes: dict[str, int], people: list[Any], preference_counts: Counter[str]
) -> manifest.Contents:
    outcomes = snapshot.outcomes()
    kinds = Counter(kind for _, kind in {(row.annotator_id, row.kind) for row in people})
    return manifest.Contents(
        counts={
            "judgments": sizes["judgments"],
            "tasks": sizes["tasks"],
            "calibrated": sizes["items"],
            "annotators_human": kinds["human"],
            "annotators_judge": kinds["judge"],
            "annotators_other": kinds.total() - kinds["human"] - kinds["judge"],
        },
        outcomes=outcomes,
        non_verdicts={name: outcomes[name] for name in NON_VERDICTS if name in outcomes},
        preference=dict(sorted(preference_counts.items())),
        held_out={"judgments": sizes["held_out_judgments"], "tasks": sizes["held_out_tasks"]},
        suppressed_groups=annotators.suppressed(people),
    )


def _finish(
    folder: Path,
    origin: manifest.Origin,
    contents: manifest.Contents,
    *,
    options: Options,
    canary: str,
    written: list[files.FileFacts],
) -> dict[str, Any]:
    """Write the card about the other files, then the manifest about all of them."""
    chosen = options.as_dict()
    described = manifest.build(origin, contents, options=chosen, canary=canary, files=written)
    written.append(files.write_text(folder, "README.md", card.text(described)))
    complete = manifest.build(origin, contents, options=chosen, canary=canary, files=written)
    (folder / manifest.NAME).write_bytes(manifest.text(complete).encode())
    return complete


class _Meter:
    """Counts rows over all tables and says how far the build is, 1 to 99 percent."""

    def __init__(self, progress: Progress, *, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def over(self, stage: str, rows: Iterable[Row]) -> Iterator[Row]:
        self._say(stage)
        for row in rows:
            yield row
            self._done += 1
            if self._done % REPORT_EVERY == 0:
                self._say(stage)

    def _say(self, stage: str) -> None:
        self._progress(stage, max(1, min(99, 100 * self._done // self._total)))
