"""A million judgments in and out again: time and memory against N. JUDGMENTS chooses N."""

import os
import time
from pathlib import Path

import pytest
from django.db import connection, reset_queries

from annotation.models import Import, Judgment
from annotation.services import imports
from calibration.services import exports
from tests import factories
from tests.calibration.exports import builders

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
JUDGMENTS = int(os.environ.get("JUDGMENTS", "1000000"))
SYSTEMS, PEOPLE, PAIRS = 5, 500, 10


def write_files(folder: Path, judgments: int) -> Path:
    """Write N judgments, at most 25 of them on each pair of five responses to a prompt."""
    folder.mkdir()
    prompts = max(1, judgments // (25 * PAIRS))
    text = "The answer to this question is not as simple as it may look at first. " * 12
    with (folder / "tasks.jsonl").open("w") as tasks:
        for prompt in range(prompts):
            for system in range(SYSTEMS):
                asked = f'"prompt":"Question {prompt}?",' if system == 0 else ""
                tasks.write(
                    f'{{"prompt_id":"p{prompt}",{asked}"system":"s{system}","response":"{prompt} {system} {text}"}}\n'
                )
    pairs = [(a, b) for a in range(SYSTEMS) for b in range(a + 1, SYSTEMS)]
    with (folder / "judgments.csv").open("w") as rows:
        rows.write("prompt_id,system_a,system_b,annotator_id,outcome,shown_order,submitted_at,active_ms\n")
        for number in range(judgments):
            task, vote = divmod(number, 25)
            prompt, pair = divmod(task, PAIRS)
            a, b = pairs[pair]
            person = (task * 7 + vote * 19) % PEOPLE
            outcome = ("a", "b", "tie")[(number * 2_654_435_761 >> 7) % 3]
            order = "ab" if number % 2 else "ba"
            rows.write(f"p{prompt},s{a},s{b},w{person},{outcome},{order},2026-03-04T15:27:33Z,12000\n")
    return folder


class Memory:
    """The memory of this process: what it held at first, and its peak since."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self.baseline = self._read("VmRSS")

    def peak(self) -> float:
        return self._read("VmHWM")

    @staticmethod
    def _read(name: str) -> float:
        line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
        return int(line.split()[1]) / 1024


def test_a_million_judgments_go_in_and_out_within_bounds(tmp_path: Path, state_dir: Path, settings, capsys):
    settings.DEBUG = False
    folder = write_files(tmp_path / "files", JUDGMENTS)
    campaign = factories.campaign()
    memory, started = Memory(), time.perf_counter()
    source = imports.start_from_path(campaign=campaign, path=folder, format="canonical", source_name="scale", by=None)
    done = imports.run(source.pk)
    seconds, peak = time.perf_counter() - started, memory.peak()
    say = f"\n{JUDGMENTS:,} judgments: imported in {seconds:.0f} s, peak {peak:.0f} MB (baseline {memory.baseline:.0f})"
    assert (done.state, done.errors) == (Import.State.DONE, [])
    assert Judgment.objects.count() == JUDGMENTS
    run = builders.passed_run(campaign)
    reset_queries()
    with capsys.disabled():
        print(say)
        for formats in ([], ["preference", "arena", "plain"]):
            memory, started = Memory(), time.perf_counter()
            export = exports.request(campaign=campaign, by=None, run=run, chosen={"formats": formats})
            built = exports.build(export.pk)
            release_seconds, above = time.perf_counter() - started, memory.peak() - memory.baseline
            print(f"released with {formats} in {release_seconds:.0f} s, {above:.0f} MB above {memory.baseline:.0f} MB")
            assert built.manifest["counts"]["judgments"] == JUDGMENTS
            assert above <= 300
        with connection.cursor() as cursor:
            for offset in (0, JUDGMENTS // 2, JUDGMENTS - 60):
                first = Judgment.objects.order_by("pk").values_list("pk", flat=True)[0]
                began = time.perf_counter()
                cursor.execute(
                    "select id from annotation_judgment where campaign_id = %s and id > %s order by id limit 51",
                    [campaign.pk, first + offset],
                )
                cursor.fetchall()
                print(f"page after {offset:,}: {1000 * (time.perf_counter() - began):.1f} ms")
    assert peak <= 500
    assert seconds <= 300
