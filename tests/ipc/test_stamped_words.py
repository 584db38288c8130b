"""Numbers of one moment: whole, or none."""

from __future__ import annotations

from gonogo.ipc.stamped_words import STAMPS, StampedWords


def made(count: int) -> tuple[StampedWords, memoryview[int]]:
    """In memory of this process alone."""
    words = memoryview(bytearray(8 * (STAMPS + count))).cast("q")
    return StampedWords(words, lambda: None), words


def test_stamped_words_are_none_before_the_first() -> None:
    """Zeroed memory is no moment."""
    assert made(3)[0].read() is None


def test_stamped_words_are_read_as_they_were_written() -> None:
    """The last ones, negative ones too."""
    found, _ = made(3)
    found.write((1, 2, 3))
    found.write((-4, 5, 1 << 62))
    assert found.read() == [-4, 5, 1 << 62]


def test_stamped_words_are_none_while_they_are_written() -> None:
    """A writer that was killed in the middle leaves nothing that could be taken for whole."""
    found, words = made(1)
    found.write((7,))
    words[0] += 1
    assert found.read() is None
    found.write((8,))
    words[0] -= 1
    assert found.read() is None
