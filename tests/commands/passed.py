"""A station file with an engine, a model file or a bundle, and the records of parts that passed it.

Import as `gonogo.tests.commands.passed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from gonogo.base.scores import ScoreLimits, by_score
from gonogo.base.words import Part, Reason, Score, VerdictKind, ViewCapture
from gonogo.engines.bundles.write import facts_of
from gonogo.engines.card import read_card
from gonogo.records.labels import Labels
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.rows import PictureRows, Row
from gonogo.records.store import Store
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.engines.serving.places import install, section
from gonogo.tests.fakes import entry_of
from gonogo.tests.records.months import THEN
from gonogo.tests.stations import PLAIN_FILE, tiny_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import VerdictEntry

RUN = "r1"
LIMIT = 2.45  # of the card: above it reject, nothing between
S, MS = 10**9, 10**6
ENGINE = """[view.engine]
model = "nut.onnx"  # taught in May

[[view.rule]]"""
# scores of parts that passed: 110 good ones from 1.0 up, two odd ones, four bad ones
GOOD = tuple(1.0 + 0.01 * k for k in range(110))
ODD = (2.5, 2.3)
BAD = (9.0, 7.0, 6.0, 2.4)


class Passed(NamedTuple):
    """The station file, and the id of its engine in hex."""

    file: Path
    engine: str


def passed(folder: Path, scores: Sequence[float] = (*GOOD, *ODD, *BAD)) -> Passed:
    """A part for each score, serials from 1 on; the rejected ones have a picture."""
    model = tiny_engine(folder / "nut.onnx", reject_above=LIMIT)
    engine_id = read_card(model).engine_id
    file = folder / "cell.toml"
    file.write_text(PLAIN_FILE.replace("[[view.rule]]", ENGINE))
    base = folder / "parts.sqlite"
    store = Store(base, Labels(("top",), (), ()), RUN, THEN)
    entries = [part_of(k, score, engine_id) for k, score in enumerate(scores, start=1)]
    store.write(entries)
    store.close()
    rows = PictureRows(base, folder / "pictures")
    rows.write([photographed(folder / "pictures", one) for one in entries if _away(one)])
    rows.close()
    return Passed(file, f"{engine_id:016x}")


def bundled(folder: Path) -> Path:
    """The same station, which judges by the installed bundle "bolt" 1.0.0 of the same model.

    `maker` beside it is the private key that signed it.
    """
    file, engines = passed(folder).file, section(folder)
    install(engines, bolt(folder))
    named = ENGINE.replace('model = "nut.onnx"', 'bundle = "bolt"')
    more = f'[engines]\nfolder = "{engines.folder}"\ntrust = ["{engines.trust[0]}"]\n'
    file.write_text(file.read_text().replace(ENGINE, named) + more)
    (folder / "maker").write_bytes(parcels.MAKER.pem)
    (folder / "maker").chmod(0o600)
    return file


def bolt(folder: Path, version: str = "1.0.0", **more: Any) -> Path:  # noqa: ANN401 - of Contents
    """The model that scored those parts, as a bundle for both CPU backends."""
    card = read_card(folder / "nut.onnx")
    facts = facts_of(card, parcels.SCORES, 0.02)
    usual: dict[str, Any] = {
        "model": folder / "nut.onnx", "card": card, "name": "bolt", "version": version,
        "backends": {"onnxruntime": facts, "openvino": facts},
    }  # fmt: skip
    return parcels.make(folder, f"{version}.gng", **(usual | more))


def part_of(serial: int, score: float, engine_id: int) -> VerdictEntry:
    """As the line judges it by the card; its PLC number is 1000 more than its serial."""
    at = serial * S
    kind, reason = by_score(score, ScoreLimits(LIMIT, LIMIT))
    return entry_of(serial)._replace(
        part=Part(serial, 1000 + serial, at, at + 1, at + 2, at + 200 * MS),
        kind=kind, reason=reason, checks=(), recipe=1,
        looks=(ViewCapture(0, 0, at + 9 * MS),),
        scores=(Score(0, score, at + 11 * MS, at + 19 * MS, engine_id),),
    )  # fmt: skip


def photographed(folder: Path, entry: VerdictEntry) -> Row:
    """Its picture on the disk, and the row of that."""
    serial = entry.part.serial
    name = f"2023/11/14/22/{serial}.png"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / name), np.full((24, 32, 3), 10 * serial % 256, np.uint8))
    row = Row(RUN, serial, 0, "top", PictureKind.REJECT, PictureState.KEPT)
    return row._replace(path=name)


def _away(entry: VerdictEntry) -> bool:
    return entry.kind is not VerdictKind.ACCEPT and entry.reason is not Reason.OK
