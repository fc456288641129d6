"""`make demo`: the whole job without hands, on a stack of its own that is gone afterwards."""

import shutil
import subprocess
import sys

from deploy.local import announce
from deploy.local.plan import ROOT
from deploy.local.stack import LocalStack

FAILED_LOGS = ROOT / ".state" / "demo-logs"


def demo(arguments: list[str]) -> int:
    """Start a stack, run the demonstration against it, and return its exit code."""
    stack = LocalStack()
    try:
        stack.start()
        command = [sys.executable, "-m", "deploy.demo", "--base-url", stack.base_url, *arguments]
        code = subprocess.run(command, cwd=ROOT, env=stack.env, check=False).returncode
        if code != 0:
            shutil.copytree(stack.state_dir / "logs", FAILED_LOGS, dirs_exist_ok=True)
            announce.say(f"The demonstration failed with exit code {code}. The logs of its stack are in {FAILED_LOGS}.")
    finally:
        stack.stop()
    return code
