"""Exceptions in words."""

from __future__ import annotations

import pytest

from gonogo.base.errors import LinkRefused
from gonogo.plc.transports.modbus_refusals import refusal


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (2, "the PLC has nothing at this address; map it"),
        (3, "set max_words (gonogo plc probe finds it); map it"),
        (11, "the unit behind it did not answer; map it"),
        (99, "gave a code that Modbus does not define; map it"),
    ],
)
def test_exception_says_who_what_and_what_to_do(code: int, means: str) -> None:
    """And its code can be read, to tell never from not now."""
    error = refusal("PLC x", code, "write of words", "map it")
    assert isinstance(error, LinkRefused)
    assert error.reply == code
    assert str(error).startswith(f"GN401: PLC x: exception {code} to the write of words: ")
    assert str(error).endswith(means)
