"""The command `steelyard`: sign in, read, calibrate, release, download, verify."""

import argparse
import getpass
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from steelyard import settings, verify
from steelyard.client import Client, Mismatch, Refused, Report

WIDTH = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0: done, 1: it ended badly, 2: it could not be started."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.command(asked))
    except (Refused, Mismatch, settings.NotSignedIn) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the rows has seen enough of them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="steelyard", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    login = commands.add_parser("login", help="make a token and keep it")
    login.add_argument("url", help="address of the server, such as https://steelyard.example.org")
    login.add_argument("--user", default=os.environ.get("SY_USER"), help="SY_USER when left out")
    login.add_argument("--scope", choices=["read", "write"], default="write")
    login.add_argument("--days", type=int, default=30)
    login.set_defaults(command=_login)
    listing = commands.add_parser("campaigns", help="list the campaigns that you may read")
    listing.set_defaults(command=_campaigns)
    judgments = commands.add_parser("judgments", help="print judgments as JSON lines")
    judgments.add_argument("campaign")
    for name in ("criterion", "outcome", "annotator", "since"):
        judgments.add_argument(f"--{name}")
    judgments.set_defaults(command=_judgments)
    calibrate = commands.add_parser("calibrate", help="fit a campaign and wait for the end")
    calibrate.add_argument("campaign")
    calibrate.add_argument("--seed", type=int)
    calibrate.set_defaults(command=_calibrate)
    release = commands.add_parser("release", help="build a release and wait for it; prints its id")
    release.add_argument("campaign")
    release.add_argument("--run")
    release.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="value is JSON or a word")
    release.set_defaults(command=_release)
    download = commands.add_parser("download", help="download a release, or the newest one of a campaign")
    download.add_argument("release", help="id of a release, or a campaign")
    download.add_argument("--file", default="", help="only this file of it, such as calibrated.parquet")
    download.add_argument("--out", type=Path, default=Path())
    download.set_defaults(command=_download)
    verify = commands.add_parser("verify", help="check a release, packed or not, against its manifest")
    verify.add_argument("path", type=Path)
    verify.set_defaults(command=_verify)
    return parser


def _login(asked: argparse.Namespace) -> int:
    user = asked.user or input("User name: ")
    password = os.environ.get("SY_PASSWORD") or getpass.getpass("Password: ")
    client = Client(asked.url).login(user, password, name="steelyard", scope=asked.scope, days=asked.days)
    print(f"Signed in; the token is in {settings.keep(client)}")
    return 0


def _campaigns(asked: argparse.Namespace) -> int:
    for row in settings.stored().campaigns():
        print(f"{row['slug']:<32} {row['state']:<8} {row['name']}")
    return 0


def _judgments(asked: argparse.Namespace) -> int:
    names = ("criterion", "outcome", "annotator", "since")
    filters = {name: getattr(asked, name) for name in names if getattr(asked, name)}
    for row in settings.stored().judgments(asked.campaign, **filters):
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
    return 0


def _calibrate(asked: argparse.Namespace) -> int:
    run = settings.stored().calibrate(asked.campaign, seed=asked.seed, report=_bar())
    print(f"{run['id']} {run['state']}")
    return 0 if run["state"] == "passed" else 1


def _release(asked: argparse.Namespace) -> int:
    options = {}
    for pair in asked.option:
        name, _, value = pair.partition("=")
        try:
            options[name] = json.loads(value)
        except ValueError:
            options[name] = value
    made = settings.stored().release(asked.campaign, run=asked.run, options=options, report=_bar())
    if made["state"] != "done":
        print(made["error"] or made["state"], file=sys.stderr)
        return 1
    print(made["id"])
    return 0


def _download(asked: argparse.Namespace) -> int:
    client, release = settings.stored(), asked.release
    if len(release) != 36:
        finished = (row for row in client.releases(release) if row["state"] == "done")
        newest = next(finished, None)
        if newest is None:
            print(f"{release} has no finished release. Run: steelyard release {release}", file=sys.stderr)
            return 1
        release = newest["id"]
    name = asked.file.rsplit("/", 1)[-1] or f"{release}.zip"
    asked.out.mkdir(parents=True, exist_ok=True)
    print(client.download(release, asked.out / name, file=asked.file, report=_bar()))
    return 0


def _verify(asked: argparse.Namespace) -> int:
    """Run this project's own check, never a script that came with the release."""
    if asked.path.is_dir():
        return _check(asked.path)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(asked.path) as packed:
        packed.extractall(folder)
        inside = [path for path in Path(folder).iterdir() if path.is_dir()]
        return _check(inside[0] if len(inside) == 1 else Path(folder))


def _check(folder: Path) -> int:
    return verify.report(verify.check(folder))


def _bar() -> Report | None:
    """Return a progress bar for a terminal, nothing for a file or a pipe."""
    if not sys.stderr.isatty():
        return None

    def report(stage: str, share: float) -> None:
        done = round(WIDTH * share)
        ends = "\n" if share >= 1 else ""
        print(f"\r{'#' * done}{'.' * (WIDTH - done)} {share:4.0%} {stage:<24}", end=ends, file=sys.stderr, flush=True)

    return report
