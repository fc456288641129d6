"""The whole job on a folder of public votes: import, calibrate, release, and what their papers say."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.demo import mt_bench, population, steps
from deploy.demo.client import ApiError, Client

ROOT = Path(__file__).resolve().parents[2]
FORMATS = {
    "llmfao": ["crowd-comparisons.csv", "gpt3-crowd-comparisons.csv", "gpt4-crowd-comparisons.csv"]
    + ["pairs-crowd.jsonl", "models.jsonl", "prompts.jsonl"],
    "mt_bench": ["human.jsonl", "gpt4_pair.jsonl"],
}


def run(base_url: str, data: Path, out: Path) -> None:
    format_ = next((name for name, files in FORMATS.items() if all((data / file).is_file() for file in files)), None)
    if format_ is None:
        raise ApiError(f"{data} holds neither the LLMFAO nor the MT-Bench files.")
    command = [sys.executable, str(ROOT / "manage.py"), "create_user", "rita", "--researcher"]
    subprocess.run(command, input=population.PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
    rita = Client.sign_in(base_url, "rita", population.PASSWORD)
    slug = format_.replace("_", "-")
    rita.post("/campaigns/", {"name": slug, "slug": slug})
    steps.import_files(rita, slug, [data / file for file in FORMATS[format_]], format_=format_)
    finished = steps.calibrate(rita, slug, seed=20_417)
    counts = finished["counts"]
    steps.say(f"{counts['judgments']:,} judgments by {counts['annotators']} annotators on {counts['systems']} systems")
    _agreement(rita, finished)
    _judges(rita, slug, finished)
    root = steps.release(rita, slug, finished, out)
    if format_ == "mt_bench":
        mt_bench.print_table(root)


def _agreement(rita: Client, finished: dict[str, Any]) -> None:
    for row in rita.every(f"/runs/{finished['id']}/agreement/"):
        if row["value"] is not None:
            interval = f"[{row['ci_low']:.4f}, {row['ci_high']:.4f}]" if row["ci_low"] is not None else ""
            steps.say(f"{row['who']:12} {row['metric']:28} {row['value']:.4f} {interval} n = {row['n_judgments']:,}")


def _judges(rita: Client, slug: str, finished: dict[str, Any]) -> None:
    judges = {r["id"]: r["name"] for r in rita.every(f"/campaigns/{slug}/annotators/") if r["kind"] == "judge"}
    for row in steps.estimates(rita, finished, "position_bias"):
        if row["annotator"] in judges:
            interval = f"[{row['ci_low']:+.3f}, {row['ci_high']:+.3f}]"
            steps.say(f"position bias of {judges[row['annotator']]:8} {row['value']:+.3f} {interval} n = {row['n']:,}")
