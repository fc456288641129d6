"""Run the simulated judge: `python -m annotation.judges.parametric --port 8099 [--settings JSON or file]`."""

import argparse
import contextlib
import sys
from dataclasses import replace

from annotation.judges.parametric import replies
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.parametric.settings import Settings, load


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted."""
    options = _parser().parse_args(arguments)
    try:
        settings = load(options.settings) if options.settings else Settings()
        server = ParametricServer(
            replace(settings, table=options.table or settings.table),
            port=options.port,
            script=[name for name in options.script.split(",") if name],
        )
    except (OSError, ValueError) as error:
        print(f"The simulated judge did not start: {error}", file=sys.stderr)
        return 2
    print(f"simulated judge at {server.base_url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m annotation.judges.parametric", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--settings", default="", help="JSON object or the path of a file holding one")
    parser.add_argument("--table", default="", help="JSON file {SHA-256 of response text: quality}")
    parser.add_argument("--script", default="", help=f"comma-separated behaviors: {', '.join(replies.BEHAVIORS)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
