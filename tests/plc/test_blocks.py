"""The function block that ships: its text, its words, its alarms, and each of its guards."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.plc.blockhand import (
    SCENES,
    Scene,
    outcome,
)
from gonogo.tests.plc.plant import BLOCKS, unit
from gonogo.tests.st.machine import StError
from gonogo.tests.st.text import load

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (BLOCKS / "FB_GoNoGo.st").read_text(encoding="utf-8")

# Each guard between a part and its ACCEPT, and the text without it.
GUARDS = {
    "SEQ_A": ("auiD[iAt] <> uiSeq OR ", ""),
    "SEQ_B": (" OR auiD[iAt + 7] <> uiSeq", ""),
    "part id": ("auiId[iPart] = auiD[iAt + 1]", "auiId[iPart] <> 0"),
    "id 0": ("auiId[iPart] <> 0 AND ", ""),
    "decision point": ("udiFrom := audiPos[iFound]) > udiDecisionCounts", "udiFrom := udiPos) > 0"),
    "verdict": ("auiD[iAt + 2] = 1 AND", "auiD[iAt + 2] < 3 AND"),
    "permit when read": ("= 1 AND xPermit\n", "= 1\n"),
    "flag late": ("uiWord := auiD[iAt + 5], uiWeight := 2", "uiWord := 0, uiWeight := 2"),
    "flag test": ("uiWord := auiD[iAt + 5], uiWeight := 4", "uiWord := 0, uiWeight := 4"),
    "one verdict": ("ELSIF aiState[iFound] <> WAITING THEN", "ELSIF iFound > 99 THEN"),
    "session": ("xSessionKnown AND auiD[13] = uiSession AND", "xSessionKnown AND"),
    "sync request": ("auiD[13] = uiSession AND NOT xSyncRequest", "auiD[13] = uiSession"),
    "window of 8": ("xAstray := uiAhead > 8", "xAstray := uiAhead > 99"),
    "state": ("aiState[iHead] = ACCEPTED AND xPermit", "xPermit"),
    "permit at the ejector": ("= ACCEPTED AND xPermit AND", "= ACCEPTED AND"),
    "heart": ("xBeating := FALSE", "xBeating := TRUE"),
    "enable": ("xPermit AND xEnable AND xSetup", "xPermit AND xSetup"),
    "test mode": ("NOT xSweep AND NOT xTestMode", "NOT xSweep"),
    "magic": ("xValid := auiD[0] = MAGIC AND", "xValid :="),
    "map version": ("auiD[0] = MAGIC AND auiD[1] = MAP_VERSION;", "auiD[0] = MAGIC;"),
}


# -- the text --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "END_IF;",
            "END_IF",
        ),
        ("xMoved := ", "xMoved = "),
        ("xValid AND xBeating", "xValid AND AND xBeating"),
        ("END_WHILE", "END_FOR"),
        ("    uiAck : UINT;\n", ""),
        ("uiAck := uiSeq", "uiAck := TRUE"),
        ("MOD UDINT#65536)", "MOD UDINT#65536.)"),
        ("udiPos MOD", "uiAck MOD"),
        ("auiD[iAt + 1]", "auiD"),
        ("UINT_TO_INT(", "INT_TO_UINT("),
        ("(* 1. time and belt *)", "(* 1. time and belt"),
    ],
)
def test_text_that_is_broken_is_refused(old: str, new: str) -> None:
    """The parser and the type checks are no formality: a slip in the text fails."""
    assert old in TEXT
    load(TEXT)
    with pytest.raises(StError):
        load(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("name", ["FB_GoNoGo.st", "PRG_GoNoGo.st"])
def test_text_stands_up_to_another_parser(name: str, tmp_path: Path) -> None:
    """Blark reads the texts, too, and does not read a broken one."""
    python = BLOCKS.parents[1] / ".venv" / "peers" / "blark" / "bin" / "python"
    if not python.exists():
        pytest.skip("blark is not installed: tests/peers/install.sh")
    text = (BLOCKS / name).read_text(encoding="utf-8")
    broken = tmp_path / "broken.st"
    broken.write_text(text.replace("END_IF", "END_FOR", 1), encoding="utf-8")
    script = BLOCKS.parents[1] / "tests" / "peers" / "blark_parse.py"
    codes = [
        subprocess.run([python, "-I", script, path], check=False, capture_output=True).returncode
        for path in (BLOCKS / name, broken)
    ]
    assert codes == [0, 1]


def test_text_makes_no_claim_of_safety() -> None:
    """It is quality control: the word is in none of the texts that an engineer gets."""
    page = BLOCKS.parents[1] / "docs" / "commissioning-plc.md"
    for path in (page, *BLOCKS.iterdir()):
        assert not re.search(r"\bsafe", path.read_text(encoding="utf-8"), re.IGNORECASE), path


# -- the guards ------------------------------------------------------------------------


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_part_passes_only_with_its_own_fresh_accept(scene: Scene) -> None:
    """One thing wrong is enough: the part is ejected, and the documented alarm is up."""
    assert outcome(unit(), scene) == (scene.passes, True)


@pytest.mark.parametrize("guard", GUARDS)
def test_guard_left_out_is_noticed(guard: str) -> None:
    """The text without one of its guards plays at least one scene wrongly."""
    old, new = GUARDS[guard]
    assert TEXT.count(old) == 1
    mutant = load(TEXT.replace(old, new))["fb_gonogo"]
    assert any(outcome(mutant, scene) != (scene.passes, True) for scene in SCENES)
