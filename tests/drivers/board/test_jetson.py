"""The power mode of a Jetson."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.board.jetson import STATUS, TABLE, power_mode
from gonogo.drivers.board.reading import PowerMode
from gonogo.drivers.board.sysfs import Tree
from gonogo.tests.drivers.board.trees import NVPMODEL, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pmode:0000", PowerMode(0, "MAXN")),
        ("pmode:0001 fmode:cool", PowerMode(1, "10W")),
        ("pmode:0009", PowerMode(9, None)),  # of another table
        ("nonsense", PowerMode(2, "15W")),  # with which it starts
        (None, PowerMode(2, "15W")),
    ],
)
def test_power_mode_is_that_of_nvpmodel(
    tmp_path: Path, status: str | None, expected: PowerMode
) -> None:
    """By its number, with the name that the table gives it."""
    write(tmp_path, {TABLE: NVPMODEL})
    if status is not None:
        write(tmp_path, {STATUS: status})
    assert power_mode(Tree(tmp_path)) == expected


def test_power_mode_without_its_table_has_a_number_alone(tmp_path: Path) -> None:
    """Its configuration may lie elsewhere."""
    assert power_mode(Tree(write(tmp_path, {STATUS: "pmode:0002"}))) == PowerMode(2, None)


def test_power_mode_of_another_board_is_none(tmp_path: Path) -> None:
    """Nobody but a Jetson has it."""
    assert power_mode(Tree(tmp_path)) is None
