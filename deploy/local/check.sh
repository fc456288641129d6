#!/bin/sh
# Runs every check, each to its end, and fails if one of them failed.
set -u
cd "$(dirname "$0")/../.." || exit 1

BIN=.venv/bin
PYTHON=$BIN/python
failed=""
# Settings need no database for these checks, only the development flag.
export DEVELOPMENT=1

check() {
    name=$1
    shift
    printf '  %-10s %s ... ' check "$name"
    if output=$("$@" 2>&1); then
        printf 'ok\n'
    else
        printf 'FAILED\n%s\n' "$output"
        failed="$failed $name"
    fi
}

templates() {
    [ -d templates ] || return 0
    find templates -name '*.html' -exec "$BIN/djade" --check --target-version 6.0 {} +
}

shells() {
    "$BIN/shellcheck" deploy/local/*.sh .ci/run
}

units() {
    command -v systemd-analyze >/dev/null || return 0
    sh deploy/systemd/verify.sh
}

check format "$PYTHON" -m ruff format --check .
check lint "$PYTHON" -m ruff check .
check templates templates
check types "$PYTHON" -m mypy .
check contracts "$BIN/lint-imports"
check migrations "$PYTHON" manage.py makemigrations --check --dry-run
check modules "$PYTHON" -m pytest -q tests/test_architecture.py
check shell shells
check container "$BIN/hadolint" deploy/Dockerfile
check compose "$BIN/check-jsonschema" --builtin-schema vendor.compose-spec deploy/compose.yaml
check units units

if [ -n "$failed" ]; then
    printf '\nFailed:%s\n' "$failed"
    exit 1
fi
printf '\nAll checks passed.\n'
