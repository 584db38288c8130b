"""Which verdicts were set aside, by shift, camera and reason."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.console.screen.overrides import SHIFTS, camera_of, overrides, shift_starts
from gonogo.console.screen.plan import ScreenView
from gonogo.records.questions.details import Check, Details, Look
from gonogo.tests.console.screen.scene import app_of, call
from gonogo.tests.console.screen.test_app import Known, who, word
from gonogo.tests.fakes import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.console.screen.shown import Behind
    from gonogo.tests.console.screen.scene import Scene

DAY_MS = 86_400_000


@pytest.fixture
def found(scene: Scene) -> Iterator[Behind]:
    """Three rejects and an accepted part; people have said something of three of them."""
    reject, accept = VerdictKind.REJECT, VerdictKind.ACCEPT
    scene.record(*(scene.judge(k, accept if k == 4 else reject) for k in (1, 2, 3, 4)))
    with ExitStack() as stack:
        behind = scene.open(stack, Known())
        app = app_of(behind)
        for serial, said in ((1, "false-reject"), (2, "confirmed"), (4, "missed-defect")):
            code = "dirt" if serial == 1 else ""
            asked = word(scene, serial, word=said, code=code)
            assert call(app, "/override", fields=asked, headers=who("ann")).status == 200
        yield behind


def test_overrides_are_counted_by_shift_camera_and_reason(found: Behind) -> None:
    """What was confirmed is reviewed, and no override; the shift that runs is the first."""
    now_ms = time.time_ns() // 10**6
    told = overrides(found.plan, found.archive, "en", now_ms)
    assert (len(told["shifts"]), told["shifts"][0]["reviewed"]) == (SHIFTS, 3)
    assert told["cameras"] == ["top"]
    by_word = {each["word"]: each for each in told["counts"]}
    assert {name: each["count"] for name, each in by_word.items()} == {
        "false-reject": 1, "missed-defect": 1,
    }  # fmt: skip
    assert {(each["shift"], each["camera"]) for each in told["counts"]} == {(0, "top")}
    assert by_word["false-reject"]["text"] not in {"", "dirt"}
    later = overrides(found.plan, found.archive, "en", now_ms + 2 * DAY_MS)
    assert [each["reviewed"] for each in later["shifts"][:3]] == [0, 0, 3]
    assert {each["shift"] for each in later["counts"]} == {2}


def test_overrides_of_long_ago_are_not_counted(found: Behind) -> None:
    """The page has a week of shifts."""
    now_ms = time.time_ns() // 10**6 + (SHIFTS + 1) * DAY_MS
    assert overrides(found.plan, found.archive, "en", now_ms)["counts"] == []


def test_camera_is_looked_up_where_there_are_several(scene: Scene, found: Behind) -> None:
    """By the engine that scored; a part whose row is gone has none that is known."""
    side = ScreenView(name="side", **SMALL._asdict())
    plan = found.plan.model_copy(update={"views": (*found.plan.views, side)})
    told = overrides(plan, found.archive, "en", time.time_ns() // 10**6)
    assert {each["camera"] for each in told["counts"]} == {"", "top"}  # of a rule none is known
    for path in scene.folder.glob("records-20*"):
        path.unlink()
    gone = overrides(plan, found.archive, "en", time.time_ns() // 10**6)
    assert {each["camera"] for each in gone["counts"]} == {""}


def test_camera_of_a_rule_is_the_one_view_that_has_it(scene: Scene) -> None:
    """Of a name that two views have nobody knows; a rule that passed decides nothing."""
    views = [("top", ("width", "gap")), ("side", ("depth", "gap"))]
    plan = scene.plan().model_copy(
        update={"views": tuple(ScreenView(name=n, rules=r, **SMALL._asdict()) for n, r in views)}
    )
    looks = tuple(Look(n, "OK", 1.0, 0.5, "OK", 1.0, 2.0, "ab") for n, _ in views)

    def about(*failed: str) -> Details:
        names = ("width", "depth", "gap")
        checks = (Check(n, "FAIL" if n in failed else "PASS", 1, 0, 2, "mm") for n in names)
        return Details(looks, tuple(checks), ())

    assert camera_of(plan, Reason.RULE, about("depth")) == "side"
    assert camera_of(plan, Reason.RULE, about("gap")) == ""
    assert camera_of(plan, Reason.RULE, about()) == ""
    assert camera_of(plan, Reason.ENGINE, about()) == ""
    assert camera_of(plan, Reason.ENGINE, about()._replace(looks=looks[1:])) == "side"


def test_shifts_go_back_from_the_one_that_runs() -> None:
    """Three a day, by the clock of the box."""
    now_ms = time.time_ns() // 10**6
    found = shift_starts(now_ms, ("06:00", "14:00", "22:00"))
    assert len(found) == SHIFTS
    assert found[0] <= now_ms < found[0] + DAY_MS
    assert found == sorted(found, reverse=True)
