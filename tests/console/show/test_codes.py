"""What error numbers mean, as the console says it."""

from __future__ import annotations

from gonogo.base import errors
from gonogo.console.show.codes import codes, numbers_in, plain


def test_codes_hold_every_number_there_is() -> None:
    """Each with what it means and what to do, without the marks of a page."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    numbers = {f"GN{each.code}" for each in kinds if issubclass(each, errors.GonogoError)}
    found = codes()
    assert set(found) == numbers
    assert all(each.means and each.remedy for each in found.values())
    assert not any("](" in each.remedy or "`" in each.remedy for each in found.values())


def test_numbers_in_a_message_are_found_once() -> None:
    """In their order; what only looks like one is none."""
    assert numbers_in("GN404: see GN540 and GN404, XGN123, GN12") == ["GN404", "GN540"]


def test_plain_leaves_the_words_of_a_link() -> None:
    """And what was code in quotes."""
    assert plain("see [the log](log.md#it), **now**, `x`") == "see the log, now, 'x'"
