"""Plain progress lines on the terminal."""

import contextlib
import sys
import time
from collections.abc import Iterator

WIDTH = 10


def say(text: str = "", *, end: str = "\n") -> None:
    """Print a line; a terminal that went away is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text + end)
        sys.stdout.flush()


def item(name: str, text: str) -> None:
    """Print a line under a name."""
    say(f"  {name:<{WIDTH}} {text}")


@contextlib.contextmanager
def step(name: str, text: str) -> Iterator[None]:
    """Print what begins, and behind it how long it took."""
    say(f"  {name:<{WIDTH}} {text} ... ", end="")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say("stopped")
        raise
    say(f"{time.monotonic() - started:.1f} s")


@contextlib.contextmanager
def long_step(name: str, text: str) -> Iterator[None]:
    """Print what begins, leave room for details, and print at the end how long it took."""
    item(name, text)
    started = time.monotonic()
    yield
    detail(f"done in {time.monotonic() - started:.1f} s")


def detail(text: str) -> None:
    """Print a line of a longer step, below its beginning."""
    item("", f"  {text}")
