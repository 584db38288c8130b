"""Words of shared memory as attributes: read by everybody, written by one."""

from __future__ import annotations

from enum import IntEnum

import pytest

from gonogo.base.words_in_memory import owned, stamp, word


class Colour(IntEnum):
    """What a word may mean."""

    NONE = 0
    RED = 7


class View:
    """For readers."""

    def __init__(self, words: memoryview[int]) -> None:
        self.words = words

    count = word(2, "How many.")
    colour = word(0, "Which one.", Colour)
    lit = word(3, "Whether it shines.", bool)


class Writer(View):
    """For the one that writes."""

    count = owned(View.count, 2)
    lit = owned(View.lit, 3)


@pytest.fixture
def words() -> memoryview[int]:
    """Four of them."""
    return memoryview(bytearray(32)).cast("q")


def test_word_is_the_integer_at_its_index(words: memoryview[int]) -> None:
    """What is stored there is read at once, also by a view that was made before."""
    view = View(words.toreadonly())
    words[2] = -(1 << 63)
    assert view.count == -(1 << 63)
    words[2] = 5
    assert view.count == 5


def test_word_has_the_type_of_its_meaning(words: memoryview[int]) -> None:
    """A member of an IntEnum, a truth value; a number that means nothing is a ValueError."""
    view = View(words)
    words[0], words[3] = 7, 1
    assert (view.colour, view.lit) == (Colour.RED, True)
    assert isinstance(view.colour, Colour)
    assert view.lit is True
    words[0] = 8
    with pytest.raises(ValueError, match="8 is not a valid Colour"):
        _ = view.colour


def test_word_of_readers_cannot_be_set(words: memoryview[int]) -> None:
    """Neither one that nobody owns nor one that another view owns."""
    view = View(words)
    for name in ("count", "colour", "lit"):
        with pytest.raises(AttributeError):
            setattr(view, name, 1)
    assert words.tolist() == [0, 0, 0, 0]


def test_word_that_is_owned_stands_where_readers_look(words: memoryview[int]) -> None:
    """Set, counted up and read back; the other words of its view stay as they are."""
    writer, reader = Writer(words), View(words.toreadonly())
    writer.count = 41
    writer.count += 1
    writer.lit = True
    assert (reader.count, reader.lit, reader.colour) == (42, True, Colour.NONE)
    assert words.tolist() == [0, 0, 42, 1]


def test_word_keeps_what_is_said_of_it() -> None:
    """Also where it is owned: help() tells it."""
    assert [View.count.__doc__, Writer.count.__doc__] == ["How many.", "How many."]


class Stamped(View):
    """With a word that says that others are whole; its fence notes what was read before it."""

    number = stamp(1, "Of the last one.")
    shade = stamp(0, "Which one.", Colour)

    def __init__(self, words: memoryview[int]) -> None:
        super().__init__(words)
        self.fenced: list[int] = []

    def fence(self) -> None:
        """Another one writes meanwhile."""
        self.fenced.append(self.words[1])
        self.words[1] = 99


def test_stamp_is_read_before_the_fence(words: memoryview[int]) -> None:
    """What is read after it is no older than it: the fence stands between."""
    view = Stamped(words)
    words[0], words[1] = 7, 5
    assert (view.number, view.fenced) == (5, [5])
    assert view.shade is Colour.RED
    assert view.fenced == [5, 99]
