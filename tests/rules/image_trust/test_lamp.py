"""A lamp that ages is told of before parts are rejected for it, and once."""

from __future__ import annotations

import pytest

from gonogo.rules.image_trust.lamp import PARTS, Lamp
from gonogo.rules.image_trust.learnt_file import Trusted, trusted
from gonogo.tests.rules.image_trust.test_learnt_file import LEARNT

KNOWN = trusted(LEARNT)._replace(light_mean=100.0, limits={"too dark": 80.0, "too bright": 120.0})
LONG = 10 * PARTS  # until the mean has come to what is shown


def warned(lamp: Lamp, light: float, parts: int = LONG) -> list[str]:
    """What is said while so many parts come in that light."""
    said = []
    for _ in range(parts):
        lamp.seen(light)
        said += [text for text in (lamp.warning(),) if text]
    return said


@pytest.mark.parametrize(
    ("light", "word"), [(89.0, "below 80"), (111.0, "above 120"), (79.0, "below 80")]
)
def test_lamp_is_told_of_once_it_has_come_half_the_way(light: float, word: str) -> None:
    """To either side, with where it was, where it is and where it ends; once."""
    (said,) = warned(Lamp(KNOWN), light)
    for part in ("from 100 to ", f"{word} parts are rejected", "clean or renew the lamp"):
        assert part in said


@pytest.mark.parametrize("light", [91.0, 100.0, 109.0])
def test_lamp_that_is_nearer_to_good_ones_than_to_its_limit_is_well(light: float) -> None:
    """Good parts differ."""
    assert warned(Lamp(KNOWN), light) == []


def test_lamp_takes_its_time() -> None:
    """A few parts in bad light are not a lamp that ages."""
    assert warned(Lamp(KNOWN), 60.0, parts=PARTS // 10) == []


def test_lamp_that_was_renewed_is_told_of_anew() -> None:
    """Once it was well again, not while it trembles about half the way."""
    lamp = Lamp(KNOWN)
    assert len(warned(lamp, 89.0)) == 1
    assert warned(lamp, 90.5) == []
    assert warned(lamp, 89.0) == []
    assert warned(lamp, 100.0) == []
    assert len(warned(lamp, 89.0)) == 1


def test_lamp_of_a_view_without_these_checks_is_never_told_of() -> None:
    """There is no limit that it could come to."""
    lamp = Lamp(Trusted(KNOWN.reference, {}, 100.0))
    assert warned(lamp, 10.0) == warned(lamp, 250.0) == []
