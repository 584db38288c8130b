#!/usr/bin/env bash
# A box from its image to its roll-backs, in QEMU: make flash-rehearsal (docs/the-box.md).
#
#   tests/flashed/run.sh [STEP...]      (root; without a step all of them: an hour)
#
# PROGRAM=PATH takes a release, or a folder of one; without it a tree is made of the lock file,
# less OpenVINO. What is made is kept in var/flashed: the next run builds nothing that is there.
# Needs Debian 12 on x86-64, and
#   apt install mmdebstrap qemu-system-x86 rauc gdisk grub-pc-bin grub-common squashfs-tools
set -euo pipefail
cd "$(dirname "$0")/../.."
WORK=$PWD/var/flashed
PYTHON=.venv/bin/python
PROGRAM=${PROGRAM:-$WORK/program}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

fail() {
  echo "flash-rehearsal: $*" >&2
  exit 1
}

tree() { # a program as a release lays it out: an environment whose packages lie in site/
  local made=$WORK/making
  rm -rf "$made"
  mkdir -p "$made/bin" "$made/lib/python3.11" "$WORK/wheel"
  awk '/^[a-z].*==/ { leave = /^(openvino|pytest|hypothesis|mypy|ruff|lark|import-linter|pymodbustcp|hatchling|editables|grimp|librt|ast-serialize|pluggy|iniconfig|sortedcontainers|pathspec|trove-classifiers)/ } !leave' \
    requirements/newest.txt >"$WORK/requirements.txt"
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
    --only-binary=:all: --require-hashes --python-version 3.11 --implementation cp \
    --target "$made/site" --requirement "$WORK/requirements.txt"
  "$PYTHON" -m hatchling build -t wheel -d "$WORK/wheel" >/dev/null
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
    --target "$made/site" "$WORK"/wheel/*.whl
  cat >"$made/bin/gonogo" <<'EOF'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/python3" -I -c 'import sys
sys.argv[0] = "gonogo"
from gonogo.commands.cli import main
main()' "$@"
EOF
  chmod 755 "$made/bin/gonogo"
  ln -s /usr/bin/python3.11 "$made/bin/python3"
  ln -s ../../site "$made/lib/python3.11/site-packages"
  printf 'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n' >"$made/pyvenv.cfg"
  rm -rf "$WORK/program"
  mv "$made" "$WORK/program"
}

[ "$(id -u)" = 0 ] || fail "an image is built by root: sudo make flash-rehearsal"
for program in qemu-system-x86_64 mmdebstrap rauc sgdisk grub-mkimage mksquashfs; do
  command -v "$program" >/dev/null || fail "no $program; the head of $0 has what to install"
done
mkdir -p "$WORK"
[ -e "$PROGRAM" ] || tree
[ -s "$WORK/key.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -days 3650 -keyout "$WORK/key.pem" -out "$WORK/cert.pem" -subj /O=gonogo/CN=rehearsal 2>/dev/null
[ -s "$WORK/gonogo-1-x86_64-debian12.raucb" ] || .venv/bin/gonogo box build --program "$PROGRAM" --unsigned \
  --version 1 --cert "$WORK/cert.pem" --key "$WORK/key.pem" --slot-mib 1024 \
  --out "$WORK" --work "$WORK/build"
"$PYTHON" -I -m gonogo.tests.flashed.rehearsal "$WORK/gonogo-1-x86_64-debian12.raucb" \
  "$WORK/cert.pem" "$WORK/key.pem" "$WORK/run" "$@"
"$PYTHON" -I -m gonogo.tests.flashed.table "$WORK/run/found.json" docs/the-box.md
