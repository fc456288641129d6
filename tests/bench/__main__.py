"""Measure the project beside its peers, print the tables and rewrite docs/benchmarks.md."""

from __future__ import annotations

import argparse

from tests.bench import compared, labeled, report, sized
from tests.bench.measuring import Bench
from tests.bench.public_sets import FOLDS, ROOT, data_dir

PAGE = ROOT / "docs" / "benchmarks.md"
NO_DATA = "Comparisons and labels were skipped: the public data sets are not there; set DATA_DIR to their folder.\n"


def main() -> None:
    """Run what is asked for; results that are kept and still valid are not computed again."""
    asked = _arguments()
    bench, folder = Bench.of(fresh=asked.fresh, only_kept=asked.kept), data_dir()
    comparisons = list(compared.measured(bench, folder, asked.folds)) if folder else []
    labels = list(labeled.measured(bench, folder)) if folder else []
    sizes = list(sized.measured(bench, quick=asked.quick))
    agreement = sized.agreement(bench)
    text = report.page(asked.folds, comparisons, labels, sizes, agreement, () if folder else (NO_DATA,))
    PAGE.write_text(text)
    print(f"\n{text}\nWritten to {PAGE.relative_to(ROOT)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--folds", type=int, default=FOLDS, choices=range(1, FOLDS + 1), help="how many of the folds")
    parser.add_argument("--quick", action="store_true", help="leave out the simulation of 100,000 judgments")
    parser.add_argument("--fresh", action="store_true", help="compute everything again")
    parser.add_argument("--kept", action="store_true", help="compute nothing, write the page from what is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
