#!/bin/sh
# Writes a station onto a disk: ./flash.sh --help. What it does is in build/flash/, in Python.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

for python in "$here/.venv/bin/python" "$(command -v python3 || true)"; do
  if [ -x "$python" ] && "$python" -I -c 'import gonogo.build.flash.command' 2>/dev/null; then
    exec "$python" -I -m gonogo.build.flash "$@"
  fi
done
if command -v gonogo >/dev/null 2>&1 && gonogo flash --help >/dev/null 2>&1; then
  exec gonogo flash "$@"
fi
echo "flash.sh: no Python with gonogo found; expected one of" >&2
echo "  a checkout that was set up:  make run (in $here)" >&2
echo "  an installed gonogo:         pip install gonogo" >&2
exit 2
