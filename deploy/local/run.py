"""`make run`: everything on this machine, until Ctrl-C."""

import json
import os
from pathlib import Path

from deploy.local import announce, ports, preparation, programs
from deploy.local.instance import Instance
from deploy.local.plan import BadSetting, Plan
from deploy.local.postgres import Server
from deploy.local.supervisor import Hopeless, StopRequested, StopSignals, Supervisor


def run(plan: Plan) -> int:
    """Run until asked to stop; return the exit code."""
    signals = StopSignals()
    signals.install()
    make_state(plan.state_dir)
    claim = Instance(plan.state_dir)
    claim.claim()
    supervisor = Supervisor(database=None, stages=[], claim=claim, signals=signals)
    try:
        announce.say(f"Steelyard, with its files in {plan.state_dir}")
        begin(plan, supervisor)
        supervisor.start()
        announce.item("service", "starting web, workers, beat and the demonstration judge")
        supervisor.watch(port=plan.port, when_well=lambda: welcome(plan, claim))
        announce.say()  # below the ^C of the terminal
    except StopRequested:
        pass
    except Hopeless as error:
        announce.say(f"\n{error}")
        return 1
    finally:
        supervisor.stop()
        claim.release()
    announce.say("Stopped.")
    return 0


def begin(plan: Plan, supervisor: Supervisor) -> None:
    """Do everything that must be done before the programs can start."""
    claim = supervisor.claim
    left = claim.end_left_overs()
    if left:
        announce.item("left over", f"stopped what an earlier run left behind: {', '.join(left)}")
    ports.check_free(plan.port)
    judge_port = lasting_port(plan.state_dir / "judge-port", plan.port + 1)
    database_url, new_database = open_database(plan, supervisor)
    settings = plan.environment(database_url=database_url, judge_port=judge_port)
    environment = {**os.environ, **settings}
    claim.write(state="preparing", address=plan.address, environment=settings)
    preparation.prepare(plan, environment, new_database=new_database)
    supervisor.stages = programs.stages(plan, environment, judge_port=judge_port)


def open_database(plan: Plan, supervisor: Supervisor) -> tuple[str, bool]:
    """Return the address of the database and whether it is new: the given one, else our own server's."""
    if plan.database_url is not None:
        announce.item("database", "the one of DATABASE_URL")
        return plan.database_url, False
    server = Server(plan.state_dir, log=plan.logs / "postgres.log")
    supervisor.database = server
    with announce.step("database", "starting PostgreSQL"):
        server.start()
    announce.item("", f"PostgreSQL {server.programs.version}, {server.programs.origin}")
    return server.url, server.created


def lasting_port(note: Path, wish: int) -> int:
    """Return the same port at every start while it is free, because the demonstration's judge is stored with it."""
    known = note.read_text().strip() if note.exists() else ""
    port = ports.first_free(int(known) if known.isdigit() else wish)
    note.write_text(f"{port}\n")
    return port


def make_state(state_dir: Path) -> None:
    """Make the state folder, or say why it cannot be ours."""
    try:
        (state_dir / "logs").mkdir(parents=True, exist_ok=True)
        (state_dir / "lock").open("a").close()
    except OSError as error:
        raise BadSetting(
            f"{state_dir} cannot be written by this account: {error.strerror} (was it made by root?). "
            "Choose another folder, for example: STATE_DIR=~/steelyard make run"
        ) from error


def welcome(plan: Plan, claim: Instance) -> None:
    """Print where to look and how to sign in."""
    claim.write(state="running")
    announce.say(f"\nSteelyard is running at {plan.address}")
    logins = plan.state_dir / "demo-logins.json"
    if plan.seed and logins.exists():
        known = json.loads(logins.read_text())
        announce.say(f"Sign in with the password {known['password']} as")
        for name, role in known["users"]:
            announce.say(f"    {name:<10} {role}")
    announce.say(f"Logs are in {plan.logs}. Ctrl-C stops everything.\n")
