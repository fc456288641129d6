import argparse
import sys
import time
from pathlib import Path

from deploy.demo import public_data, simulated, steps
from deploy.demo.client import ApiError

OUT = Path(__file__).resolve().parents[2] / ".state" / "demo"


def main() -> int:
    parser = argparse.ArgumentParser(description="Do the whole job against a running Steelyard, without hands.")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--data", type=Path, help="a folder of public votes instead of the simulated campaign")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        if arguments.data:
            public_data.run(arguments.base_url, arguments.data, arguments.out)
        else:
            simulated.run(arguments.base_url, arguments.out)
    except (ApiError, TimeoutError) as error:
        steps.say(f"FAILED: {error}")
        return 1
    steps.say(f"done in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
