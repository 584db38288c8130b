"""Frames held against what good pictures are like: rejected with check, value and limit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.words import Reason
from gonogo.ipc.frame_ring import STATE, FrameRing, State
from gonogo.rules.image_trust.lamp import PARTS
from gonogo.rules.image_trust.learnt_file import trusted
from gonogo.rules.image_trust.sample import Sampler
from gonogo.runtime.acquire import Acquisition, View
from gonogo.tests.fakes import FakeCamera, part_now
from gonogo.tests.rules.image_trust.pictures import GREY, good, lesson
from gonogo.tests.runtime.test_acquire import Held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.camera import Exposure
    from gonogo.rules.image_trust.learnt_file import Trusted

    Frame = NDArray[np.uint8]

SLOTS = 4


@cache
def learnt() -> Trusted:
    """What a view knows that has seen 32 plates."""
    return trusted(lesson(GREY).learnt)


class Gallery(FakeCamera):
    """Shows these pictures, one a part."""

    def __init__(self, *pictures: Frame) -> None:
        super().__init__()
        self.pictures = pictures

    def grab(self, part_id: int, pixels: Frame, deadline_ns: int) -> Exposure:
        """The next one; the last one repeats."""
        shown = self.pictures[min(self.taken, len(self.pictures) - 1)]
        exposure = super().grab(part_id, pixels, deadline_ns)
        pixels[...] = shown
        return exposure


def acquisition_of(
    station: str, *pictures: Frame, live: bool = True, known: Trusted | None = None
) -> tuple[Acquisition, FrameRing]:
    """One view that shows these pictures, and what it has learnt."""
    ring = FrameRing.create(station, 0, GREY, SLOTS)
    view = View("top", Gallery(*pictures), ring, live, learnt=known or learnt())
    return Acquisition([view], Held()), ring


def test_frame_like_the_good_ones_is_trusted(station: str) -> None:
    """One after the other, round the ring and again."""
    acquisition, _ = acquisition_of(station, *(good(50 + k, GREY) for k in range(3 * SLOTS)))
    looks = [acquisition.capture(part_now(k + 1))[0] for k in range(3 * SLOTS)]
    assert [look.fault for look in looks] == [Reason.OK] * len(looks)
    assert list(acquisition.messages()) == []


@pytest.mark.parametrize(
    ("name", "hurt"),
    [
        ("too dark", lambda frame: frame // 2),
        ("shifted across", lambda frame: np.roll(frame, 10, axis=1)),
        ("shifted along", lambda frame: np.roll(frame, 9, axis=0)),
    ],
)
def test_frame_unlike_the_good_ones_is_condemned_with_check_value_and_limit(
    station: str, name: str, hurt: object
) -> None:
    """No pixels for the rules, no score of it, and words that a person can act on."""
    assert callable(hurt)
    acquisition, ring = acquisition_of(station, good(50, GREY), hurt(good(51, GREY)))
    assert acquisition.capture(part_now(1))[0].fault is Reason.OK
    (look,) = acquisition.capture(part_now(2))
    assert (look.fault, look.pixels) == (Reason.FRAME, None)
    assert ring.slots[look.slot].words[STATE] == State.FAULT
    assert acquisition.faults == 1
    (said,) = acquisition.messages()
    assert said.startswith(f"view 'top', part 2: the frame is {name}: ")
    assert f"expected at {'least' if name == 'too dark' else 'most'} " in said


def frozen(frame: Frame) -> Frame:
    """The same picture, read out or encoded once more."""
    off = np.arange(frame.size).reshape(frame.shape) % 50 == 0
    return np.asarray(np.bitwise_xor(frame, off.astype(np.uint8)), np.uint8)


@pytest.mark.parametrize(("live", "fault"), [(True, Reason.FRAME), (False, Reason.OK)])
def test_frame_that_differs_from_the_one_before_by_less_than_noise_is_a_copy(
    station: str, fault: Reason, *, live: bool
) -> None:
    """Of a camera that is live; one that replays files may show a picture again."""
    first = good(50, GREY)
    acquisition, _ = acquisition_of(station, first, frozen(first), live=live)
    assert acquisition.capture(part_now(1))[0].fault is Reason.OK
    assert acquisition.capture(part_now(2))[0].fault is fault
    said = list(acquisition.messages())
    assert bool(said) is live
    assert all("the frame is frozen: differs from a former one by" in text for text in said)


def test_frame_whose_lower_part_lay_in_its_slot_before_is_not_whole(station: str) -> None:
    """A camera that stopped half way leaves the rest of an older part's picture there."""
    shown = [good(50 + k, GREY) for k in range(SLOTS + 1)]
    shown[SLOTS][70:] = shown[0][70:]
    acquisition, _ = acquisition_of(station, *shown)
    faults = [acquisition.capture(part_now(k + 1))[0].fault for k in range(SLOTS + 1)]
    assert faults == [Reason.OK] * SLOTS + [Reason.FRAME]
    (said,) = acquisition.messages()
    assert "the frame is stale in part" in said or "the frame is torn" in said


def test_frame_of_no_part_is_not_held_against_good_parts(station: str) -> None:
    """Between two parts the belt is empty: the camera is there, and that is what was asked."""
    empty = np.full(GREY.shape, 40, np.uint8)
    empty[:, 80:] += 8
    acquisition, _ = acquisition_of(station, empty, empty + np.uint8(1), empty + np.uint8(2))
    assert acquisition.probe(part_now(0))
    assert acquisition.capture(part_now(0))[0].fault is Reason.OK
    assert acquisition.capture(part_now(1))[0].fault is Reason.FRAME


def test_frame_is_asked_for_contrast_alone_by_a_view_that_has_learnt_nothing(station: str) -> None:
    """As ever; and that is said, too."""
    ring = FrameRing.create(station, 0, GREY, SLOTS)
    dark, flat = good(50, GREY) // 3, np.full(GREY.shape, 9, np.uint8)
    acquisition = Acquisition([View("top", Gallery(dark, flat), ring, live=True)], Held())
    assert acquisition.capture(part_now(1))[0].fault is Reason.OK
    assert acquisition.capture(part_now(2))[0].fault is Reason.FRAME
    assert list(acquisition.messages()) == [
        (
            "view 'top', part 2: the frame is flat: contrast 0 grey levels, expected at least 2; "
            "look at lens cap and lamp"
        )
    ]


def test_frame_that_is_the_same_to_the_bit_is_said_to_be_a_copy(station: str) -> None:
    """Without anything learnt."""
    ring = FrameRing.create(station, 0, GREY, SLOTS)
    acquisition = Acquisition([View("top", Gallery(good(50, GREY)), ring, live=True)], Held())
    acquisition.capture(part_now(1))
    assert acquisition.capture(part_now(2))[0].fault is Reason.FRAME
    (said,) = acquisition.messages()
    assert (
        "the frame is a copy: differs from the one before by 0 grey levels, expected at least 1"
        in said
    )


def test_lamp_that_ages_is_told_of_between_parts_and_parts_pass(station: str) -> None:
    """Before its light is too little."""
    known = learnt()
    low, mean = known.limits["too dark"], known.light_mean
    own = known.reference.values(Sampler(GREY, known.reference.edge_levels).take(good(50, GREY)))
    gain = (mean - 0.75 * (mean - low)) / own.light
    weak = np.asarray(cv2.convertScaleAbs(good(50, GREY), alpha=gain), np.uint8)
    acquisition, _ = acquisition_of(station, weak, live=False)
    faults = {acquisition.capture(part_now(k + 1))[0].fault for k in range(3 * PARTS)}
    assert faults == {Reason.OK}
    (said,) = acquisition.messages()
    assert said.startswith("view 'top': the light has gone from ")
    assert list(acquisition.messages()) == []


def test_lamp_learns_nothing_of_frames_that_are_rejected(station: str) -> None:
    """They are told of by themselves."""
    acquisition, _ = acquisition_of(station, good(50, GREY) // 3, live=False)
    faults = {acquisition.capture(part_now(k + 1))[0].fault for k in range(2 * PARTS)}
    assert faults == {Reason.FRAME}
    assert not [text for text in acquisition.messages() if "the light has gone" in text]
