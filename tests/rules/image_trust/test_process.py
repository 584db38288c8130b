"""The optics process: sees what stays in the frames of a ring, says it once, and shows where."""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING, NamedTuple

import cv2
import pytest

from gonogo.ipc.frame_ring import FrameRing, State
from gonogo.rules.image_trust.learnt_file import FILE
from gonogo.rules.image_trust.optics import SEEN
from gonogo.rules.image_trust.process import Look, OpticsPlan, OpticsView, looks_of
from gonogo.rules.image_trust.trusted_frames import TrustedFrames
from gonogo.rules.image_trust.where import DUST, STUCK
from gonogo.tests.rules.image_trust.loose_parts import (
    GREY,
    learnt_of,
    part,
    text_of,
    with_dust,
    with_stuck,
)
from gonogo.tests.rules.image_trust.test_learnt_file import LEARNT
from gonogo.tests.rules.image_trust.test_where import colours
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.rules.image_trust.optics_learnt import OpticsLearnt

    Frame = NDArray[np.uint8]


WARNING = "optics: GN222: view 'top': 3 places"


class Ground(NamedTuple):
    """A ring, what the process is told, and the number of the last part (in a list)."""

    ring: FrameRing
    plan: OpticsPlan
    parts: list[int]

    @property
    def picture(self) -> Path:
        """Where it goes."""
        return self.plan.views[0].picture

    def frame(self, harm: Callable[[Frame], Frame]) -> None:
        """One more trusted frame."""
        self.parts[0] += 1
        number = self.parts[0]
        slot = self.ring.slots[number % len(self.ring.slots)]
        slot.begin(number, number, 1000 * number)
        slot.pixels[...] = harm(part(2 * number + 1, GREY))
        slot.commit(State.READY, 1000 * number + 1, number)


def view_of(folder: Path, optics: OpticsLearnt | None) -> OpticsView:
    """A view with what it has learnt."""
    path = folder / "top.trust.json"
    size = {"height_px": GREY.height_px, "width_px": GREY.width_px, "channels": 1}
    FILE.write(path, LEARNT.model_copy(update=size | {"optics": optics}))
    picture = folder / "cell.0-top.optics.png"
    return OpticsView(view=0, name="top", **size, learnt=path, picture=picture, look_every_s=0.002)


@pytest.fixture
def ground(station: str, tmp_path: Path) -> Iterator[Ground]:
    """Of one view that has learnt both checks."""
    plan = OpticsPlan(station=station, views=(view_of(tmp_path, text_of(GREY)),))
    made = Ground(FrameRing.create(station, 0, GREY, 4), plan, [0])
    yield made
    made.ring.close()
    made.ring.segment.unlink()


def dirty(frame: Frame) -> Frame:
    """Of both kinds."""
    return with_stuck(with_dust(frame))


def test_look_says_once_what_is_wrong_and_where_the_picture_is(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """With its number; the picture is of the view, with rings of both kinds."""
    (look,) = looks_of(ground.plan)
    caplog.set_level(logging.INFO)
    for k in range(2 * SEEN + 2):
        ground.frame(dirty)
        look.look(float(k))
    (said,) = caplog.messages
    assert said.startswith("GN222: view 'top': 3 places on the sensor did not follow")
    assert "1 place darker than when the view was learnt" in said
    assert said.endswith(f"; picture of where: {ground.picture}")
    picture = cv2.imread(str(ground.picture))
    assert picture is not None
    assert picture.shape == (*GREY.shape, 3)
    assert {STUCK, DUST} <= colours(picture)


def test_look_takes_its_time_between_two_frames(ground: Ground) -> None:
    """However fast parts come."""
    seen = []

    class Frames(TrustedFrames):
        """Notes when it was asked."""

        def take(self) -> None:
            """There is never one."""
            seen.append(now_s)

    view = ground.plan.views[0].model_copy(update={"look_every_s": 2.0})
    look = Look(view, learnt_of(GREY).optics, Frames(ground.ring))
    for now_s in (10.0, 10.5, 11.9, 12.0, 13.9, 20.0):
        look.look(now_s)
    assert seen == [10.0, 12.0, 20.0]


def test_looks_are_at_views_that_have_learnt_any_of_it(
    ground: Ground, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at one of an older file; one that cannot be read is said."""
    (tmp_path / "old").mkdir()
    old = view_of(tmp_path / "old", None)
    missing = old.model_copy(update={"learnt": tmp_path / "none.json"})
    plan = ground.plan.model_copy(update={"views": (old, missing, *ground.plan.views)})
    assert len(looks_of(plan)) == 1
    (said,) = caplog.messages
    assert said.startswith(f"GN220: {missing.learnt}: cannot be read")


def test_process_warns_of_a_dirty_camera_and_goes_on_after_it_was_killed(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """Its words reach the log of the station; the next process says it anew."""
    caplog.set_level(logging.INFO)
    row = RowPlan(
        name="optics",
        module="gonogo.rules.image_trust.process",
        argument=ground.plan.model_dump_json(),
        limit_ms=PATIENT_MS,
    )

    def warned(times: int) -> bool:
        ground.frame(dirty)
        return len([said for said in caplog.messages if said.startswith(WARNING)]) == times

    with supervised(ground.plan.station, row) as supervisor:
        turn_until(supervisor, lambda: warned(1))
        assert ground.picture.exists()
        os.kill(supervisor.beats.rows[1].pid, signal.SIGKILL)
        turn_until(supervisor, lambda: warned(2))
