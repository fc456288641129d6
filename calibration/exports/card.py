"""README.md of a release: a short card for people, made of the manifest's own facts."""

import re
from collections.abc import Iterable
from typing import Any

from calibration.exports.records import annotators, calibrated, judgments, preference, systems

TABLES = (judgments.TABLE, calibrated.TABLE, annotators.TABLE, systems.TABLE, preference.TABLE)


def text(manifest: dict[str, Any]) -> str:
    """Return the card; `manifest` is complete but for this file's own entry."""
    parts = (
        _head(manifest),
        _files(manifest["files"]),
        _agreement(manifest["agreement"]),
        _left_out(manifest),
        _columns(),
        _use(manifest["canary_guid"]),
    )
    return "\n\n".join(parts) + "\n"


def _head(manifest: dict[str, Any]) -> str:
    counts, run = manifest["counts"], manifest["run"]
    return f"""# {_inline(manifest["campaign_name"])}

Calibrated preference data released by Steelyard {manifest["steelyard_version"]}: {counts["judgments"]:,} judgments on \
{counts["tasks"]:,} tasks by {counts["annotators_human"]:,} people and {counts["annotators_judge"]:,} LLM judges.

{_inline(run["headline"])}

- Release `{manifest["export_id"]}`, asked for {manifest["created_at"]}.
- Calibration run `{manifest["calibration_run_id"]}`.
- The run passed its convergence checks; its seed is {run["seed"]}, its data hash `{manifest["snapshot_id"]}`.
- Pseudonyms of annotators and ids of judgments hold in this release only. Names of people are not in it.
- Licence: not recorded."""


def _files(files: Iterable[dict[str, Any]]) -> str:
    lines = [f"| {file['path']} | {_number(file['rows'])} | `{file['sha256']}` |" for file in files]
    return "## Files\n\n| File | Rows | SHA-256 |\n|---|---|---|\n" + "\n".join(lines)


def _agreement(records: list[dict[str, Any]]) -> str:
    shown = [record for record in records if not record["slice"]]
    lines = [
        f"| {record['criterion'] or 'all'} | {record['who']} | {record['metric']} {record['level']} "
        f"| {_figure(record['value'])} | {_interval(record)} | {record['n_judgments']:,} |"
        for record in shown
    ]
    head = "| Criterion | Between | Measure | Value | Interval | Judgments |\n|---|---|---|---|---|---|\n"
    return "## Agreement\n\n" + (head + "\n".join(lines) if lines else "Not recorded.")


def _left_out(manifest: dict[str, Any]) -> str:
    preference_counts = ", ".join(f"{name} {count:,}" for name, count in manifest["preference"].items())
    non_verdicts = ", ".join(f"{name} {count:,}" for name, count in manifest["non_verdicts"].items()) or "none"
    held_out = manifest["held_out"]
    return f"""## Left out

- Excluded by rule: {manifest["exclusions"]["judgments"]} judgments.
- Held out, never released: {held_out["judgments"]:,} judgments on {held_out["tasks"]:,} tasks.
- Answers without a verdict (kept in judgments, in no estimate): {non_verdicts}.
- Groups of fewer than five people, left blank: {manifest["suppressed_groups"]} people.
- Preference file: {preference_counts}."""


def _columns() -> str:
    tables = []
    for table in TABLES:
        lines = [f"- `{column.name}`: {column.description}" for column in table.columns]
        tables.append(f"### {table.name} ({table.schema_version}): {table.description}\n\n" + "\n".join(lines))
    return "## Fields\n\n" + "\n\n".join(tables)


def _use(canary: str) -> str:
    return f"""## Use

```python
import pandas as pd

calibrated = pd.read_parquet("calibrated.parquet")
```

Votes are in `judgments`, soft labels in `calibrated`: one does not replace the other. A model trained on these files
should not be evaluated on them; the string below tells whether they were in a training set.

Canary GUID {canary}"""


def _inline(words: str) -> str:
    """Keep text of people on one line and free of markup."""
    return re.sub(r"([\\`*_\[\]<>#|!])", r"\\\1", " ".join(words.split()))


def _number(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,}"


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _interval(record: dict[str, Any]) -> str:
    if record["ci_low"] is None or record["ci_high"] is None:
        return ""
    return f"{record['ci_low']:.3f} to {record['ci_high']:.3f} ({record['ci_level']:.0%})"
