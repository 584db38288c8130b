"""Why a part was judged so, on the page: worked out beside the screen, never in it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.console.screen.reasons import KEPT_MAX
from gonogo.console.why.plan import WhyPlan, WhyView
from gonogo.engines.card import read_card
from gonogo.records.pictures.rows import PictureRows
from gonogo.rules.dimension import DimensionSection
from gonogo.tests.console.screen.scene import RULE, app_of, call
from gonogo.tests.engines.patches.made import bad, engine
from gonogo.tests.records.pictures.made import HOUR, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from starlette.types import ASGIApp

    from gonogo.tests.console.screen.scene import Scene


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine with patches of good parts."""
    return engine(tmp_path_factory.mktemp("engine") / "nut.onnx")


@pytest.fixture
def app(scene: Scene, model: Path) -> Iterator[ASGIApp]:
    """Of a station with that engine, and a rule with a name as somebody may give one."""
    rule = DimensionSection(kind="dimension", name=RULE, measure="width", high=9.0)
    plan = WhyPlan(engines=None, recipes={1: (WhyView(name="top", model=model, rule=(rule,)),)})
    scene.why = plan.model_dump_json()
    with ExitStack() as stack:
        yield app_of(scene.open(stack))


def keep(scene: Scene, serial: int) -> Path:
    """A picture of a part, dark on the left and with a spot, as the pictures process leaves it."""
    folder = scene.folder / "pictures"
    (folder / HOUR).mkdir(parents=True, exist_ok=True)
    frame = bad(50, (2, 5))
    frame[8:24, 2:10] = 10
    cv2.imwrite(str(folder / HOUR / f"{serial}.png"), frame)
    rows = PictureRows(scene.records, folder)
    row = row_of(serial, path=f"{HOUR}/{serial}.png")
    assert rows.write([row._replace(run=scene.journal.run)]) == []
    rows.close()
    return folder / HOUR / f"{serial}.png"


def shape_of(jpeg: bytes) -> tuple[int, ...]:
    """Of a picture that came."""
    found: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)  # type: ignore[assignment]  # its stubs say another kind
    assert found is not None
    return found.shape


def test_why_shows_rule_and_engine_of_a_rejected_part(
    scene: Scene, app: ASGIApp, model: Path
) -> None:
    """What can be asked, the likeliest first; each with its pictures, from one look."""
    part = scene.judge(3, VerdictKind.REJECT)
    engine_id = read_card(model).engine_id
    assert part.scores[0] is not None
    scene.record(part._replace(scores=(part.scores[0]._replace(engine_id=engine_id),)))
    keep(scene, 3)
    path = f"/why/{scene.journal.run}/3"
    rule, scored = call(app, path).json["causes"]
    assert (rule["rule"], rule["value"], rule["low"], rule["unit"]) == (RULE, 12.5, 10.0, "mm")
    assert (scored["view"], scored["engine"]) == ("top", f"{engine_id:016x}")
    measured = call(app, f"{path}/0")
    assert measured.json == {"kind": "rule", "view": "top", "value": 8.0, "unit": "px"}
    assert shape_of(call(app, f"{path}/0/whole").body) == (32, 32, 3)
    found = call(app, f"{path}/1").json
    assert found["kind"] == "engine"
    assert found["good_of"].startswith("good ")
    for which in ("whole", "worst", "good"):
        picture = call(app, f"{path}/1/{which}")
        assert picture.headers["content-type"] == "image/jpeg"
        assert shape_of(picture.body)[2] == 3
    for odd in ("2", "1/none", "0/worst", "x", "-1"):
        assert call(app, f"{path}/{odd}").status == 400, odd


def test_why_says_what_cannot_be_shown(scene: Scene, app: ASGIApp) -> None:
    """No such part; an engine that is gone; a picture that is gone."""
    run = scene.journal.run
    part = scene.judge(4, VerdictKind.REJECT)
    scene.record(part._replace(reason=Reason.ENGINE))
    assert call(app, f"/why/{run}/9").json["code"] == "GN606"
    kept = keep(scene, 4)
    gone = call(app, f"/why/{run}/4/0")
    assert (gone.status, gone.json["kind"], gone.json["code"]) == (200, "unknown", "GN643")
    assert call(app, f"/why/{run}/4/0/whole").status == 404
    assert "not on this box any more" in gone.json["text"]
    kept.unlink()
    away = call(app, f"/why/{run}/4/1")
    assert (away.json["kind"], away.json["code"]) == ("unknown", "GN643")
    assert "no picture of it is kept" in away.json["text"]


def test_why_of_an_accepted_part_without_a_score_asks_nothing(scene: Scene, app: ASGIApp) -> None:
    """And begins no process for it."""
    part = scene.judge(5)
    scene.record(part._replace(scores=(None,)))
    assert call(app, f"/why/{scene.journal.run}/5").json == {"causes": []}


def test_why_keeps_a_few_answers_alone(scene: Scene, app: ASGIApp) -> None:
    """Whoever looks at many parts does not fill the screen's memory."""
    count = KEPT_MAX + 2
    for serial in range(1, count + 1):
        scene.record(scene.judge(serial, VerdictKind.REJECT))
    kept = [keep(scene, serial) for serial in range(1, count + 1)]
    paths = [f"/why/{scene.journal.run}/{serial}/0" for serial in range(1, count + 1)]
    assert {call(app, path).status for path in paths} == {200}
    for each in kept:
        each.unlink()  # only what is held by now can be answered
    kinds = [call(app, path).json["kind"] for path in paths[::-1]]
    assert kinds == ["rule"] * KEPT_MAX + ["unknown"] * (count - KEPT_MAX)
