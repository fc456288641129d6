"""The whole job on a simulated campaign: labeled over HTTP, judged, calibrated, released, compared with its truth."""

import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any

from deploy.demo import population, steps
from deploy.demo.client import Client

ROOT = Path(__file__).resolve().parents[2]
SLUG = "demonstration"
OVERLAP = 3


def run(base_url: str, out: Path) -> None:
    truth = population.truth()
    truth.write_judge_table(Path(os.environ["STATE_DIR"]))
    _create_accounts(["rita"], "--researcher")
    _create_accounts([person.username for person in population.PEOPLE])
    rita = Client.sign_in(base_url, "rita", population.PASSWORD)
    _open_campaign(rita)
    steps.import_files(
        rita, SLUG, [population.TASKS], format_="tasks", pairs_per_prompt=str(population.PAIRS_PER_PROMPT)
    )
    people = _sign_in_people(base_url, rita)
    _label(people, truth)
    _judge(rita)
    finished = steps.calibrate(rita, SLUG, seed=20_417)
    _compare(rita, finished, truth)
    steps.release(rita, SLUG, finished, out)


def _create_accounts(names: list[str], *options: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "create_user", *names, *options]
    subprocess.run(command, input=population.PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)


def _open_campaign(rita: Client) -> None:
    rita.post("/campaigns/", {"name": "Demonstration", "slug": SLUG, "overlap": OVERLAP})
    rita.post(f"/campaigns/{SLUG}/state/", {"action": "open"})


def _sign_in_people(base_url: str, rita: Client) -> dict[str, Client]:
    people = {p.username: Client.sign_in(base_url, p.username, population.PASSWORD) for p in population.PEOPLE}
    for client in people.values():
        client.post(f"/campaigns/{SLUG}/apply/")
    for applicant in rita.every(f"/campaigns/{SLUG}/enrollments/"):
        decision = {"decision": "accept", "reason": "part of the demonstration"}
        rita.post(f"/campaigns/{SLUG}/enrollments/{applicant['annotator']}/", decision)
    return people


def _label(people: dict[str, Client], truth: population.Truth) -> None:
    """Let everybody label at the same time until nothing is left for them."""
    started = time.monotonic()
    with ThreadPoolExecutor(len(people)) as pool:
        jobs = [pool.submit(_work, person, people[person.username], truth) for person in population.PEOPLE]
        counts = [job.result() for job in jobs]
    seconds = time.monotonic() - started
    steps.say(f"{len(people)} evaluators gave {sum(counts):,} judgments over HTTP in {seconds:.0f} s")


def _work(person: population.Evaluator, client: Client, truth: population.Truth) -> int:
    rng = random.Random(person.username)  # noqa: S311  (a simulation)
    count = 0
    while task := client.post(f"/campaigns/{SLUG}/next/"):
        side = truth.answer(person, task["left"]["text"], task["right"]["text"], rng)
        body = {"answers": {"overall": {"side": side}}, "active_ms": rng.randrange(5_000, 60_000)}
        client.post(f"/assignments/{task['id']}/judgments/", body, **{"Idempotency-Key": f"demo-{task['id']}"})
        count += 1
        if count % 20 == 0:
            steps.progress(f"labeling: {person.username} has judged {count}")
    return count


def _judge(rita: Client) -> None:
    path = f"/campaigns/{SLUG}/judges/"
    body = {"name": "parametric judge", "family": "parametric", "base_url": f"{os.environ['JUDGE_DEMO_URL']}/v1"}
    judge = rita.post(path, {**body, "model": "parametric-1", "settings": {"egress_class": "local"}})
    planned = rita.post(f"{path}{judge['id']}/start/")["planned"]
    deadline = time.monotonic() + 600
    while (states := rita.get(path)[0]["requests"]).get("queued", 0) + states.get("leased", 0):
        steps.progress(f"judging: {states}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"The judge did not finish {planned} requests: {states}")
        time.sleep(1)
    steps.say(f"one judge, both orders: {', '.join(f'{count} {state}' for state, count in states.items())}")


def _compare(rita: Client, finished: dict[str, Any], truth: population.Truth) -> None:
    """Print truth beside estimate; scales as reported: the average person discriminates with slope 1."""
    scale = mean(person.discrimination for person in population.PEOPLE)
    center = mean(population.STRENGTH.values())
    strengths = {name: (value - center) * scale for name, value in population.STRENGTH.items()}
    slopes = {person.username: person.discrimination / scale for person in population.PEOPLE}
    slopes["parametric judge"] = population.JUDGE["discrimination"] / scale
    positions = {person.username: person.position for person in population.PEOPLE}
    positions["parametric judge"] = population.JUDGE["first_slot_bias"]
    names = _names(rita)
    inside = total = 0
    for quantity, known in (("strength", strengths), ("discrimination", slopes), ("position_bias", positions)):
        steps.say(f"\n{quantity:26} truth   estimate [90% interval]")
        for row in steps.estimates(rita, finished, quantity):
            subject = row["system"] or names[row["annotator"]]
            hit = row["ci_low"] <= known[subject] <= row["ci_high"]
            inside, total = inside + hit, total + 1
            interval = f"[{row['ci_low']:+.2f}, {row['ci_high']:+.2f}]"
            steps.say(f"{subject:26} {known[subject]:+.2f}   {row['value']:+.2f} {interval} {'' if hit else 'outside'}")
    steps.say(f"\n{inside} of {total} truths lie inside their 90% interval")


def _names(rita: Client) -> dict[str, str]:
    """Match annotators to the simulated people: the researcher's list names the account behind each."""
    people = {row["annotator"]: row["username"] for row in rita.every(f"/campaigns/{SLUG}/enrollments/")}
    return people | {judge["id"]: judge["name"] for judge in rita.get(f"/campaigns/{SLUG}/judges/")}
