"""manifest.json: what a release holds, what it follows from, what was left out."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from calibration.exports.files import FileFacts

NAME, SUMS = "manifest.json", "SHA256SUMS"
SAFE_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a release comes from; everything in it is fixed when the release is asked for."""

    export_id: str
    number: int
    created_at: str
    steelyard_version: str
    campaign_id: str
    campaign_slug: str
    campaign_name: str
    run_id: str
    snapshot_id: str
    seed: str
    code_version: str
    versions: dict[str, Any]
    headline: str
    diagnostics: dict[str, Any]
    adequacy: dict[str, Any]
    agreement: list[dict[str, Any]]
    protocol: dict[str, Any]
    population: list[dict[str, Any]]
    previous_export_id: str | None

    @property
    def folder_name(self) -> str:
        return f"steelyard-export-{self.campaign_slug}-{self.number}"


@dataclass(frozen=True, slots=True)
class Contents:
    """What the build counted while it wrote."""

    counts: dict[str, int]
    outcomes: dict[str, int]
    non_verdicts: dict[str, int]
    preference: dict[str, int]
    formats: dict[str, dict[str, int]]
    guarded_cells: int
    held_out: dict[str, int]
    suppressed_groups: int


def build(
    origin: Origin, contents: Contents, *, options: dict[str, Any], canary: str, files: Sequence[FileFacts]
) -> dict[str, Any]:
    """Return the manifest; it never lists itself."""
    manifest = {
        "schema": "manifest/1",
        "export_id": origin.export_id,
        "number": origin.number,
        "campaign_id": origin.campaign_id,
        "campaign": origin.campaign_slug,
        "campaign_name": origin.campaign_name,
        "snapshot_id": origin.snapshot_id,
        "calibration_run_id": origin.run_id,
        "created_at": origin.created_at,
        "steelyard_version": origin.steelyard_version,
        "profile": options["profile"],
        "pseudonym_scope": "record" if options["profile"] == "internal" else "export",
        "previous_export_id": origin.previous_export_id,
        "options": options,
        "canary_guid": canary,
        "files": [file.as_dict() for file in sorted(files, key=lambda file: file.path)],
        "counts": contents.counts,
        "outcomes": contents.outcomes,
        "non_verdicts": contents.non_verdicts,
        "preference": contents.preference,
        "formats": contents.formats,
        "csv_guard": {"on": options["csv_guard"], "changed_cells": contents.guarded_cells},
        # No rule leaves judgments out yet; the field says so rather than being absent.
        "exclusions": {"judgments": 0, "rules": []},
        "held_out": contents.held_out,
        "suppressed_groups": contents.suppressed_groups,
        "run": {
            "seed": origin.seed,
            "data_sha256": origin.snapshot_id,
            "code_version": origin.code_version,
            "versions": origin.versions,
            "headline": origin.headline,
        },
        "protocol": origin.protocol,
        "population": origin.population,
        "agreement": origin.agreement,
        "diagnostics": origin.diagnostics,
        "adequacy": origin.adequacy,
    }
    document: dict[str, Any] = exact(manifest)
    return document


def exact(value: Any) -> Any:
    """Return a value that JSON holds exactly everywhere: no NaN or infinity, larger integers as text."""
    if isinstance(value, dict):
        return {key: exact(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [exact(child) for child in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= SAFE_INTEGER else str(value)
    return value


def text(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_sums(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the hash of every file, the manifest included, for `sha256sum --check`; the last line is its own hash."""
    hashes = {file["path"]: file["sha256"] for file in manifest["files"]}
    hashes[NAME] = hashlib.sha256(text(manifest).encode()).hexdigest()
    body = "".join(f"{value}  {name}\n" for name, value in sorted(hashes.items())).encode()
    (folder / SUMS).write_bytes(body + b"# " + hashlib.sha256(body).hexdigest().encode() + b"\n")


def sha256(manifest: dict[str, Any]) -> str:
    """Return the hash that the audit log commits to: of the manifest's RFC 8785 form."""
    return hashlib.sha256(rfc8785.dumps(manifest)).hexdigest()
