"""A part that an engine with patches of good parts has rejected, with the picture of it.

Import as `gonogo.tests.console.serial.explained`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from gonogo.base.words import Reason, RuleResult, Status, VerdictKind
from gonogo.engines.card import read_card
from gonogo.records.labels import Labels
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.rows import PictureRows, Row
from gonogo.records.store import Store
from gonogo.tests.commands.passed import part_of
from gonogo.tests.console.serial.ran import begun
from gonogo.tests.engines.patches.made import bad, engine
from gonogo.tests.records.months import THEN

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.words import RuleResult as Check
    from gonogo.tests.console.serial.told import Told

RUN = "r2"
SERIAL = 4  # its number at the PLC is 1004; it has no sister without a picture but 1005
SPOT = (20, 8)  # x and y in px: a cell of 4 px that is bright, the corner nearest to the origin
CHECKS = (RuleResult(Status.FAIL, 40.0, float("-inf"), 30.0), RuleResult(Status.PASS, 3.0, 1, 9))


def explained(told: Told, checks: tuple[Check, ...] = CHECKS) -> Path:
    """The station file that it was judged by, and started with; 1004 has a picture, 1005 none."""
    folder = told.records.parent
    model = engine(folder / "plate.onnx")
    file = folder / "cell.toml"
    file.write_text(file.read_text().replace('"nut.onnx"', '"plate.onnx"'))
    x_px, y_px = SPOT
    (folder / "pictures").mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "pictures" / "4.png"), bad(50, (y_px // 4, x_px // 4)))
    engine_id = read_card(model).engine_id
    entries = [
        part_of(serial, 70.0, engine_id)._replace(
            kind=VerdictKind.REJECT, reason=Reason.ENGINE, checks=checks
        )
        for serial in (SERIAL, SERIAL + 1)
    ]
    store = Store(told.records, Labels(("top",), ("width", "hole"), ("mm", "px")), RUN, THEN)
    store.write(entries)
    store.close()
    rows = PictureRows(told.records, folder / "pictures")
    row = Row(RUN, SERIAL, 0, "top", PictureKind.REJECT, PictureState.KEPT)
    rows.write([row._replace(path="4.png")])
    rows.close()
    return begun(told)
