#!/usr/bin/env bash
# Makes the lock files anew, from pyproject.toml and what the package index has today:
# newest.txt for Python 3.10 to 3.13, oldest.txt (the lowest versions that pyproject.toml
# allows) for Python 3.10, each for x86-64 and aarch64; and what makes the field tool
# (field-tool.txt). Nobody needs this to install gonogo.
set -euo pipefail
cd "$(dirname "$0")/.."
TOOLS=var/lock
UV='uv>=0.13,<0.14'

python3 -m venv "$TOOLS"
"$TOOLS/bin/pip" install --quiet --disable-pip-version-check "$UV"
uv() { "$TOOLS/bin/uv" "$@"; }

lock() { # lock NAME RESOLUTION
  uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-python-downloads \
    --resolution "$2" --only-binary :all: --generate-hashes --no-emit-index-url \
    --no-emit-find-links --custom-compile-command "make lock" \
    --extra dev --extra gpio --extra openvino --extra pretrained --output-file "requirements/$1.txt" pyproject.toml
  if grep -nE 'https?:|file:|--(extra-)?index|--find-links' "requirements/$1.txt"; then
    echo "requirements/$1.txt names a place: it must be good on every machine"
    exit 1
  fi
}

# PyInstaller, which makes the field tool: a program beside the project, never a dependency of it
field_tool() {
  echo 'pyinstaller>=6.11,<7' >"$TOOLS/field-tool.in"
  uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-python-downloads \
    --only-binary :all: --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
    --custom-compile-command "make lock" --output-file requirements/field-tool.txt "$TOOLS/field-tool.in"
}

lock newest highest
lock oldest lowest-direct
field_tool
requirements/wheels.sh
