#!/usr/bin/env bash
# What this box's accelerator does, step by step, by one command on a bare board: `make hardware`.
#
#   tests/hardware/run.sh [REPORT]      (default: var/hardware.txt)
#
# Sets gonogo up, brings the cuda-bindings that fit the driver where there is one, and runs
# tests/hardware/steps.py. A step that lacks something is skipped by its name.
set -euo pipefail
cd "$(dirname "$0")/../.."
make -s .venv/.installed
PYTHON=.venv/bin/python
major=$("$PYTHON" -I -c '
from gonogo.tests.hardware.cuda_steps import MissingError, driver_version
try: print(driver_version() // 1000)
except MissingError: pass')
if [ -n "$major" ] && ! "$PYTHON" -I -c 'import cuda.bindings.driver' 2>/dev/null; then
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
    "cuda-bindings>=$major,<$((major + 1))" || echo "cuda-bindings $major.x could not be installed"
fi
exec "$PYTHON" -I -m gonogo.tests.hardware.steps "${1:-var/hardware.txt}"
