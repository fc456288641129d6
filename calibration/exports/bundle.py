"""Write every file of a release into a folder."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibration.exports import files, manifest, texts
from calibration.exports.documents import card, croissant, datasheet, schemas
from calibration.exports.formats import FORMATS, cases, crowds
from calibration.exports.options import Options
from calibration.exports.pseudonyms import Pseudonyms
from calibration.exports.records import annotators, calibrated, judgments, systems
from calibration.exports.sinks import sink
from calibration.exports.snapshot import Snapshot
from steelyard import verify

Row = dict[str, Any]
Progress = Callable[[str, int], None]
NON_VERDICTS = ("abstain", "refused", "filtered", "invalid", "error")
REPORT_EVERY = 1_000
VERIFY = Path(verify.__file__)
NO_LICENSE = "No licence is recorded for this release. Ask its publisher before you use or pass it on.\n"


class UnknownCriterion(ValueError):
    """The files under `data/` were asked for a criterion that no judgment is about."""


@dataclass(slots=True)
class _Build:
    """One build under way: where to, what from, what was written and counted so far."""

    folder: Path
    snapshot: Snapshot
    origin: manifest.Origin
    options: Options
    names: Pseudonyms
    meter: "_Meter"
    written: list[files.FileFacts] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    guarded: int = 0

    def judgments(self, criterion: str | None = None) -> Iterator[Row]:
        facts = self.snapshot.judgments(criterion)
        return judgments.records(facts, campaign_id=self.origin.campaign_id, names=self.names, options=self.options)


def write(
    folder: Path,
    snapshot: Snapshot,
    origin: manifest.Origin,
    rubrics: list[Row],
    *,
    options: Options,
    secret: str,
    progress: Progress,
) -> dict[str, Any]:
    """Write the tables, the data files, the documents and the manifest; return the manifest."""
    names = Pseudonyms(secret, origin.export_id, is_internal=options.profile == "internal")
    sizes = snapshot.sizes()
    meter = _Meter(progress, total=sizes["judgments"] + (1 + len(options.formats)) * sizes["items"] + 1)
    build = _Build(folder, snapshot, origin, options, names, meter)
    people = snapshot.annotators()
    _tables(build, people)
    _data(build)
    return _documents(build, _contents(build, sizes, people), rubrics)


def _tables(build: _Build, people: list[Any]) -> None:
    snapshot, names, meter = build.snapshot, build.names, build.meter
    items = calibrated.merged(snapshot.items(), snapshot.votes())
    is_internal = build.options.profile == "internal"
    for table, rows in (
        (judgments.TABLE, meter.over("judgments", build.judgments())),
        (calibrated.TABLE, meter.over("calibrated tasks", calibrated.records(items, run_id=build.origin.run_id))),
        (
            annotators.TABLE,
            annotators.records(people, snapshot.annotator_estimates(), names, is_internal=is_internal),
        ),
        (systems.TABLE, systems.records(snapshot.systems(), snapshot.system_estimates())),
    ):
        build.written += files.write_table(build.folder, table, rows)


def _data(build: _Build) -> None:
    """Write each wanted format, one pass over the tasks of its criterion a format."""
    criterion = _criterion(build.snapshot, build.options)
    for name in build.options.formats:
        target, counts = FORMATS[name], Counter(written=0)
        items = build.snapshot.items_with_texts(criterion)
        if build.options.profile == "hash_only":
            items = texts.hashed(items)
        pairs = build.meter.over(name.replace("_", " "), cases.joined(items, build.judgments(criterion)))
        out = sink(build.folder / target.path, guard=build.options.csv_guard)
        try:
            for row in target.write(pairs, build.options, counts):
                out.write(row)
        finally:
            out.close()
        build.guarded += getattr(out, "guarded", 0)
        build.counts[name] = {reason: count for reason, count in sorted(counts.items()) if count or reason == "written"}
        path = build.folder / target.path
        build.written.append(files.facts(build.folder, path, rows=out.rows, schema_version=target.schema))
    if "krippendorff_matrix" in build.options.formats:
        _put(build, "data/krippendorff/value_domain.json", json.dumps(crowds.VALUE_DOMAIN) + "\n")


def _criterion(snapshot: Snapshot, options: Options) -> str:
    known = snapshot.criteria()
    if options.criterion and options.criterion not in known:
        raise UnknownCriterion(f"No judgment is about {options.criterion!r}. Choose one of {', '.join(known)}.")
    return options.criterion or (known[0] if known else "")


def _contents(build: _Build, sizes: dict[str, int], people: list[Any]) -> manifest.Contents:
    outcomes = build.snapshot.outcomes()
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
        preference=build.counts.get("preference", {}),
        formats=build.counts,
        guarded_cells=build.guarded,
        held_out={"judgments": sizes["held_out_judgments"], "tasks": sizes["held_out_tasks"]},
        suppressed_groups=0 if build.options.profile == "internal" else annotators.suppressed(people),
    )


def _documents(build: _Build, contents: manifest.Contents, rubrics: list[Row]) -> dict[str, Any]:
    """Write what is said of the other files, then the manifest about all of them, then the list of all hashes."""
    _put(build, "rubrics.json", _json(rubrics))
    _put(build, "diagnostics.json", _json(manifest.exact(build.origin.diagnostics)))
    for name, text in schemas.texts().items():
        _put(build, f"schemas/{name}.json", text)
    _put(build, "LICENSE.txt", build.options.license + "\n" if build.options.license else NO_LICENSE)
    _put(build, "verify.py", VERIFY.read_text(encoding="utf-8"))
    facts = _manifest(build, contents)
    _put(build, "datasheet.md", datasheet.text(facts))
    _put(build, "croissant.json", croissant.text(facts))
    _put(build, "README.md", card.text(_manifest(build, contents)))
    complete = _manifest(build, contents)
    (build.folder / manifest.NAME).write_bytes(manifest.text(complete).encode())
    manifest.write_sums(build.folder, complete)
    return complete


def _manifest(build: _Build, contents: manifest.Contents) -> dict[str, Any]:
    chosen, canary = build.options.as_dict(), build.names.canary()
    return manifest.build(build.origin, contents, options=chosen, canary=canary, files=build.written)


def _put(build: _Build, name: str, text: str) -> None:
    build.written.append(files.write_text(build.folder, name, text))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


class _Meter:
    """Counts rows over all tables and says how far the build is, 1 to 99 percent."""

    def __init__(self, progress: Progress, *, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def over[Counted](self, stage: str, rows: Iterable[Counted]) -> Iterator[Counted]:
        self._say(stage)
        for row in rows:
            yield row
            self._done += 1
            if self._done % REPORT_EVERY == 0:
                self._say(stage)

    def _say(self, stage: str) -> None:
        self._progress(stage, max(1, min(99, 100 * self._done // self._total)))
