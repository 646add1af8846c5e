#!/bin/sh
# Make the virtual environment .venv with the first Python that is new enough: $PYTHON, else python3, else a
# python3.X on the path. On Debian, root gets the venv package installed where it is missing.
set -eu

fail() {
    echo "error: $*" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
        # A Python that was asked for by name is taken or refused, never replaced.
        [ -z "${PYTHON:-}" ] || break
    done
    fail "${PYTHON:-python3} is not Python 3.11 or newer. Install one, or name it: make ${GOAL:-run} PYTHON=python3.12"
}

has_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

install_venv() {
    package=$("$1" -c 'import sys; print(f"python3.{sys.version_info.minor}-venv")')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "$1 cannot make virtual environments. Install its venv module (on Debian and Ubuntu: sudo apt-get install $package)"
    fi
    echo "Installing $package"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

python=$(find_python)
has_venv "$python" || install_venv "$python"
echo "Making .venv with $("$python" --version)"
"$python" -m venv --clear .venv || {
    rm -rf .venv
    fail "$python could not make .venv in $(pwd)"
}
