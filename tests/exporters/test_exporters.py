"""Exports of the real tools: built, rehearsed, and each picture's score held against the tool's.

`make exporters` runs them (an hour and more on two cores); `make test` skips them by name.
"""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.tests.exporters import peers
from gonogo.tests.exporters.cases import CASES

if TYPE_CHECKING:
    from gonogo.tests.exporters.cases import Case

SHOWN = 12
ASKED = "GONOGO_EXPORTERS" in os.environ
TRIED = CASES if ASKED else CASES[:1]  # one that says why it is skipped stands for all
TOOLS = ("ultralytics", "anomalib", "torch", "torchvision", "timm", "lightning")
HERE = Path(__file__).resolve().parent


@cache
def has(tool: str) -> bool:
    """As peers.has, asked once."""
    return peers.has(tool)


def skip_without(case: Case) -> None:
    """By name, what is missing."""
    if not ASKED:
        pytest.skip(
            f"{len(CASES)} exports of {', '.join(peers.PACKAGE)}: `make exporters` runs them"
        )
    if not has(case.tool):
        pytest.skip(f"{case.name}: {case.tool} is not installed in {peers.PYTHON}")
    if not (peers.DATA / case.parts).is_dir():
        pytest.skip(f"{case.name}: ../shared/data/{case.parts} is not there")


def exported(case: Case) -> Path:
    """The folder of its export; skips with the tool's own words where it does not export it."""
    skip_without(case)
    folder = peers.exported(case)
    if (folder / peers.REFUSED).is_file():
        why = (folder / peers.REFUSED).read_text("utf-8").splitlines()[0]
        peers.keep(case, tool_refused=why)
        pytest.skip(f"{case.name}: {case.tool} does not export it here: {why[:200]}")
    return folder


@pytest.mark.parametrize("case", TRIED, ids=lambda case: case.name)
def test_export_ranks_pictures_as_its_tool_does(case: Case, tmp_path: Path) -> None:
    """FP32 at the station's engine, each picture at its own size; one of no use is refused."""
    folder = exported(case)
    said = peers.own(folder)
    typed = peers.words(case, folder, tmp_path / f"{case.name}-1.0.0.gng")
    model, refusal = peers.fp32(typed, tmp_path)
    if case.refused and model is None:
        peers.keep(case, refused=refusal)
        assert refusal.startswith(case.refused)
        return
    assert model is not None, refusal
    fp32 = peers.station_scores(model, said.pictures)
    found = peers.agreement(said, fp32, cut=case.cut)
    peers.keep(case, words=case.words, fp32=found)
    assert found >= case.rank_min


@pytest.mark.parametrize("case", TRIED, ids=lambda case: case.name)
def test_export_judges_parts_at_a_station(case: Case, tmp_path: Path) -> None:
    """It is built, INT8 ranks nearly as the tool does, and records have INT8's own scores."""
    folder = exported(case)
    said, bundle = peers.own(folder), tmp_path / f"{case.name}-1.0.0.gng"
    built = peers.build(peers.words(case, folder, bundle))
    peers.keep(case, words=case.words, took_s=built.took_s, refused=built.refused)
    if case.refused:
        assert built.refused.startswith(case.refused), built.said[-2000:]
        return
    assert not built.refused, built.said[-2000:]
    int8 = peers.station_scores(peers.int8(bundle, tmp_path), said.pictures)
    found = peers.agreement(said, int8, cut=case.cut)
    peers.keep(case, int8=found)
    some = slice(None, None, max(1, len(said.pictures) // SHOWN))
    recorded = peers.rehearsal(bundle, said.pictures[some], tmp_path)
    judged = np.isfinite(recorded)
    peers.keep(case, rehearsed=int(judged.sum()), shown=len(recorded))
    assert judged.sum() > len(recorded) // 2
    assert recorded[judged] == pytest.approx(int8[some][judged], rel=1e-3, abs=1e-5)
    assert found >= case.int8_min


def test_every_case_stands_in_the_script_of_its_tool() -> None:
    """A name that the script does not know would never be exported."""
    for case in CASES:
        text = (HERE / f"with_{case.tool}.py").read_text("utf-8")
        keys = {
            key.value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Dict)
            for key in node.keys
            if isinstance(key, ast.Constant)
        }
        assert case.name in keys


def test_no_test_imports_a_tool_that_exports() -> None:
    """They are programs of their own, one of them under the AGPL: the scripts alone import them."""
    line = re.compile(rf"^\s*(?:import|from)\s+(?:{'|'.join(TOOLS)})\b", re.MULTILINE)
    root = HERE.parents[1]
    folders = [each for each in root.iterdir() if (each / "__init__.py").is_file()]
    sources = [path for at in (*folders, root / "tests") for path in at.rglob("*.py")]
    importing = {path.name for path in sources if line.search(path.read_text("utf-8"))}
    assert importing == {path.name for path in HERE.glob("with_*.py")}
