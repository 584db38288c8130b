"""The function codes of the simulator alone, on registers that are a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.proving.plcsim.functions import ILLEGAL_ADDRESS, Refused, reply_to

if TYPE_CHECKING:
    from collections.abc import Sequence


class Listed:
    """Ten registers and four coils from address 0 on; keeps the order of what was asked."""

    def __init__(self) -> None:
        self.words, self.coils = list(range(10)), [False] * 4
        self.calls: list[str] = []

    def read_words(self, at: int, count: int) -> list[int]:
        """Of the ten."""
        self.calls.append("read")
        if at + count > len(self.words):
            raise Refused(ILLEGAL_ADDRESS)
        return self.words[at : at + count]

    def write_words(self, at: int, values: Sequence[int]) -> None:
        """Of the ten."""
        self.calls.append("write")
        self.words[at : at + len(values)] = values

    def read_coils(self, at: int, count: int) -> list[bool]:
        """Of the four."""
        return self.coils[at : at + count]

    def write_coils(self, at: int, values: Sequence[bool]) -> None:
        """Of the four."""
        self.coils[at : at + len(values)] = values


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("03 0002 0002", "03 04 0002 0003"),
        ("04 0009 0001", "04 02 0009"),
        ("06 0004 00aa", "06 0004 00aa"),
        ("10 0000 0002 04 0001 0002", "10 0000 0002"),
        ("17 0000 0001 0000 0001 02 00ff", "17 02 00ff"),
        ("05 0001 ff00", "05 0001 ff00"),
        ("0f 0000 0003 01 05", "0f 0000 0003"),
        ("01 0000 0004", "01 01 00"),
        ("03 0009 0002", "83 02"),
        ("03 0000 007e", "83 03"),
        ("10 0000 0002 04 0001", "90 03"),
        ("06 0004", "86 03"),
        ("16 0000 0000 0000", "96 01"),
    ],
)
def test_function_answers_by_the_standard(asked: str, said: str) -> None:
    """Written by hand from sections 6 and 7."""
    assert reply_to(Listed(), bytes.fromhex(asked)) == bytes.fromhex(said)


def test_function_23_writes_before_it_reads() -> None:
    """And a read that is refused afterwards takes nothing back."""
    listed = Listed()
    assert reply_to(listed, bytes.fromhex("17 0009 0002 0000 0001 02 00ff")) == b"\x97\x02"
    assert listed.calls == ["write", "read"]
    assert listed.words[0] == 0xFF
