"""Compiling beforehand: the image is read-only, so a box could never keep what it compiles.

PEP 552, unchecked: a box looks at no source file and at no time to know that a .pyc is good;
the image is signed as a whole. The bytes depend on the minor version of Python alone as far as
a box is concerned, and on its very release where two builds are to be the same.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.build.release.manifest import Bytecode
from gonogo.build.release.tool import ended, run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.build.release.targets import Target

_ASK = "import platform as p; print(p.python_implementation(), p.python_version())"
# one process, in the order of the names: what a second one does would depend on the first
_COMPILE = "import compileall, sys; sys.exit(not compileall.main())"
# what tracebacks name, wherever it was built: where a box has it
MOUNTED = "/usr/lib/gonogo/lib/python{}/site-packages"


def compile_all(stage: Path, target: Target) -> Bytecode:
    """Compile stage/site where there is a Python for it, else say that it was not."""
    python, version = interpreter(target, candidates(target))
    if python is None:
        return Bytecode(
            python=None,
            files=0,
            note=f"no Python {target.python} here to compile with: a start compiles every file "
            "anew, and takes seconds longer",
        )
    # without -I, which would let the order of sets be another one each time
    env = {"PATH": os.defpath, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    words = [python, "-s", "-S", "-c", _COMPILE, "-q", "-j1", "--invalidation-mode=unchecked-hash"]
    site = stage / "site"
    # exit code 1: a file that is no Python of this version (a template), which nobody imports
    ended([*words, "-s", str(site), "-p", MOUNTED.format(target.python), str(site)], stage, env)
    sources, made = _count(site, "*.py"), _count(site, "*.pyc")
    left = f"{sources - made} sources are no Python {target.python}" if sources != made else ""
    return Bytecode(python=version, files=made, note=left)


def candidates(target: Target) -> Iterable[str]:
    """Where a Python of this version may be: first that of the system, which a box has, too."""
    name = f"python{target.python}"
    yield f"{target.home}/{name}"
    if found := shutil.which(name):
        yield found
    yield sys.executable
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(root.glob(f"versions/{target.python}.*/bin/python3")))


def interpreter(target: Target, places: Iterable[str]) -> tuple[str | None, str]:
    """The first that runs and is of this version, and its whole version."""
    for place in places:
        # some are only names for one that is not there
        try:
            implementation, version = run([place, "-I", "-c", _ASK], Path("/")).split()
        except (OSError, ValueError):
            continue
        if implementation == "CPython" and version.rpartition(".")[0] == target.python:
            return place, version
    return None, ""


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.rglob(pattern))
