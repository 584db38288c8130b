"""How the image starts: with the system's Python, and with the packages of the image alone.

It is laid out as a virtual environment is (PEP 405), so that every process of a station, which
is started by the very interpreter of the first one, sees the same packages and no others:

    bin/gonogo                             what is called
    bin/python3                            -> the system's Python of this version
    pyvenv.cfg                             where that one lies
    lib/python3.x/site-packages            -> ../../site
    site/                                  all packages
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.release.targets import Target

_SCRIPT = """#!/bin/sh
# gonogo, from its image: made for {target}
here=$(dirname "$(readlink -f "$0")")
if [ "$(uname -m)" != {machine} ]; then
  echo "GN687: this gonogo is made for {machine}, and this box is $(uname -m);" \\
    "take the release for this box" >&2
  exit 1
fi
if [ ! -x {python} ]; then
  echo "GN687: this gonogo is made for {python}, which is not there;" \\
    "apt install python{version}, or take the release for this system" >&2
  exit 1
fi
# its own path stands where others look for the name of the program: `gonogo service` is one
exec "$here/python3" -I -c 'import sys
del sys.argv[0]
from gonogo.commands.cli import main
main()' "$here/gonogo" "$@"
"""


def lay_out(stage: Path, target: Target) -> None:
    """Write the launcher, and what makes an environment of the image."""
    python = f"{target.home}/python{target.python}"
    binaries = stage / "bin"
    binaries.mkdir()
    script = binaries / "gonogo"
    script.write_text(
        _SCRIPT.format(
            target=target.name, machine=target.machine, python=python, version=target.python
        ),
        encoding="utf-8",
    )
    script.chmod(0o755)
    (binaries / "python3").symlink_to(python)
    seen = "true" if target.sees_system else "false"
    (stage / "pyvenv.cfg").write_text(
        f"home = {target.home}\ninclude-system-site-packages = {seen}\n"
        f"version = {target.python_full}\n",
        encoding="utf-8",
    )
    packages = stage / "lib" / f"python{target.python}"
    packages.mkdir(parents=True)
    (packages / "site-packages").symlink_to("../../site")
