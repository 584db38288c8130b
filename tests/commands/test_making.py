"""`gonogo prepare --missing`, as a box runs it before its station."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.tests.build.parts import SIDE_PX, save_good
from gonogo.tests.engines import tiny
from gonogo.tests.stations import DEMO

if TYPE_CHECKING:
    from pathlib import Path

# what only the making of an engine needs
MAKERS = {"gonogo.build", "onnx", "onnxruntime", "openvino", "tensorrt"}
LOOK = """
import sys
from pathlib import Path
from gonogo.commands.making import make_missing
make_missing(Path(sys.argv[1]), None)
print(*sys.modules)
"""


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file whose engine is quantized from a small network."""
    text = DEMO.read_text(encoding="utf-8")
    source, good = tiny.filters(tmp_path / "fp32.onnx"), save_good(tmp_path / "parts", 8)
    view = f"""
[view.camera]
driver = "synthetic"
width_px = {SIDE_PX}
height_px = {SIDE_PX}
pool = 2

[view.engine]
model = "{tmp_path}/top.onnx"

[view.engine.prepare]
method = "quantize"
source = "{source}"
good = "{good}"
"""
    rest = text[text.rindex("[[view.rule]]") :]
    after = rest.index("\n[", 1)
    path = tmp_path / "station.toml"
    path.write_text(text[: text.index("[view.camera]")] + view + rest[after:], encoding="utf-8")
    return path


def prepare(*words: str | Path) -> tuple[int, str]:
    """Exit code and words."""
    result = CliRunner().invoke(main, ["prepare", *(str(word) for word in words)])
    return result.exit_code, result.output


def test_missing_makes_what_is_not_there_and_says_how_far_it_is(
    station: Path, tmp_path: Path
) -> None:
    """And the next time nothing, whatever became of the pictures."""
    told = tmp_path / "told.json"
    code, said = prepare(station, "--missing", "--told", told)
    assert (code, told.exists()) == (0, False), said
    assert f"engine 1 of 1 is made: {tmp_path}/top.onnx" in said
    made = (tmp_path / "top.onnx").read_bytes()
    min((tmp_path / "parts").iterdir()).unlink()
    assert prepare(station, "--missing", "--told", told) == (0, "")
    assert (tmp_path / "top.onnx").read_bytes() == made


def test_missing_keeps_why_nothing_could_be_made(station: Path, tmp_path: Path) -> None:
    """The station says afterwards what it lacks, and rejects by silence."""
    for picture in (tmp_path / "parts").iterdir():
        picture.unlink()
    told = tmp_path / "told.json"
    code, said = prepare(station, "--missing", "--told", told)
    failed = json.loads(told.read_text(encoding="utf-8"))
    assert code == 1
    assert failed["failed"] in said
    assert (failed["step"], failed["steps"], failed["name"]) == (1, 1, "engine top")


def test_missing_imports_nothing_that_makes_where_all_is_there(station: Path) -> None:
    """Every start of a box waits for it."""
    assert prepare(station, "--missing")[0] == 0
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOOK, str(station)], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert "gonogo.launch.made" in imported
    assert imported & MAKERS == set()


def test_missing_is_told_from_again(station: Path) -> None:
    """One of them; and a file is for a box that starts."""
    for words in (("--again", "--missing"), ("--told", "x.json")):
        code, said = prepare(station, *words)
        assert code == 2
        assert "expected one of them" in said
