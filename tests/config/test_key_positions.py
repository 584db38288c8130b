"""Positions of keys, as they are told one by one."""

from __future__ import annotations

from contextlib import suppress

import pytest

from gonogo.config.key_positions import MAX_LEVELS, Flaw, KeyPositions, Position, WalkEnds

TEXT = "ab\ncd\n\nef"


def test_positions_count_lines_and_columns_from_one() -> None:
    """Of every character, the line feeds among them."""
    keys = KeyPositions(TEXT)
    for at in range(len(TEXT)):
        keys.write((at,), at)
    expected = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (4, 1), (4, 2)]
    assert list(keys.found.values()) == [Position(*each) for each in expected]


def test_implied_tables_stand_at_the_first_key_until_they_are_written() -> None:
    """Then at their own header; a later key that implies them moves nothing."""
    keys = KeyPositions(TEXT)
    keys.imply(("a",), 0)
    keys.imply(("a",), 3)
    assert keys.found["a",] == Position(1, 1)
    keys.write(("a",), 7)
    keys.imply(("a",), 8)
    assert keys.found["a",] == Position(4, 1)


def test_a_key_written_twice_ends_the_walk() -> None:
    """The flaw names the second place and the line of the first."""
    keys = KeyPositions(TEXT)
    keys.write(("a",), 0)
    with pytest.raises(WalkEnds):
        keys.write(("a",), 3)
    first = "it again (first on line 1)"
    assert keys.flaw == Flaw(("a",), Position(2, 1), "every key and table once", first)


def test_arrays_of_tables_count_up() -> None:
    """Their name means the newest element from then on; any other name means itself."""
    keys = KeyPositions(TEXT)
    assert keys.newest(("v",)) == ("v",)
    assert [keys.add_element(("v",), at) for at in (0, 3)] == [("v", 0), ("v", 1)]
    assert keys.newest(("v",)) == ("v", 1)
    assert keys.found["v",] == Position(1, 1)
    assert keys.add_element(("v", 1, "w"), 7) == ("v", 1, "w", 0)


@pytest.mark.parametrize("told", [KeyPositions.imply, KeyPositions.write])
def test_a_path_too_deep_ends_the_walk(told: object) -> None:
    """Whether it is written or implied; the outermost key is named."""
    assert callable(told)
    keys = KeyPositions(TEXT)
    told(keys, ("a",) * MAX_LEVELS, 0)
    with suppress(WalkEnds):
        told(keys, ("a",) * (MAX_LEVELS + 1), 3)
    assert keys.flaw is not None
    assert (keys.flaw.path, keys.flaw.position, keys.flaw.got) == (("a",), Position(2, 1), "more")
