#!/bin/sh
# Removes what running and testing made in this folder, the database included.
set -eu
cd "$(dirname "$0")/../.."

state=${STATE_DIR:-.state}
if [ -e "$state/run.json" ] && [ -x .venv/bin/python ] && ! .venv/bin/python -c '
import fcntl, sys
fcntl.flock(open(sys.argv[1], "a"), fcntl.LOCK_EX | fcntl.LOCK_NB)' "$state/lock" 2>/dev/null; then
    echo "Steelyard is running with its files in $state. Stop it first (Ctrl-C where it runs)." >&2
    exit 1
fi
# as root in a private folder the database lies below /var/lib, and the state folder holds a link to it
if [ -L "$state/postgres" ]; then
    rm -rf "$(readlink "$state/postgres")"
fi
rm -rf "$state" .venv .venv-uv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
find . -name __pycache__ -type d -prune -exec rm -rf {} +
echo "Removed $state, .venv and the caches."
