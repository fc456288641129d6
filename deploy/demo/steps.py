"""The steps that both demonstrations share: import, calibrate, release, check."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from deploy.demo.client import ApiError, Client

FINAL_IMPORT = {"previewed", "done", "failed"}
FINAL_RUN = {"passed", "not_converged", "failed", "cancelled"}
FINAL_EXPORT = {"done", "failed"}


def say(line: str) -> None:
    print(line, flush=True)


def progress(line: str) -> None:
    """Show a line that the next one replaces, where somebody is watching."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line}", end="", flush=True)


def import_files(rita: Client, slug: str, files: list[Path], *, format_: str, **fields: str) -> dict[str, Any]:
    job = rita.upload(f"/campaigns/{slug}/imports/", files, format=format_, commit="true", **fields)
    path = f"/campaigns/{slug}/imports/{job['id']}/"
    done = rita.wait(
        path, until=FINAL_IMPORT, seconds=600, show=lambda j: progress(f"importing: {j['rows_done']} rows")
    )
    progress("")
    if done["state"] != "done":
        raise ApiError(f"The import failed: {json.dumps(done['errors'][:3])}")
    say("imported " + ", ".join(f"{count:,} {name}" for name, count in done["counts"].items()))
    return dict(done["counts"])


def calibrate(rita: Client, slug: str, *, seed: int) -> dict[str, Any]:
    _wait_for_others(rita, slug)
    run = rita.post(f"/campaigns/{slug}/runs/", {"seed": seed})

    def show(job: dict[str, Any]) -> None:
        rest = "" if job["eta_seconds"] is None else f", about {job['eta_seconds']} s to go"
        progress(f"calibrating: {job['stage'] or job['state']} {job['percent']}%{rest}")

    done = rita.wait(f"/runs/{run['id']}/", until=FINAL_RUN, seconds=1_800, show=show)
    progress("")
    if done["state"] != "passed":
        raise ApiError(f"The run ended as {done['state']}: {done['diagnostics'] or done['error']}")
    say(done["headline"])
    figures = done["diagnostics"]
    say(
        f"gate passed: R-hat {figures['rhat_max']:.4f}, ESS {figures['ess_bulk_min']:.0f} bulk and "
        f"{figures['ess_tail_min']:.0f} tail, {figures['divergences']} divergences, {figures['chains']} chains"
    )
    return dict(done)


def _wait_for_others(rita: Client, slug: str) -> None:
    """Let a run that the service started by itself end: it may have begun before the last judgment."""
    for run in rita.every(f"/campaigns/{slug}/runs/"):
        if run["state"] not in FINAL_RUN:
            progress(f"waiting for run {run['id']}")
            rita.wait(f"/runs/{run['id']}/", until=FINAL_RUN, seconds=900, show=lambda _: None)


def release(rita: Client, slug: str, run: dict[str, Any], out: Path) -> Path:
    """Build and download a release and check every file against the manifest."""
    export = rita.post("/exports/", {"campaign": slug, "run": run["id"]})
    path = f"/exports/{export['id']}/"
    done = rita.wait(
        path, until=FINAL_EXPORT, seconds=600, show=lambda j: progress(f"building the release: {j['percent']}%")
    )
    progress("")
    if done["state"] != "done":
        raise ApiError(f"The export failed: {done['error']}")
    out.mkdir(parents=True, exist_ok=True)
    archive = out / f"{slug}.zip"
    rita.download(f"{path}download/", archive)
    folder = out / slug
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(folder)
    root = next(folder.rglob("manifest.json")).parent
    check_manifest(root)
    return root


def check_manifest(root: Path) -> None:
    manifest = json.loads((root / "manifest.json").read_text())
    for file in manifest["files"]:
        if hashlib.sha256((root / file["path"]).read_bytes()).hexdigest() != file["sha256"]:
            raise ApiError(f"{file['path']} does not match the manifest.")
    say(f"bundle: {len(manifest['files'])} files match the manifest, {root}")


def estimates(rita: Client, run: dict[str, Any], quantity: str) -> list[dict[str, Any]]:
    return rita.every(f"/runs/{run['id']}/estimates/", quantity=quantity)
