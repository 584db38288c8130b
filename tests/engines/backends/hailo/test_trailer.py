"""What stands behind a HEF of ours."""

from __future__ import annotations

import pytest

from gonogo.engines.backends.fit import SQUEEZE, Cut, Fit
from gonogo.engines.backends.hailo.trailer import MAGIC, with_fit, without_fit

HEF = b"\x01HEF and what the compiler wrote"
FIT = Fit("letterbox", "linear", 7, Cut(1, 2, 3, 4))


def test_trailer_is_taken_off_again() -> None:
    """HailoRT gets what the compiler wrote, byte for byte."""
    assert without_fit(with_fit(HEF, FIT)) == (HEF, FIT)


def test_trailer_is_none_where_frames_are_squeezed() -> None:
    """Files of before are what they were, and read as they were."""
    assert with_fit(HEF, SQUEEZE) == HEF
    assert without_fit(HEF) == (HEF, SQUEEZE)


def _trailer(said: bytes, length: int | None = None) -> bytes:
    size = len(said) if length is None else length
    return HEF + said + size.to_bytes(4, "little") + MAGIC


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_trailer(b"{}", 0), "0 bytes"),
        (_trailer(b"{}", 5000), "5000 bytes"),
        (_trailer(b"{}", 900), "900 bytes"),
        (_trailer(b"{no json"), "no JSON"),
        (_trailer(b'["gonogo.fit"]'), "something else"),
        (_trailer(b'{"gonogo.fit": 3}'), "something else"),
        (_trailer(b'{"gonogo.fot": "squeeze"}'), "something else"),
        (_trailer(b'{"gonogo.fit": "stretch"}'), "gonogo.fit is 'stretch'"),
    ],
)
def test_trailer_that_says_nothing_known_is_refused(content: bytes, words: str) -> None:
    """A HEF is not squeezed into because what it says could not be read."""
    with pytest.raises(ValueError, match=words):
        without_fit(content)
