#!/usr/bin/env bash
# Third-party peers that need an environment of their own, under .venv/peers. Safe to call
# again; says nothing when all is there, and never fails: a test whose peer is missing
# skips and names it.
set -u
root="$(cd "$(dirname "$0")/../.." && pwd)"
peers="$root/.venv/peers"

# python-snap7 2.0.2 is the last one that brings native libsnap7; the station uses 3.x.
snap7() {
  local env="$peers/snap7" wanted=2.0.2
  local check="import importlib.metadata as m, snap7.server; assert m.version('python-snap7') == '$wanted'"
  "$env/bin/python" -I -c "$check" 2>/dev/null && return
  rm -rf "$env"
  if ! { "$root/.venv/bin/python" -m venv "$env" &&
    "$env/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
      "python-snap7==$wanted"; } >"$peers/snap7.log" 2>&1; then
    rm -rf "$env"
    echo "python-snap7 $wanted (native libsnap7) could not be installed; see $peers/snap7.log"
  fi
}

mkdir -p "$peers" && snap7
exit 0
