"""From good pictures to the slow checks: offered where dirt is found, and clean parts are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import TrustLearnError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.image_trust.optics_lesson import (
    DEAD,
    DUST,
    GRAIN_PX,
    GRAINS,
    MARGIN_PX,
    ORDERS,
    STUCK,
    OpticsOutcome,
    Seen,
    dirt_of,
    fitted,
    optics_lesson_of,
)
from gonogo.rules.image_trust.dust import cells_of
from gonogo.rules.image_trust.optics_learnt import OpticsLearnt, optics_of
from gonogo.rules.image_trust.stuck import Usual
from gonogo.tests.rules.image_trust.loose_parts import (
    COLOUR,
    GREY,
    Learnt,
    Station,
    part,
    with_dust,
    with_stuck,
)
from gonogo.tests.rules.image_trust.pictures import quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.build.image_trust.optics_lesson import OpticsLesson

    Frame = NDArray[np.uint8]

COUNT = 48
MANY = 96  # parts lie anywhere: with few of them the mean of a quarter is far from that of all


def learnt_from(
    make: Callable[[int], Frame], geometry: FrameShape = GREY, count: int = COUNT
) -> OpticsLesson:
    """From so many pictures, made by their number."""
    return optics_lesson_of(geometry, make, count, quiet)


def offered(found: OpticsLesson) -> set[str]:
    """The checks of the view; what the file has and what is said are the same."""
    names = {each.check for each in found.outcomes if each.offered}
    assert (found.learnt.stuck is not None) is (DEAD in names)
    assert (found.learnt.dust is not None) is (DUST in names)
    return names


@pytest.mark.parametrize("geometry", [GREY, COLOUR], ids=["grey", "colour"])
def test_lesson_of_loose_parts_has_both_checks_and_they_work(geometry: FrameShape) -> None:
    """Nothing is said of other good parts; dirt is found."""
    frames = [part(2 * k, geometry) for k in range(MANY)]
    found = learnt_from(frames.__getitem__, geometry, MANY)
    assert offered(found) == {DEAD, DUST}
    assert [(each.check, each.tried, each.sequences) for each in found.outcomes] == [
        (DEAD, 4 * STUCK, 4), (DUST, 4 * GRAINS, 2 * ORDERS + 2),
    ]  # fmt: skip
    view = Station(Learnt(optics_of(found.learnt, geometry), geometry))
    assert view.show() == []
    (care,) = view.show(lambda frame: with_stuck(with_dust(frame)))
    assert (len(care.stuck), len(care.dust)) == (3, 1)


def test_lesson_of_the_same_pictures_is_the_same() -> None:
    """To the last letter: a file can be made again."""
    frames = [part(k, GREY) for k in range(30)]
    one, other = (learnt_from(frames.__getitem__, count=30) for _ in range(2))
    assert one == other


def test_lesson_offers_no_dead_pixels_where_the_ground_hides_half_of_them() -> None:
    """A white pixel on white ground is nothing to see; the reason is its figures."""

    def white(number: int) -> Frame:
        frame = np.full(GREY.shape, 255, np.uint8)
        frame[40:60, 40 + number % 9 : 80] = 90
        return frame

    found = learnt_from(white)
    assert DEAD not in offered(found)
    (dead, _) = found.outcomes
    assert dead.found < 0.95 * dead.tried
    assert dead.false_alarms == 0


def test_lesson_offers_nothing_where_the_later_pictures_have_what_looks_like_it() -> None:
    """What the first half has not seen: another fixture, with a bright rivet and a dark patch."""

    def changed(number: int) -> Frame:
        frame = part(number, GREY)
        if number >= COUNT // 2:
            frame[100, 20] = 255
            frame[40:60, 150:170] //= 2
        return frame

    found = learnt_from(changed)
    assert offered(found) == set()
    dead, dust = found.outcomes
    # the rivet alone is gone where the later half taught
    assert dead.false_alarms == 1
    assert dust.false_alarms >= ORDERS


def test_lesson_of_pictures_with_dead_pixels_does_not_tell_of_them() -> None:
    """They were there when the view was learnt; a new one is told of."""
    found = learnt_from(lambda k: with_stuck(part(2 * k, GREY)))
    assert DEAD in offered(found)
    view = Station(Learnt(optics_of(found.learnt, GREY), GREY))
    assert view.show(with_stuck) == []

    def one_more(frame: Frame) -> Frame:
        with_stuck(frame)[50, 100] = 255
        return frame

    (care,) = view.show(one_more)
    assert [(each.x_px, each.y_px) for each in care.stuck] == [(100, 50)]


def test_check_that_the_file_has_no_room_for_is_not_offered() -> None:
    """A frame of noise that stands still; and what is not offered is not written."""
    outcome = OpticsOutcome(DEAD, 80, 80, 0, 2)
    few = Usual(np.zeros((1600, 200), np.uint8), np.zeros((200, 200), np.uint8))
    kept, learnt = fitted(outcome, few, None)
    assert (kept, learnt.stuck is None) == (outcome, False)
    bits = np.random.default_rng(1).integers(0, 256, (1600, 200), dtype=np.uint8)
    noise = few._replace(bits=bits)
    kept, learnt = fitted(outcome, noise, None)
    assert (kept.offered, kept.found, learnt) == (False, 80, OpticsLearnt())
    assert "the file has room for" in kept.why
    missed = outcome._replace(found=10)
    assert fitted(missed, few, None) == (missed, OpticsLearnt())


@pytest.mark.parametrize(
    ("found", "false", "why", "offer"),
    [(95, 0, "", True), (94, 0, "", False), (100, 1, "", False), (100, 0, "no room", False)],
)
def test_outcome_is_offered_with_95_percent_found_and_no_false_alarm(
    found: int,
    false: int,
    why: str,
    offer: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Of a hundred, where it can be written at all."""
    assert OpticsOutcome(DUST, found, 100, false, 2, why).offered is offer


@pytest.mark.parametrize("shape", [(64, 64), (160, 240)])
def test_dirt_lies_within_the_frame_and_is_found_where_it_lies(shape: tuple[int, int]) -> None:
    """Each pixel by itself, each grain within a cell of its middle; sizes from 10 to 40 px."""
    size = FrameShape(*shape, 1)
    dirt = dirt_of(size, np.random.default_rng(4))
    assert len(set(dirt.pixels)) == STUCK
    assert (dirt.grains[0][2], dirt.grains[-1][2], len(dirt.grains)) == (*GRAIN_PX, GRAINS)
    frame = dirt.spoil(np.full(shape, 200, np.uint8))
    assert [int(frame[at]) for at in dirt.pixels] == [0, 255] * (STUCK // 2)
    for row, column, _ in dirt.grains:
        assert MARGIN_PX <= row < shape[0] - MARGIN_PX
        assert MARGIN_PX <= column < shape[1] - MARGIN_PX
        assert dirt.kept[row, column] <= 0.8
    seen = Seen(np.zeros(shape, np.bool_), np.zeros(cells_of(size), np.bool_))
    assert dirt.found(seen, 4) == (0, 0)
    seen.stuck[dirt.pixels[3]] = True
    row, column, _ = dirt.grains[0]
    seen.dusty[row // 4 + 1, column // 4 - 1] = True
    pixels, grains = dirt.found(seen, 4)
    assert pixels == 1
    assert grains >= 1


def test_lesson_wants_thirty_pictures_and_something_to_look_at() -> None:
    """As for the other checks."""
    with pytest.raises(TrustLearnError, match="at least 30 good pictures, got 29"):
        learnt_from(lambda k: pytest.fail(f"{k} was read"), count=29)
    with pytest.raises(TrustLearnError, match="at least 64 x 64 px"):
        learnt_from(lambda k: pytest.fail(f"{k} was read"), FrameShape(63, 200, 1))


def test_lesson_says_how_far_it_is() -> None:
    """From nothing to all of it."""
    told: list[tuple[int, int]] = []
    optics_lesson_of(
        GREY, lambda k: part(k, GREY), 30, lambda _, done, total: told.append((done, total))
    )
    done, total = zip(*told, strict=True)
    assert (done[0], done[-1], set(total)) == (0, total[0], {total[0]})
    assert list(done) == sorted(done)
