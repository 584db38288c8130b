#!/usr/bin/env bash
# Makes both lock files anew, from pyproject.toml and what the package index has today:
# newest.txt for Python 3.10 to 3.13, oldest.txt (the lowest versions that pyproject.toml
# allows) for Python 3.10, each for x86-64 and aarch64. Nobody needs this to install gonogo.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS=var/lock
UV='uv>=0.13,<0.14'
GLIBC=2_35 # Ubuntu 22.04, JetPack 6; Debian 12 has a newer one

python3 -m venv "$TOOLS"
"$TOOLS/bin/pip" install --quiet --disable-pip-version-check "$UV"
uv() { "$TOOLS/bin/uv" "$@"; }

lock() { # lock NAME RESOLUTION
  uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-python-downloads \
    --resolution "$2" --only-binary :all: --generate-hashes --no-emit-index-url \
    --no-emit-find-links --custom-compile-command "make lock" \
    --extra dev --extra gpio --extra openvino --output-file "requirements/$1.txt" pyproject.toml
  if grep -nE 'https?:|file:|--(extra-)?index|--find-links' "requirements/$1.txt"; then
    echo "requirements/$1.txt names a place: it must be good on every machine"
    exit 1
  fi
}

wheels() { # wheels NAME PYTHON...: each has wheels of all of it, on both kinds of processor
  local name=$1 python machine
  shift
  for python in "$@"; do
    for machine in x86_64 aarch64; do
      uv pip install --quiet --dry-run --no-deps --require-hashes --only-binary :all: \
        --target "$TOOLS/none" --python-version "$python" \
        --python-platform "$machine-manylinux_$GLIBC" --requirements "requirements/$name.txt"
      echo "requirements/$name.txt: wheels for Python $python, $machine"
    done
  done
}

lock newest highest
lock oldest lowest-direct
wheels newest 3.10 3.11 3.12 3.13
wheels oldest 3.10
