#!/usr/bin/env bash
# Whether every wheel that the lock files name is there, on x86-64 and aarch64, for each Python that is
# promised, with a hash that the file has. Only the index's lists are read, no wheel is fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS=$PWD/var/lock
UV='uv>=0.13,<0.14'

python3 -m venv --clear "$TOOLS"
pip() { "$TOOLS/bin/python" -m pip --disable-pip-version-check "$@"; }
if ! pip install --quiet "$UV" 'packaging>=24' "tomli>=2; python_version < '3.11'" 2>"$TOOLS/pip.txt"; then
  echo "wheels: skipped, no package index to ask: $(grep -v ^WARNING "$TOOLS/pip.txt" | tail -1)"
  exit 0
fi
# where the index is, pip knows (its files, PIP_INDEX_URL); uv does not read those
index=$(pip config list | sed -nE "s/^(global|:env:)\.index-url='(.*)'$/\2/p" | tail -1)
[ -z "$index" ] || export UV_DEFAULT_INDEX=$index

wheels() { # wheels NAME PYTHON...
  local name=$1
  shift
  "$TOOLS/bin/uv" pip compile --quiet --universal --python-version 3.10 --no-python-downloads --no-deps \
    --only-binary :all: --no-annotate --format pylock.toml --output-file "$TOOLS/pylock.$name.toml" \
    "requirements/$name.txt"
  "$TOOLS/bin/python" -I tests/wheels.py "requirements/$name.txt" "$TOOLS/pylock.$name.toml" "$@"
}

wheels newest 3.10 3.11 3.12 3.13
wheels oldest 3.10
