"""The last lines of each process, as its supervisor has them."""

from __future__ import annotations

from gonogo.watchdog.last_words import LINES, PROCESSES, LastWords


def test_last_words_are_the_last_ones_of_a_process() -> None:
    """In their order, told once, and of no other process."""
    words = LastWords()
    for k in range(LINES + 5):
        words.heard("line", f"{k}")
    words.heard("records", "other")
    assert words.of("line") == tuple(f"{k}" for k in range(5, LINES + 5))
    assert words.of("line") == ()
    assert words.of("records") == ("other",)


def test_last_words_do_not_grow() -> None:
    """Names that nobody knows are no processes."""
    words = LastWords()
    for k in range(PROCESSES + 5):
        words.heard(f"{k}", "x")
    assert words.of(f"{PROCESSES}") == ()
    assert words.of("0") == ("x",)
