"""The cursor, and a walk through small documents."""

from __future__ import annotations

import re

import pytest

from gonogo.config.key_positions import KeyPositions, WalkEnds
from gonogo.config.toml_grammar import Cursor, walk

DIGITS = re.compile(r"\d+")


def test_cursor_moves_over_what_it_takes() -> None:
    """And stays where it is when something else comes."""
    cursor = Cursor("12=x")
    assert cursor.take(DIGITS)[0] == "12"
    assert not cursor.accept("x")
    assert cursor.sees("?", "=")
    cursor.expect("=")
    assert (cursor.at, cursor.is_at_end) == (3, False)
    assert cursor.accept("x")
    assert cursor.is_at_end


def test_cursor_ends_the_walk_at_something_else() -> None:
    """A pattern or a literal that must come next, and does not."""
    cursor = Cursor("x")
    with pytest.raises(WalkEnds):
        cursor.take(DIGITS)
    with pytest.raises(WalkEnds):
        cursor.expect("=")
    assert cursor.at == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("# a = 1\n", []),
        ("a = 1 # b = 2", [("a",)]),
        ("a.b = 1", [("a",), ("a", "b")]),
        ("[[a]]\n[a.b]", [("a",), ("a", 0), ("a", 0, "b")]),
        ("a = [{b = 1}, [2]]", [("a",), ("a", 0), ("a", 0, "b"), ("a", 1), ("a", 1, 0)]),
        ("a = {\n b = 1,\n}", [("a",), ("a", "b")]),
    ],
)
def test_walk_tells_the_keys_in_the_order_of_the_text(
    text: str, found: list[tuple[str | int, ...]]
) -> None:
    """Tables, arrays and their elements among them."""
    keys, cursor = KeyPositions(text), Cursor(text)
    walk(cursor, keys)
    assert list(keys.found) == found
    assert cursor.is_at_end


@pytest.mark.parametrize("text", ["a", "a =", "[a", "[[a]", "a = [1", "a = {b}", "= 1"])
def test_walk_ends_where_the_text_is_not_toml(text: str) -> None:
    """Without a flaw: what is wrong is tomllib's to say."""
    keys = KeyPositions(text)
    with pytest.raises(WalkEnds):
        walk(Cursor(text), keys)
    assert keys.flaw is None
