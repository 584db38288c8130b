"""The field tool as PyInstaller really packs it, begun with an empty environment.

Skipped by name where PyInstaller is not: it is no dependency. `pip install --target=DIR
pyinstaller`, then PYTHONPATH=DIR in front of pytest, and these run (some minutes).
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from gonogo.base.field_tool import LEFT_OUT
from gonogo.build.release.checkout import checkout
from gonogo.build.release.field_tool import pack, prove
from gonogo.build.release.own_wheel import own_wheel
from gonogo.tests.build.release.fabricated import written
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.house import ROOT

pytestmark = pytest.mark.skipif(
    find_spec("PyInstaller") is None, reason="not installed: PyInstaller"
)


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed of this checkout, and of the packages that are installed here."""
    work = tmp_path_factory.mktemp("packed")
    (work / "own").mkdir()
    wheel = own_wheel(checkout(ROOT, dirty=True), work / "own")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", work / "env"], check=True)
    (site,) = (work / "env" / "lib").glob("python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # their own .pth files are not read there: of gonogo there is the wheel's alone
    places = {Path(str(find_spec(name).origin)).parents[1] for name in ("PyInstaller", "click")}  # type: ignore[union-attr]
    (site / "others.pth").write_text("".join(f"{place}\n" for place in sorted(places)))
    return pack(work / "env" / "bin" / "python", work) / "gonogo"


def said(tool: Path, *words: str | Path, ends: int = 0) -> str:
    """What it says, in another folder and with nothing in its environment."""
    done = subprocess.run(
        [tool, *words], check=False, capture_output=True, text=True, env={}, cwd="/"
    )
    assert done.returncode == ends, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_begins_and_nothing_that_judges_lies_in_it(tool: Path) -> None:
    """By the names of files and folders, and by its own proof."""
    version = said(tool, "--version").split()[-1]
    prove(tool.parent, version)
    found = {path.name for path in tool.parent.rglob("*") if path.name.startswith(LEFT_OUT)}
    # what a package that is installed here says of itself: of such a one the tool has no byte else
    assert {name for name in found if not name.endswith(".dist-info")} == set()


def test_it_checks_a_station(tool: Path) -> None:
    """Processes of its own, too; no PLC is there."""
    found = said(tool, "check", ROOT / "stations" / "demo.toml", ends=1)
    assert "camera opens; 20 of 20 frames" in found
    assert "GN689: this is the field tool: an engine is not in it" in found
    assert "decision point:" in found


def test_it_verifies_what_a_technician_carries(tool: Path, tmp_path: Path) -> None:
    """A bundle, and a release."""
    assert "whole" in said(tool, "bundle", "verify", parcels.make(tmp_path))
    assert "whole" in said(tool, "release", "verify", written(tmp_path))


def test_it_lists_disks_by_a_program_of_the_system(tool: Path, tmp_path: Path) -> None:
    """Which finds its own libraries, not those that are packed."""
    assert "disks may be written" in said(tool, "flash", "--list", "--log", tmp_path / "log")


def test_it_says_what_it_has_not(tool: Path) -> None:
    """By its number."""
    assert "GN689: this is the field tool: gonogo run" in said(tool, "run", "x.toml", ends=1)
