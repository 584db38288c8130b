#!/usr/bin/env bash
# Packages of vendors, to hold our stand-ins against: installs what it can, says what it could not,
# never fails.
#
# Proprietary ones among them: installed for the tests alone, never a dependency, never packed with
# gonogo. Each lies in a folder of its own under .venv/vendors, on no one's path; the test that wants
# one names the folder, or skips by its name. Run it again at any time: what is there is left alone.
set -u
cd "$(dirname "$0")/../.." || exit 0
PYTHON=$PWD/.venv/bin/python
FOLDER=$PWD/.venv/vendors
LIMIT_S=240 # for each

say() { echo "vendors: $*"; }
within() { timeout "$LIMIT_S" "$@" </dev/null >/dev/null 2>&1; }

wheels() { # wheels NAME REQUIREMENT...: into a folder of that name
  local name=$1 target=$FOLDER/$1
  shift
  [ "$(cat "$target/.installed" 2>/dev/null)" = "$*" ] && return 0
  rm -rf "$target"
  [ -x "$PYTHON" ] && within "$PYTHON" -m pip install --disable-pip-version-check \
    --only-binary=:all: --target "$target" "$@" && echo "$*" >"$target/.installed"
}

vendor_cuda_bindings_12() { wheels cuda-bindings-12 cuda-bindings==12.9.5; } # JetPack 6

vendor_cuda_bindings_13() { wheels cuda-bindings-13 cuda-bindings==13.5.0; } # JetPack 7.2

# without the libraries, which nobody may hand on: stub_tensorrt/libraries.c stands for them
vendor_tensorrt_10_3() { wheels tensorrt-10.3 tensorrt-cu12-bindings==10.3.0; } # JetPack 6

vendor_tensorrt_10_16() { wheels tensorrt-10.16 tensorrt-cu12-bindings==10.16.1.11; } # JetPack 7.2

vendor_tensorrt_11_4() { wheels tensorrt-11.4 tensorrt-cu13-bindings==11.4.0.106; }

vendor_ptxas() { # NVIDIA's assembler, for the kernels of tests/hardware
  wheels ptxas nvidia-cuda-nvcc-cu12==12.9.86 &&
    find "$FOLDER/ptxas" -type f ! -name ptxas ! -name .installed -delete # the compiler beside it
}

for vendor in vendor_cuda_bindings_12 vendor_cuda_bindings_13 vendor_tensorrt_10_3 \
  vendor_tensorrt_10_16 vendor_tensorrt_11_4 vendor_ptxas; do
  if "$vendor"; then say "${vendor#vendor_} is there"; else say "${vendor#vendor_} could not be installed"; fi
done
exit 0
