"""Compiling beforehand: unchecked, the same bytes, and said where it cannot be."""

from __future__ import annotations

import dis
import importlib.util
import marshal
import sys
from typing import TYPE_CHECKING

from gonogo.build.release.bytecode import candidates, compile_all, interpreter
from gonogo.tests.build.release.parcels import HERE, SMALL, VERSION

if TYPE_CHECKING:
    from pathlib import Path

NOBODYS = HERE._replace(python="3.99", home="/nowhere")


def stage_of(folder: Path) -> Path:
    """A folder as it is before it is compiled."""
    for name in ("small/__init__.py", "small/template.py"):
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SMALL[name])
    return folder


def test_pycs_are_unchecked_and_name_the_place_on_the_box(tmp_path: Path) -> None:
    """PEP 552: flags 1, the hash of the source; no path of this machine."""
    stage = stage_of(tmp_path / "a")
    said = compile_all(stage, HERE)
    assert (said.files, said.note) == (1, f"1 sources are no Python {VERSION}")
    (pyc,) = (stage / "site").rglob("*.pyc")
    raw = pyc.read_bytes()
    source = (stage / "site" / "small" / "__init__.py").read_bytes()
    assert int.from_bytes(raw[4:8], "little") == 1
    assert raw[8:16] == importlib.util.source_hash(source)
    code = marshal.loads(raw[16:])  # noqa: S302 - our own
    place = f"/usr/lib/gonogo/lib/python{VERSION}/site-packages/small/__init__.py"
    assert code.co_filename == place
    assert any(each.argval == "NAME" for each in dis.get_instructions(code))
    assert str(tmp_path).encode() not in raw
    again = stage_of(tmp_path / "b")
    compile_all(again, HERE)
    assert next((again / "site").rglob("*.pyc")).read_bytes() == raw


def test_without_a_python_of_that_version_it_says_so(tmp_path: Path) -> None:
    """A release of sources, which starts more slowly."""
    said = compile_all(stage_of(tmp_path), NOBODYS)
    assert (said.python, said.files) == (None, 0)
    assert said.note.startswith("no Python 3.99 here to compile with")
    assert not list(tmp_path.rglob("*.pyc"))


def test_interpreter_is_one_that_runs_and_is_of_that_version(tmp_path: Path) -> None:
    """Not a name for one that is not there, nor another version, nor another program."""
    places = [str(tmp_path / "gone"), "/bin/false", "/bin/echo", sys.executable]
    assert interpreter(HERE, places) == (sys.executable, sys.version.split()[0])
    assert interpreter(NOBODYS, places) == (None, "")
    assert next(iter(candidates(NOBODYS))) == "/nowhere/python3.99"
