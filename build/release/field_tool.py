"""The field tool: gonogo as one folder, for a technician's laptop without Python.

PyInstaller makes it, in an environment of its own: a program that is run (GPL with an exception
for what it packs), never a dependency. It is for this machine's kind of system, and newer ones.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ReleaseNotBuilt, ReleaseNotWritten
from gonogo.base.field_tool import LEFT_OUT
from gonogo.base.plain_text import harmless
from gonogo.build.release import frozen_entry
from gonogo.build.release.building import LOCK
from gonogo.build.release.lockfile import read_lock
from gonogo.build.release.own_wheel import own_wheel
from gonogo.build.release.targets import Target
from gonogo.build.release.tool import ended, last, run, writing
from gonogo.build.release.wheelhouse import PIP, Wheelhouse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.build.release.checkout import Checkout

TOOLS = Path("requirements/field-tool.txt")
WITHOUT = (*LEFT_OUT, "pytest", "hypothesis", "mypy", "pip", "PyInstaller")


def here() -> Target:
    """This machine as a target: its Python, and its glibc."""
    version = sys.version_info
    _, glibc = platform.libc_ver()
    return Target(
        "this machine",
        platform.machine(),
        f"{version[0]}.{version[1]}",
        platform.python_version(),
        int(glibc.partition(".")[2] or 0),
        extras=(),
    )


def make(
    source: Checkout, out: Path, say: Callable[[str], None], wheels: Path | None = None
) -> Path:
    """The folder of the tool, in `out`; ReleaseNotBuilt, and then nothing is left there."""
    made = out / f"gonogo-field-{source.version}-{platform.machine()}"
    if made.exists():
        raise ReleaseNotWritten(f"{made} is there already; take another --out, or move it away")
    place = out.absolute()  # as programs are run in folders of their own
    with writing(out), tempfile.TemporaryDirectory(dir=place, prefix=".release-") as work:
        python = _environment(source, Path(work), say, wheels)
        say("packing")
        packed = pack(python, Path(work))
        prove(packed, source.version)
        packed.rename(made)
    return made


def _environment(
    source: Checkout, work: Path, say: Callable[[str], None], offered: Path | None
) -> Path:
    """Its Python: with gonogo, what that needs, and PyInstaller; all by their hashes."""
    house, own = work / "wheels", work / "own"
    house.mkdir()
    built = own_wheel(source, own)
    lock = read_lock(source.root / LOCK, here())
    tools = read_lock(source.root / TOOLS, here())
    say(f"fetching PyInstaller {tools.pin('pyinstaller', 'the field tool').version}")
    every = Wheelhouse(here(), tools, house, offered).fetch(list(tools.pins.values()))
    # of what both need, that of gonogo
    every |= {
        each.said.name: each for each in Wheelhouse(here(), lock, house, offered).gather(built, say)
    }
    for name in LEFT_OUT:  # they would be packed nowhere
        every.pop(name, None)
    run([sys.executable, "-I", "-m", "venv", "--without-pip", str(work / "env")], work)
    python = work / "env" / "bin" / "python"
    say(f"installing {len(every)} wheels")
    words = [*PIP, f"--python={python}", "install", "--quiet", "--no-deps", "--no-index"]
    run([*words, *(str(each.path) for each in every.values())], work)
    return python


def pack(python: Path, work: Path) -> Path:
    """What PyInstaller makes of the packages of that Python; ReleaseNotBuilt."""
    # not gonogo.py: the package would be taken for that file, which lies before it in the path
    entry = work / "begin.py"
    shutil.copy(frozen_entry.__file__, entry)
    words: Sequence[str] = [
        "--onedir", "--name=gonogo", "--noconfirm", "--log-level=ERROR",
        f"--distpath={work / 'dist'}", f"--workpath={work / 'scratch'}", f"--specpath={work}",
        # drivers and commands are found by their names, and no import names them
        "--collect-submodules=gonogo", "--collect-data=gonogo", "--copy-metadata=gonogo",
        *(f"--exclude-module={name}" for name in WITHOUT),
    ]  # fmt: skip
    done = ended([str(python), "-I", "-m", "PyInstaller", *words, str(entry)], work)
    packed = work / "dist" / "gonogo"
    if done.returncode or not packed.is_dir():
        raise ReleaseNotBuilt(f"PyInstaller failed: {last(done)}")
    return packed


def prove(packed: Path, version: str) -> None:
    """Begin it twice: what it cannot import it says here, not at a line; ReleaseNotBuilt."""
    left = [each.name for name in LEFT_OUT for each in packed.rglob(name)]
    if left:
        raise ReleaseNotBuilt(f"{packed}: {', '.join(left)} is in it; expected none that judges")
    tool = str(packed / "gonogo")
    said = ended([tool, "--version"], packed)
    if said.stdout.strip() == f"gonogo, version {version}":
        # the command that imports the most, of a file that is not there
        said = ended([tool, "check", "/nothing/there.toml"], packed)
        if "GN110" in said.stderr:
            return
    # PyInstaller's own line comes last, and says only that there was one before it
    lines = [line for line in said.stderr.splitlines() if line and not line.startswith("[PYI-")]
    words = harmless(lines[-1]) if lines else last(said)
    raise ReleaseNotBuilt(f"it was packed, and does not run: {words}")
