#!/bin/sh
# Makes .venv with a working Python and installs one of the requirement locks into it; at once when that is done already.
#   sh deploy/local/bootstrap.sh run    what running needs (requirements.lock)
#   sh deploy/local/bootstrap.sh dev    that and what tests and checks need (requirements-dev.lock)
#   sh deploy/local/bootstrap.sh find   only print the Python it would use
# PYTHON=/path/to/python names the interpreter instead of having it searched.
set -eu
cd "$(dirname "$0")/../.."

VENV=.venv
STAMP=$VENV/.synced
OLDEST=3.12
NEWEST=3.14
case "${1:-}" in
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
find) lock="" ;;
*)
    echo "usage: bootstrap.sh run|dev|find" >&2
    exit 2
    ;;
esac

say() { printf '  %-10s %s\n' "$1" "$2"; }

# A name on the PATH proves nothing: pyenv's shims exist and fail, and distributions ship Python without venv.
PROBE='
import ensurepip, ssl, struct, sys, sysconfig, venv
fits = (3, 12) <= sys.version_info[:2] <= (3, 14) and struct.calcsize("P") == 8
plain = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
sys.exit(0 if fits and plain else 1)'
works() { [ -x "$1" ] && "$1" -c "$PROBE" >/dev/null 2>&1; }

checksum() { cksum <"$1" | tr ' ' '-'; }

# The larger lock holds everything of the smaller one, so it counts for both.
is_synced() {
    [ -f "$STAMP" ] || return 1
    known=$(cat "$STAMP")
    [ "$known" = "$(checksum "$lock")" ] || [ "$known" = "$(checksum requirements-dev.lock)" ]
}

python_on_path() {
    for name in python3.14 python3.13 python3.12 python3; do
        rest=$PATH:
        while [ -n "$rest" ]; do
            candidate=${rest%%:*}/$name
            rest=${rest#*:}
            works "$candidate" && printf '%s\n' "$candidate" && return 0
        done
    done
    return 1
}

python_of_pyenv() {
    versions=${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}/versions
    for candidate in "$versions"/3.14*/bin/python3 "$versions"/3.13*/bin/python3 "$versions"/3.12*/bin/python3; do
        works "$candidate" && printf '%s\n' "$candidate" && return 0
    done
    return 1
}

python_of_uv() {
    uv=$1
    for candidate in $("$uv" python find --no-project ">=$OLDEST,<3.15" 2>/dev/null); do
        works "$candidate" && printf '%s\n' "$candidate" && return 0
    done
    return 1
}

# The last resort: uv itself downloads a Python. Any Python that has pip can bring uv.
download_python() {
    uv=$(command -v uv || true)
    if [ -z "$uv" ]; then
        python3 -m venv .venv-uv >/dev/null 2>&1 && .venv-uv/bin/python -m pip install --quiet uv >/dev/null 2>&1 || return 1
        uv=.venv-uv/bin/uv
    fi
    say python "none of $OLDEST to $NEWEST found, downloading one with uv" >&2
    "$uv" python install "$NEWEST" >&2 && python_of_uv "$uv"
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        chosen=$(command -v "$PYTHON" || true)
        works "$chosen" && printf '%s\n' "$chosen" && return 0
        echo "PYTHON=$PYTHON is not a working 64 bit CPython $OLDEST to $NEWEST with venv and ssl." >&2
        return 1
    fi
    python_on_path || python_of_pyenv || { command -v uv >/dev/null && python_of_uv uv; } || download_python || {
        cat >&2 <<EOF

Steelyard needs CPython $OLDEST, 3.13 or $NEWEST (64 bit, with the modules venv and ssl), and none was found:
every python3.14, python3.13, python3.12 and python3 on the PATH was tried, then ~/.pyenv/versions, then uv.
Install one, for example
    Debian, Ubuntu   apt-get install python3.13 python3.13-venv
    macOS            brew install python@3.13
    anywhere         uv python install 3.13
or name one that you have:  PYTHON=/path/to/python3.13 make run
EOF
        return 1
    }
}

# uv carries its own root certificates and can fail behind a private authority where the system's, or pip's, work.
install_lock() {
    cache=${UV_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}}
    { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null || export UV_NO_CACHE=1
    if [ -x "$VENV/bin/uv" ] || "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9'; then
        for certificates in "" --system-certs; do
            # shellcheck disable=SC2086  # nothing, or one word
            "$VENV/bin/uv" pip sync --python "$VENV/bin/python" --require-hashes $certificates "$lock" && return 0
        done
    fi
    say packages "uv could not install them, trying pip (slower)"
    "$VENV/bin/python" -m pip install --disable-pip-version-check --require-hashes --no-deps -r "$lock"
}

if [ -z "$lock" ]; then
    find_python
    exit
fi
if works "$VENV/bin/python" && is_synced; then
    exit 0
fi
if ! works "$VENV/bin/python"; then
    python=$(find_python)
    say python "$("$python" --version 2>&1) at $python"
    rm -rf "$VENV"
    "$python" -m venv "$VENV"
fi
rm -f "$STAMP"
say packages "installing $lock into $VENV (the first time this downloads about 250 MB)"
install_lock
checksum "$lock" >"$STAMP"
say packages "installed"
