import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import preparation
from deploy.local.plan import Plan
from deploy.local.preparation import CommandFailed, Stamps


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the management commands instead of running them."""
    seen: list[str] = []

    @contextlib.contextmanager
    def alongside(command: list[str], *_: object) -> Iterator[None]:
        seen.append(command[2])
        yield

    monkeypatch.setattr(preparation, "run", lambda command, *_, **__: seen.append(command[2]))
    monkeypatch.setattr(preparation, "alongside", alongside)
    return seen


def plan(state_dir: Path, *, seed: bool = True, database_url: str | None = None) -> Plan:
    (state_dir / "static").mkdir(exist_ok=True)
    return Plan(state_dir, 8000, seed, database_url)


def test_the_first_start_does_everything_and_the_second_nothing(tmp_path: Path, commands: list[str]) -> None:
    preparation.prepare(plan(tmp_path), {}, new_database=True)
    assert commands == ["collectstatic", "migrate", "seed_demo"]
    commands.clear()
    preparation.prepare(plan(tmp_path), {}, new_database=False)
    assert commands == []


def test_a_new_database_is_prepared_from_the_beginning(tmp_path: Path, commands: list[str]) -> None:
    preparation.prepare(plan(tmp_path), {}, new_database=True)
    commands.clear()
    preparation.prepare(plan(tmp_path), {}, new_database=True)
    assert commands == ["collectstatic", "migrate", "seed_demo"]


def test_a_database_of_somebody_else_is_migrated_at_every_start(tmp_path: Path, commands: list[str]) -> None:
    elsewhere = plan(tmp_path, database_url="postgresql://someone@host/name")
    for _ in range(2):
        preparation.prepare(elsewhere, {}, new_database=False)
    assert commands.count("migrate") == 2


def test_without_seed_there_is_no_demonstration(tmp_path: Path, commands: list[str]) -> None:
    preparation.prepare(plan(tmp_path, seed=False), {}, new_database=True)
    assert "seed_demo" not in commands


def test_static_files_that_were_removed_are_gathered_again(tmp_path: Path, commands: list[str]) -> None:
    chosen = plan(tmp_path)
    preparation.prepare(chosen, {}, new_database=True)
    commands.clear()
    (tmp_path / "static").rmdir()
    preparation.prepare(Plan(tmp_path, 8000, True, None), {}, new_database=False)
    assert commands == ["collectstatic"]


def test_a_step_that_failed_is_not_stamped(
    tmp_path: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CommandFailed("no")

    monkeypatch.setattr(preparation, "run", fail)
    with pytest.raises(CommandFailed):
        preparation.prepare(plan(tmp_path), {}, new_database=True)
    assert not list((tmp_path / "stamps").glob("*"))


def test_a_fingerprint_sees_a_changed_a_new_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    paths = [tmp_path / "one", tmp_path / "two"]
    marks = [preparation.fingerprint(paths)]
    (tmp_path / "one").write_text("12")
    marks.append(preparation.fingerprint(paths))
    (tmp_path / "two").write_text("1")
    marks.append(preparation.fingerprint(paths))
    (tmp_path / "one").unlink()
    marks.append(preparation.fingerprint(paths))
    assert len(set(marks)) == 4


def test_stamps_hold_only_for_the_value_they_were_set_for(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamps")
    stamps.set("schema", "a")
    assert stamps.holds("schema", "a")
    assert not stamps.holds("schema", "b")
    assert not stamps.holds("static", "a")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_failing_command_shows_the_end_of_its_output(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="the reason"):
        preparation.run(python("print('the reason'); raise SystemExit(4)"), dict(os.environ), tmp_path / "command.log")


def test_progress_of_a_command_is_seen_line_by_line_while_it_works(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    started = time.monotonic()
    code = "import time; print('one', flush=True); time.sleep(1); print(); print('two'); print('no end', end='')"
    preparation.run(
        python(code),
        dict(os.environ),
        tmp_path / "command.log",
        follow=lambda line: seen.append((line, time.monotonic() - started)),
    )
    assert [line for line, _ in seen] == ["one", "two"]
    assert seen[1][1] - seen[0][1] > 0.5
    assert (tmp_path / "command.log").read_text() == "one\n\ntwo\nno end"


def test_a_command_alongside_is_waited_for(tmp_path: Path) -> None:
    code = f"import time; time.sleep(0.3); open({str(tmp_path / 'made')!r}, 'w').close()"
    with preparation.alongside(python(code), dict(os.environ), tmp_path / "command.log"):
        assert not (tmp_path / "made").exists()
    assert (tmp_path / "made").exists()


def test_a_command_alongside_ends_with_what_it_was_beside(tmp_path: Path) -> None:
    with (
        pytest.raises(CommandFailed, match="other"),
        preparation.alongside(python("import time; time.sleep(60)"), dict(os.environ), tmp_path / "a.log") as process,
    ):
        raise CommandFailed("other")
    assert process.returncode is not None
