#!/usr/bin/env bash
# The exporters whose models `gonogo build` takes: anomalib, Ultralytics, torchvision, timm.
#
# Into an environment of their own under .venv/exporters, with the CPU build of torch; some
# 1.5 GB to fetch and 6 GB on the disk, once. Says what it could not have, and never fails.
# `make exporters` calls it; `make test` and CI do not. Run it again at any time.
set -u
cd "$(dirname "$0")" || exit 0
ROOT=$(cd ../.. && pwd)
AT=$ROOT/.venv/exporters
LIMIT_S=1800 # for all of them
# the build of torch without CUDA; without that index, whatever the package index has
CPU=https://download.pytorch.org/whl/cpu

say() { echo "exporters: $*"; }
within() { timeout "$LIMIT_S" "$@" </dev/null >/dev/null 2>&1; }
pip() { within "$AT/bin/python" -m pip install --disable-pip-version-check --only-binary=:all: "$@"; }

environment() {
  [ -x "$AT/bin/python" ] && return 0
  [ -x "$ROOT/.venv/bin/python" ] && within "$ROOT/.venv/bin/python" -m venv "$AT"
}

have() { # have MODULE: it can be imported there
  [ -x "$AT/bin/python" ] && within "$AT/bin/python" -c "import $1"
}

take() { # take MODULE REQUIREMENT...: what is not there yet; by name what cannot be had
  local module=$1
  shift
  have "$module" && return 0
  pip "$@" && have "$module" && return 0
  say "no $module: $*"
}

if ! environment; then
  say "no environment: make sets up .venv first"
  exit 0
fi
have torch || pip --index-url "$CPU" "torch>=2.9,<3" "torchvision>=0.24,<1"
take torch "torch>=2.9,<3"
take torchvision "torchvision>=0.24,<1"
take onnx "onnx>=1.19,<2"
take onnxscript "onnxscript>=0.5,<1"
take onnxruntime "onnxruntime>=1.23,<2"
take timm "timm>=1,<2"
take anomalib "anomalib>=2.7,<3"
take ultralytics "ultralytics>=8.4,<9" "onnxslim>=0.1.71" # AGPL-3.0: processes of its own
say "what there is:"
"$AT/bin/python" -m pip list --disable-pip-version-check --format=freeze 2>/dev/null |
  grep -E '^(torch|torchvision|onnx|onnxruntime|onnxscript|timm|anomalib|ultralytics)==' | paste -sd' '
exit 0
