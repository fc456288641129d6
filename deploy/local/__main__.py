"""`python -m deploy.local run | demo | manage`."""

import argparse
import os
import subprocess
import sys

from deploy.local import announce, instance
from deploy.local.demo import demo
from deploy.local.instance import AlreadyRunning
from deploy.local.plan import ROOT, BadSetting, from_environment, manage
from deploy.local.ports import PortInUse
from deploy.local.postgres import PostgresError
from deploy.local.postgres.accounts import NoServerAccount
from deploy.local.postgres.binaries import NoServerBinaries
from deploy.local.postgres.folders import UnsafeFolder
from deploy.local.preparation import CommandFailed
from deploy.local.run import run
from deploy.local.stack import StackFailed

EXPECTED = (
    AlreadyRunning,
    BadSetting,
    CommandFailed,
    NoServerAccount,
    NoServerBinaries,
    PortInUse,
    PostgresError,
    StackFailed,
    UnsafeFolder,
)


def main(arguments: list[str]) -> int:
    """Run a command; a problem we know is one message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="run everything until Ctrl-C")
    running.add_argument("--no-seed", action="store_true", help="do not make the demonstration campaign")
    commands.add_parser("demo", help="the whole job without hands", add_help=False)
    commands.add_parser("manage", help="a management command on the running stack", add_help=False)
    chosen, rest = parser.parse_known_args(arguments)
    try:
        if chosen.command == "demo":
            return demo(rest)
        if chosen.command == "manage":
            return manage_running(rest)
        return run(from_environment(seed=not chosen.no_seed))
    except EXPECTED as error:
        announce.say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        return 130


def manage_running(arguments: list[str]) -> int:
    """Run a management command with the environment of the stack that `make run` started."""
    plan = from_environment()
    environment = instance.read(plan.state_dir / "run.json").get("environment")
    if environment is None:
        announce.say(f"Nothing runs in {plan.state_dir}. Start it first: make run")
        return 1
    return subprocess.run(manage(*arguments), cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
