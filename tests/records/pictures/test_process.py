"""The pictures process: its plan, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import VerdictKind
from gonogo.records.labels import Clock
from gonogo.records.pictures.process import PicturesPlan, PicturesView, chooser_of, desk_of, follow
from gonogo.tests.fakes import part_now
from gonogo.tests.records.pictures.made import RUN, images_in, job_of, judged, pictures, recorded

if TYPE_CHECKING:
    from gonogo.ipc.worker import Worker
    from gonogo.records.pictures.follower import Follower
    from gonogo.records.pictures.hand import Hand


def plan_of(folder: Path) -> PicturesPlan:
    """Of a station with one view."""
    view = PicturesView(name="top", height_px=3, width_px=4, channels=1)
    return PicturesPlan(
        station="s", path=folder / "records.sqlite", shift_starts=("06:00",),
        images=images_in(folder / "pictures", audit_sample=1), views=(view,),
    )  # fmt: skip


def test_plan_travels_as_text_and_says_how_large_frames_are(tmp_path: Path) -> None:
    """As its one argument."""
    plan = plan_of(tmp_path)
    assert PicturesPlan.model_validate_json(plan.model_dump_json()) == plan
    assert plan.views[0].geometry == FrameShape(3, 4, 1)


def test_desk_and_chooser_are_those_of_the_plan(tmp_path: Path) -> None:
    """A picture goes into its folder, and its row into its records."""
    plan = plan_of(tmp_path)
    recorded(plan.path, 1)
    desk = desk_of(plan)
    desk.take(job_of(1))
    assert desk.flush()
    desk.close()
    ((path,),) = pictures(plan.path, "path")
    assert Path(path).is_relative_to(tmp_path / "pictures")
    assert chooser_of(plan, RUN).drawn(1) is None


def test_chooser_of_a_plan_draws_in_the_shift_of_its_start(tmp_path: Path) -> None:
    """What the journal holds of those before was drawn before."""
    chooser = chooser_of(plan_of(tmp_path), RUN)
    good = judged(part_now(1), VerdictKind.ACCEPT)
    assert chooser.choose(good, 0) is None
    assert chooser.choose(good, Clock.now().wall_ms(good.part.trigger_ns)) is not None


class Stop:
    """Asked at the so many-th look."""

    fd = 0

    def __init__(self, after: int) -> None:
        self._after = after

    @property
    def asked(self) -> bool:
        """Counted."""
        self._after -= 1
        return self._after < 0


class Life:
    """Stands in for all that `follow` speaks with."""

    def __init__(self, *, failed: bool = False, done: bool = True) -> None:
        self.stop, self.failed, self._done = Stop(0 if not failed else 10), failed, done
        self.turns = self.beats = self.lost = 0

    def catch_up(self) -> None:
        """Counted; some of the journal is lost."""
        self.turns += 1
        self.lost = 3

    def beat(self) -> None:
        """Counted."""
        self.beats += 1

    def finish(self, _: float) -> bool:
        """As a test says."""
        return self._done and not self.failed


def ended(life: Life) -> int:
    """The exit code."""
    follower: Follower = life  # type: ignore[assignment]
    hand: Hand = life  # type: ignore[assignment]
    process: Worker = life  # type: ignore[assignment]
    return follow(follower, hand, process)


def test_follow_looks_once_more_when_it_is_asked_to_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was written before is seen to; what was lost is told."""
    life = Life()
    assert ended(life) == 0
    assert (life.turns, life.beats) == (1, 1)
    assert "3 entries of the journal were overwritten unread" in caplog.text


@pytest.mark.parametrize("life", [Life(failed=True), Life(done=False)])
def test_follow_ends_badly_where_its_second_thread_did(life: Life) -> None:
    """Its successor does what it left."""
    assert ended(life) == 1
