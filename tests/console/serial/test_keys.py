"""Bytes of keyboards, and of what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.serial.keys import Key, Keys


def keys_of(data: bytes) -> list[Key | str]:
    """All at once."""
    return list(Keys().feed(data))


@pytest.mark.parametrize("sent", [b"\r", b"\n", b"\r\n"])
def test_keys_enter_is_one_key_in_each_of_its_encodings(sent: bytes) -> None:
    """A terminal sends CR, LF, or both."""
    assert keys_of(sent) == [Key.ENTER]
    assert keys_of(sent + b"a" + sent) == [Key.ENTER, "a", Key.ENTER]


def test_keys_two_enters_are_two() -> None:
    """Neither CR CR nor LF LF, nor CR LF CR LF, is one."""
    for sent in (b"\r\r", b"\n\n", b"\r\n\r\n"):
        assert keys_of(sent) == [Key.ENTER, Key.ENTER]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (b"\x08", Key.ERASE), (b"\x7f", Key.ERASE), (b"\x1b[A", Key.UP), (b"\x1bOA", Key.UP),
        (b"\x1b[D", Key.LEFT), (b"\x1bOC", Key.RIGHT), (b"\x1bOB", Key.DOWN),
        (b"\x1b[H", Key.HOME), (b"\x1bOH", Key.HOME), (b"\x1b[1~", Key.HOME),
        (b"\x1b[7~", Key.HOME), (b"\x1b[F", Key.END), (b"\x1b[4~", Key.END),
        (b"\x1b[8~", Key.END), (b"\x1b[3~", Key.DELETE), (b"\x01", Key.HOME), (b"\x05", Key.END),
        (b"\x15", Key.KILL_LINE), (b"\x17", Key.KILL_WORD), (b"\x0b", Key.KILL_REST),
        (b"\x03", Key.CANCEL), (b"\x04", Key.LEAVE), (b"\x0c", Key.REDRAW), (b"\t", Key.TAB),
    ],
)  # fmt: skip
def test_keys_both_encodings_of_a_key_are_that_key(sent: bytes, key: Key) -> None:
    """Also where each byte comes by itself."""
    keys = Keys()
    assert [each for byte in sent for each in keys.feed(bytes([byte]))] == [key]


def test_keys_unknown_sequence_is_swallowed() -> None:
    """F5 and a mouse type no letters."""
    assert keys_of(b"\x1b[15~a\x1b[1;5Cb") == ["a", "b"]


@pytest.mark.parametrize("sent", [b"\0", b"\x80", b"\xff", b"\x02", b"\x1b\x1b", b"\x1b[123456789"])
def test_keys_what_no_keyboard_sends_is_noise(sent: bytes) -> None:
    """A NUL, a high byte, a control code without a key, a sequence without an end."""
    assert Key.NOISE in keys_of(sent)


@given(st.binary(max_size=200), st.integers(1, 7))
def test_keys_are_the_same_in_pieces(data: bytes, size: int) -> None:
    """A cable cuts where it likes."""
    keys = Keys()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [each for piece in pieces for each in keys.feed(piece)] == keys_of(data)


def test_keys_forget_half_a_key() -> None:
    """An ESC of yesterday does not swallow the letter of today."""
    keys = Keys()
    assert list(keys.feed(b"\x1b[")) == []
    keys.forget()
    assert list(keys.feed(b"A")) == ["A"]
