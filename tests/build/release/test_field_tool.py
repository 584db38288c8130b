"""The field tool: what is given to PyInstaller, by a stand-in that packs nothing.

The stand-in takes the options that PyInstaller documents and no others, and leaves a folder
where that one does. What the real one makes is tried in test_packed.py.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReleaseNotBuilt, ReleaseNotWritten
from gonogo.build.release.checkout import checkout
from gonogo.build.release.field_tool import here, make, pack, prove
from gonogo.tests.build.release.parcels import commit, digest, make_wheel, parcel, quiet

if TYPE_CHECKING:
    from gonogo.tests.build.release.parcels import Parcel

STAND_IN = """
import argparse, pathlib
parser = argparse.ArgumentParser()
for flag in ("onedir", "noconfirm"):
    parser.add_argument(f"--{flag}", action="store_true", required=True)
for option in ("name", "log-level", "distpath", "workpath", "specpath"):
    parser.add_argument(f"--{option}", required=True)
for many in ("collect-submodules", "collect-data", "copy-metadata", "exclude-module"):
    parser.add_argument(f"--{many}", action="append", required=True)
parser.add_argument("script", type=pathlib.Path)
given = parser.parse_args()
assert "frozen" not in given.script.name and "run_module" in given.script.read_text()
import gonogo, small  # they are there
out = pathlib.Path(given.distpath, given.name)
out.mkdir(parents=True)
(out / "gonogo").write_text("#!/bin/sh\\necho gonogo, version 1.2.3\\necho GN110 >&2\\n")
(out / "gonogo").chmod(0o755)
"""


def with_stand_in(folder: Path) -> Parcel:
    """The small project, with the stand-in among its wheels."""
    found = parcel(folder)
    files = {"PyInstaller/__init__.py": "", "PyInstaller/__main__.py": STAND_IN}
    wheel = make_wheel(found.wheels, "pyinstaller", files)
    locks = found.source / "requirements"
    locks.mkdir()
    shutil.copy(found.lock, locks / "newest.txt")
    (locks / "field-tool.txt").write_text(f"pyinstaller==1.0 --hash=sha256:{digest(wheel)}\n")
    commit(found.source)
    return found


def test_tool_is_one_folder_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing beside it; a second one does not write over it."""
    small = with_stand_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    out = Path("out")
    out.mkdir()
    made = make(checkout(small.source), out, quiet, small.wheels)
    assert made == out / f"gonogo-field-1.2.3-{here().machine}"
    assert list(out.iterdir()) == [made]
    with pytest.raises(ReleaseNotWritten, match="is there already"):
        make(checkout(small.source), out, quiet, small.wheels)


def test_what_is_not_packed_or_does_not_run_is_said(tmp_path: Path) -> None:
    """With its last words; here without PyInstaller, and with a tool of another version."""
    with pytest.raises(ReleaseNotBuilt, match=r"PyInstaller failed: .*No module named PyInstaller"):
        pack(Path(sys.executable), tmp_path)
    tool = tmp_path / "gonogo"
    tool.write_text("#!/bin/sh\necho gonogo, version 7\n")
    tool.chmod(0o755)
    with pytest.raises(ReleaseNotBuilt, match="does not run: gonogo, version 7"):
        prove(tmp_path, "1.2.3")
    with pytest.raises(ReleaseNotBuilt, match="does not run: gonogo, version 7"):
        prove(tmp_path, "7")  # says its version, and cannot check
    tool.write_text("#!/bin/sh\necho gonogo, version 7\necho GN110 >&2\n")
    prove(tmp_path, "7")
    tool.write_text("#!/bin/sh\necho 'No module named x\n[PYI-1:ERROR] Failed' >&2\nexit 1\n")
    with pytest.raises(ReleaseNotBuilt, match="does not run: No module named x"):
        prove(tmp_path, "7")


def test_a_checkout_that_pins_no_pyinstaller_says_so(tmp_path: Path) -> None:
    """It is locked as everything else is."""
    small = with_stand_in(tmp_path)
    (small.source / "requirements" / "field-tool.txt").write_text("")
    (tmp_path / "out").mkdir()
    source = checkout(small.source, dirty=True)
    with pytest.raises(ReleaseNotBuilt, match="lacks pyinstaller, which the field tool needs"):
        make(source, tmp_path / "out", quiet, small.wheels)
