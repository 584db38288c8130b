"""What is handed over is whole, sealed, and in nobody's sight."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.handover import hand_over, take_over


@given(st.text(max_size=200), st.sampled_from([1, 1000]))
def test_handover_gives_the_text_to_everybody_who_has_it(text: str, times: int) -> None:
    """Whole, however long, and each reader from its beginning."""
    words = text.encode("utf-8", errors="ignore").decode() * times
    fd = hand_over(words)
    other = os.dup(fd)
    assert take_over(fd) == words
    assert take_over(other) == words
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_handover_is_sealed() -> None:
    """Nobody who inherits it changes what the others read."""
    fd = hand_over("what was meant")
    with pytest.raises(PermissionError):
        os.pwrite(fd, b"x", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(fd, 0)
    assert take_over(fd) == "what was meant"


def test_handover_is_not_inherited_unawares() -> None:
    """Only where it is passed on."""
    fd = hand_over("x")
    assert not os.get_inheritable(fd)
    os.close(fd)
