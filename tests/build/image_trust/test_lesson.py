"""From good pictures to checks: what can be told is offered, what cannot is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import TrustLearnError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.image_trust.lesson import Outcome, edge_levels, lesson_of
from gonogo.rules.image_trust.learnt_file import trusted
from gonogo.rules.image_trust.limits import CHECKS, findings
from gonogo.rules.image_trust.sample import Sampler
from gonogo.tests.rules.image_trust.pictures import COLOUR, COUNT, GREY, good, lesson, quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.build.image_trust.lesson import Lesson


def learnt_from(make: Callable[[int], NDArray[np.uint8]], count: int = COUNT) -> Lesson:
    """What is learnt from so many pictures of GREY, made by their number."""
    return lesson_of(GREY, make, count, quiet)


def offered(found: Lesson) -> set[str]:
    """The checks of the view; what the file has and what is said are the same."""
    names = {each.check for each in found.outcomes if each.offered}
    assert names == set(found.learnt.limits)
    return names


@pytest.mark.parametrize("geometry", [GREY, COLOUR], ids=["grey", "colour"])
def test_lesson_of_even_good_parts_has_every_check(geometry: FrameShape) -> None:
    """Each found its damage in nearly all and nothing in the good ones, left out one by one."""
    found = lesson(geometry)
    assert offered(found) >= set(CHECKS) - {"torn", "too bright", "saturated"}
    assert {"too bright", "saturated"} & offered(found)
    assert [each.check for each in found.outcomes] == list(CHECKS)
    assert all(each.pictures == COUNT for each in found.outcomes)
    learnt = found.learnt
    assert (learnt.geometry, learnt.pictures) == (geometry, COUNT)


def test_lesson_leaves_other_good_pictures_alone() -> None:
    """Those that it has not seen."""
    known, sampler = trusted(lesson(GREY).learnt), Sampler(GREY, lesson(GREY).learnt.edge_levels)
    seen = [known.reference.values(sampler.take(good(k, GREY))) for k in range(100, 140)]
    assert [list(findings(each, known.limits)) for each in seen] == [[]] * 40


def test_lesson_of_the_same_pictures_is_the_same() -> None:
    """To the last digit: a file can be made again."""
    assert lesson(GREY) == lesson(GREY)


def test_lesson_offers_no_light_where_good_parts_vary_more() -> None:
    """Parts between half as bright and twice as bright: 40 % less light is one of them."""
    found = learnt_from(lambda k: good(k, GREY, light=(0.5, 0.8, 1.0, 1.4)[k % 4]))
    assert not {"too dark", "too bright"} & offered(found)
    (dark,) = [each for each in found.outcomes if each.check == "too dark"]
    assert dark.found < 0.95 * COUNT


def test_lesson_offers_no_place_where_good_parts_lie_anywhere() -> None:
    """Parts that lie loose on the belt."""
    found = learnt_from(lambda k: np.roll(good(k, GREY), (k * 7) % 40 - 20, axis=1))
    assert "shifted across" not in offered(found)
    assert "shifted along" in offered(found)


def test_lesson_offers_no_copies_where_pictures_have_no_noise() -> None:
    """A frame and its copy differ by no less than two frames of one part."""
    still = np.full(GREY.shape, 40, np.uint8)
    still[20:100, 32:120] = 160
    found = learnt_from(lambda k: still + np.uint8(k % 3))
    assert not {"frozen", "stale in part"} & offered(found)


def test_lesson_offers_no_check_that_took_one_good_picture_for_damaged() -> None:
    """One bad picture among the good ones: the others' limits do not hold it."""
    found = learnt_from(lambda k: good(k, GREY, light=0.5 if k == 7 else 1.0))
    (dark,) = [each for each in found.outcomes if each.check == "too dark"]
    assert dark.false_alarms == 1
    assert "too dark" not in offered(found)


@pytest.mark.parametrize(
    ("found", "false", "offer"), [(95, 0, True), (94, 0, False), (100, 1, False)]
)
def test_outcome_is_offered_with_95_percent_found_and_no_false_alarm(
    found: int,
    false: int,
    offer: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Of a hundred."""
    assert Outcome("torn", found, false, 100).offered is offer


def test_lesson_wants_thirty_pictures() -> None:
    """With fewer, nothing is even read."""
    with pytest.raises(TrustLearnError, match=r"GN221: expected at least 30 good pictures, got 29"):
        learnt_from(lambda k: pytest.fail(f"{k} was read"), 29)


@pytest.mark.parametrize("size", [(63, 200), (200, 63)])
def test_lesson_wants_frames_with_something_to_look_at(size: tuple[int, int]) -> None:
    """64 px to either side."""
    with pytest.raises(TrustLearnError, match="at least 64 x 64 px"):
        lesson_of(FrameShape(*size, 1), lambda k: pytest.fail(f"{k} was read"), 30, quiet)


def test_lesson_says_how_far_it_is() -> None:
    """From nothing to all of them."""
    told: list[tuple[int, int]] = []
    read = {k: good(k, GREY) for k in range(COUNT)}
    lesson_of(GREY, read.__getitem__, COUNT, lambda _, done, total: told.append((done, total)))
    assert (told[0], told[-1]) == ((0, COUNT), (COUNT, COUNT))


def test_edges_are_strong_from_the_level_that_few_exceed() -> None:
    """One step in fifty, and never so little that it may be noise."""
    frame = np.full(GREY.shape, 50, np.uint8)
    assert edge_levels(GREY, lambda _: frame, 3) == 12
    frame[:, 80:] = 190
    assert edge_levels(GREY, lambda _: frame, 3) == 140
