"""Provide the Chromium of the browser tests: one that is there, else Playwright's, else Debian's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local import announce

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLAYWRIGHT = [sys.executable, "-m", "playwright"]


def find() -> Path | None:
    """Return a Chromium that runs: the one CHROMIUM names, one on the PATH, or the one Playwright installed."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    on_path = [found for name in NAMES if (found := shutil.which(name))]
    return next((Path(found) for found in [*named, *on_path] if runs(Path(found))), None) or find_playwrights()


def find_playwrights() -> Path | None:
    """Return the Chromium in Playwright's own folder, if it runs."""
    from playwright.sync_api import sync_playwright  # only the tests' packages hold it

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if runs(path) else None


def runs(program: Path) -> bool:
    """Tell whether the program states its version; a stub or a missing library does not."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def provide() -> Path | None:
    """Return a Chromium, installing one where that is possible."""
    found = find()
    if found is not None:
        return found
    announce.item("browser", "no Chromium found, trying Playwright's")
    subprocess.run([*PLAYWRIGHT, "install", "chromium"], timeout=600, check=False)
    if (found := find()) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        announce.item("browser", "trying Debian's chromium")
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], env=environment, check=False)
        found = find()
    return found


def main() -> int:
    """Say which browser the tests will use; in CI none is a failure."""
    found = provide()
    if found is not None:
        announce.item("browser", str(found))
        return 0
    announce.item(
        "browser",
        "browser tests are skipped: there is no Chromium and none could be installed "
        "(install chromium, or set CHROMIUM to a program)",
    )
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
