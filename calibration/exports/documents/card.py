"""README.md of a release: a card for people, with the head that the Hugging Face hub reads, from the manifest."""

import json
from collections.abc import Iterable
from typing import Any

from calibration.exports.documents import statements as say
from calibration.exports.formats import FORMATS
from calibration.exports.records import TABLES
from calibration.exports.records.columns import Kind

TYPES = {
    Kind.TEXT: "string",
    Kind.OBJECT: "string",
    Kind.INTEGER: "int64",
    Kind.NUMBER: "float64",
    Kind.FLAG: "bool",
    Kind.TIME: "timestamp[ms, tz=UTC]",
}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
# Files that a table loader would misread: one array of nested tasks, a matrix whose columns are tasks.
NOT_LOADED = ("label_studio", "argilla", "krippendorff_matrix")
BESIDE = {
    "p_chosen": "probability that chosen is preferred, given no tie",
    "sd, ci_low, ci_high, ci_level": "its standard deviation and equal-tailed interval",
    "soft_label_kind": "posterior: from the run; empirical: vote shares",
    "n_votes, n_human": "votes on the task that count, and those of people among them",
    "contested": "the interval holds one half",
    "soft_label": "shares of chosen, tie, rejected; with label_mode soft",
    "annotator_id": "whose vote it is; with label_mode votes",
    "margin": "2 p_chosen - 1; on request, because TRL's reward trainer puts it into its loss",
}


def text(manifest: dict[str, Any]) -> str:
    """Return the card; `manifest` is complete but for this file's own entry."""
    parts = (
        _yaml(manifest),
        _head(manifest),
        _files(manifest["files"]),
        _columns(),
        _collection(manifest),
        "## Agreement\n\n" + _agreement(manifest["agreement"]),
        _calibration(manifest),
        f"## Judges and sentinels\n\n{say.inline(say.judges(manifest))}.",
        _left_out(manifest),
        _limitations(manifest),
        _use(manifest),
    )
    return "\n\n".join(parts) + "\n"


def _yaml(manifest: dict[str, Any]) -> str:
    """Return the head; JSON is YAML, so every value is written as JSON."""
    counts, protocol = manifest["counts"], manifest["protocol"]
    creators = ["crowdsourced"] * bool(counts["annotators_human"])
    creators += ["machine-generated"] * bool(counts["annotators_judge"])
    head = {
        "license": (manifest["options"]["license"] or "unknown").lower(),
        "language": sorted({language.split("-")[0] for language in protocol["languages"]}),
        "pretty_name": say.title(manifest),
        "size_categories": [next((name for top, name in SIZES if counts["judgments"] < top), "1M<n<10M")],
        "task_categories": ["text-generation"],
        "tags": ["preference", "human-feedback", "steelyard"],
        "annotations_creators": creators,
        "configs": _configs(manifest),
        "dataset_info": _info(manifest),
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    return "---\n" + "\n".join(lines) + "\n---"


def _configs(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    tables = [(table.name, f"{table.name}.parquet") for table in TABLES]
    chosen = [name for name in manifest["options"]["formats"] if name not in NOT_LOADED]
    data = [(name, FORMATS[name].path) for name in chosen if manifest["formats"][name]["written"]]
    default = "preference" if "preference" in chosen else "judgments"
    return [
        {"config_name": name, "default": name == default, "data_files": [{"split": "train", "path": path}]}
        for name, path in (*tables, *data)
    ]


def _info(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    files = {entry["path"]: entry for entry in manifest["files"]}
    described = []
    for table in TABLES:
        entry = files[f"{table.name}.parquet"]
        features = [
            {"name": column.name, "list": "string"}
            if column.kind == Kind.TEXTS
            else {"name": column.name, "dtype": TYPES[column.kind]}
            for column in table.columns
        ]
        split = {"name": "train", "num_bytes": entry["bytes"], "num_examples": entry["rows"]}
        described.append({"config_name": table.name, "features": features, "splits": [split]})
    return described


def _head(manifest: dict[str, Any]) -> str:
    run = manifest["run"]
    return f"""# {say.inline(say.title(manifest))}

Calibrated preference data released by Steelyard {manifest["steelyard_version"]}: {say.headline(manifest)}.
{say.labels(manifest)}

{say.inline(run["headline"])}

- Release `{manifest["export_id"]}`, asked for {manifest["created_at"]}.
- Calibration run `{manifest["calibration_run_id"]}`.
- The run passed its convergence checks; its seed is {run["seed"]}, its data hash `{manifest["snapshot_id"]}`.
- {say.privacy(manifest)}
- Licence: {say.inline(say.license_of(manifest))}."""


def _files(files: Iterable[dict[str, Any]]) -> str:
    lines = [f"| {file['path']} | {_number(file['rows'])} | `{file['sha256']}` |" for file in files]
    return "## Files\n\n| File | Rows | SHA-256 |\n|---|---|---|\n" + "\n".join(lines)


def _columns() -> str:
    tables = []
    for table in TABLES:
        lines = [f"- `{column.name}`: {column.description}" for column in table.columns]
        tables.append(f"### {table.name} ({table.schema_version}): {table.description}\n\n" + "\n".join(lines))
    beside = "\n".join(f"- `{names}`: {meaning}" for names, meaning in BESIDE.items())
    tables.append(f"### data/preference and its relatives: what stands beside the texts\n\n{beside}")
    return "## Fields\n\n" + "\n\n".join(tables)


def _collection(manifest: dict[str, Any]) -> str:
    return f"""## Collection

{say.protocol(manifest)} Time: {say.timeframe(manifest)}. Source: {say.inline(say.sources(manifest))}.

{say.inline(say.said(manifest, "collection"))}

## Annotators

{say.consent(manifest)} Each annotator's reliability and biases stand in annotators, with interval and n."""


def _agreement(records: list[dict[str, Any]]) -> str:
    lines = [
        f"| {record['criterion'] or 'all'} | {record['who']} | {record['metric']} {record['level']} "
        f"| {_figure(record['value'])} | {_interval(record)} | {record['n_judgments']:,} |"
        for record in records
        if not record["slice"]
    ]
    head = "| Criterion | Between | Measure | Value | Interval | Judgments |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(lines) if lines else "Not recorded."


def _calibration(manifest: dict[str, Any]) -> str:
    numbers = {name: value for name, value in manifest["diagnostics"].items() if _is_number(value)}
    checks = ", ".join(f"{name} {value:g}" for name, value in numbers.items())
    return f"""## Calibration

Convergence: {checks or say.NOT_RECORDED}. The rest stands in diagnostics.json and manifest.json.

Biases: {say.inline(say.biases(manifest))}."""


def _left_out(manifest: dict[str, Any]) -> str:
    lines = [f"- {say.missing(manifest)}"]
    for name, counts in manifest["formats"].items():
        told = ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in counts.items())
        lines.append(f"- `{FORMATS[name].path}`: {told}.")
    guard = manifest["csv_guard"]
    lines.append(
        f"- CSV: {guard['changed_cells']:,} cells that a spreadsheet would take for formulas begin with an apostrophe."
        if guard["on"]
        else "- CSV: cells are exact, and a spreadsheet may take some for formulas."
    )
    return "## Exclusions\n\n" + "\n".join(lines)


def _limitations(manifest: dict[str, Any]) -> str:
    return f"""## Limitations

Not for: {say.inline(say.said(manifest, "unsuitable_uses"))}. Sensitive content: \
{say.inline(say.said(manifest, "sensitive"))}. The datasheet says more."""


def _use(manifest: dict[str, Any]) -> str:
    return f"""## Citation

{say.inline(say.said(manifest, "citation"))}

## Use

```python
import pandas as pd

calibrated = pd.read_parquet("calibrated.parquet")
```

Votes are in `judgments`, soft labels in `calibrated`: one does not replace the other. `python3 verify.py` compares
every file with the manifest. A model trained on these files should not be evaluated on them; the string below tells
whether they were in a training set.

Canary GUID {manifest["canary_guid"]}"""


def _number(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _interval(record: dict[str, Any]) -> str:
    if record["ci_low"] is None or record["ci_high"] is None:
        return ""
    return f"{record['ci_low']:.3f} to {record['ci_high']:.3f} ({record['ci_level']:.0%})"
