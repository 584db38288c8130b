"""`gonogo why`: the picture that it writes, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest
from click.testing import CliRunner, Result

from gonogo.base.words import Reason, RuleResult, Score, Status, VerdictKind, ViewCapture
from gonogo.commands.cli import main
from gonogo.engines.card import read_card
from gonogo.records.labels import Labels
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.store import Store
from gonogo.tests.engines.patches.made import bad, engine
from gonogo.tests.fakes import entry_of, part_now
from gonogo.tests.records.pictures.made import HOUR, RUN, row_of

if TYPE_CHECKING:
    from pathlib import Path

STATION = """
[station]
name = "why"
speed_mm_s = 200
pitch_mm = 100
budget_ms = 100
[trigger]
driver = "timer"
period_ms = 200
[plc]
driver = "modbus-client"
host = "127.0.0.1"
[[view]]
name = "top"
[view.camera]
driver = "synthetic"
width_px = 64
height_px = 64
[view.engine]
model = "nut.onnx"
[[view.rule]]
name = "width"
kind = "dimension"
measure = "width"
high = 30.0
[records]
path = "parts.sqlite"
"""


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file, an engine with patches, and a part that both judged, with its picture."""
    model = engine(tmp_path / "nut.onnx")
    (tmp_path / "why.toml").write_text(STATION)
    frame = bad(50, (2, 5))
    frame[8:24, 2:10] = 10
    (tmp_path / "pictures" / HOUR).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "pictures" / HOUR / "a.png"), frame)
    part = part_now(7)
    entry = entry_of(7)._replace(
        part=part,
        kind=VerdictKind.REJECT,
        looks=(ViewCapture(0, 0, 1, Reason.OK, generation=1),),
        reason=Reason.ENGINE,
        scores=(Score(0, 70.0, part.trigger_ns, part.trigger_ns, read_card(model).engine_id),),
        checks=(RuleResult(Status.FAIL, 40.0, float("-inf"), 30.0),),
    )
    base = tmp_path / "parts.sqlite"
    store = Store(base, Labels(("top",), ("width",), ("px",)), RUN)
    store.write([entry])
    store.close()
    rows = PictureRows(base, tmp_path / "pictures")
    assert rows.write([row_of(7, path=f"{HOUR}/a.png")]) == []
    rows.close()
    return tmp_path / "why.toml"


def gonogo(*words: object) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(main, [str(word) for word in words])


def test_why_writes_a_picture_of_each_cause(station: Path, tmp_path: Path) -> None:
    """The engine first, for the verdict's reason names it; then the rule that failed as well."""
    out = tmp_path / "out.png"
    number = part_now(7).part_id
    done = gonogo("why", number, "--station", station, "--out", out)
    assert done.exit_code == 0, done.output
    assert "the nearest good patch is of good " in done.output
    assert "rule width, view top: 40 px, limits none to 30 px" in done.output
    assert "measured anew on the picture that was kept: 8 px" in done.output
    for path in (out, tmp_path / "out-2.png"):
        assert cv2.imread(str(path)) is not None
        assert str(path) in done.output


def test_why_says_what_of_it_cannot_be_shown(station: Path, tmp_path: Path) -> None:
    """Without its patches the engine's cause is said, and the rule's is shown."""
    (station.parent / "nut.patches").unlink()
    out = tmp_path / "out.png"
    done = gonogo("why", part_now(7).part_id, "--station", station, "--out", out)
    assert done.exit_code == 0, done.output
    assert "view top: GN643" in done.output
    assert not out.exists()
    assert (tmp_path / "out-2.png").exists()


def test_why_wants_the_station_file(station: Path, tmp_path: Path) -> None:
    """Records alone know no rules, and a picture is written as a PNG."""
    records = station.parent / "parts.sqlite"
    number = part_now(7).part_id
    done = gonogo("why", number, "--station", records, "--out", tmp_path / "out.png")
    assert done.exit_code == 1
    assert "expected the station file" in done.output
    assert gonogo("why", number, "--station", station, "--out", "a.jpg").exit_code == 1
