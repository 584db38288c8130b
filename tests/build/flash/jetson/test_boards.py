"""Jetsons in recovery mode, by what sysfs says of USB devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BoardAbsent
from gonogo.build.flash.jetson.boards import KINDS, in_recovery, only_one
from gonogo.tests.build.flash.jetson.stand_in import plug

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("product", sorted(KINDS))
def test_each_module_that_is_known_is_seen(tmp_path: Path, product: str) -> None:
    """With its port, and the configuration of its kit."""
    plug(tmp_path, product, "2-1.4")
    board = only_one(in_recovery(tmp_path))
    assert (board.port, board.product, board.kind) == ("2-1.4", product, KINDS[product])
    assert board.target(None).path.name.endswith("orin-devkit" if "AGX" in board.says else "devkit")


def test_a_jetson_that_runs_and_other_devices_are_not_in_recovery(tmp_path: Path) -> None:
    """7020 is one that has booted; a hub, and a device that went while it was read."""
    plug(tmp_path, "7020", "1-1")
    (plug(tmp_path, "7323", "1-2") / "idVendor").write_text("1d6b\n")
    (plug(tmp_path, "7323", "1-3") / "idProduct").unlink()
    assert in_recovery(tmp_path) == []
    with pytest.raises(BoardAbsent, match="no Jetson Orin in recovery mode") as caught:
        only_one([])
    assert caught.value.exit_code == 4


def test_two_are_one_too_many(tmp_path: Path) -> None:
    """Both are named by their ports."""
    plug(tmp_path, "7323", "1-3")
    plug(tmp_path, "7523", "1-4")
    with pytest.raises(BoardAbsent, match="2 Jetsons in recovery mode, at USB 1-3, 1-4"):
        only_one(in_recovery(tmp_path))


@pytest.mark.parametrize(
    ("serial", "config", "typed"),
    [("", None, "vkit"), ("", "carrier-7", "er-7"), ("0123456789", "carrier-7", "6789")],
)
def test_what_is_typed_is_of_its_serial_number_or_its_name(
    tmp_path: Path, serial: str, config: str | None, typed: str
) -> None:
    """Most have no serial number in recovery mode."""
    plug(tmp_path, serial=serial)
    board = only_one(in_recovery(tmp_path))
    assert board.target(config).last_four == typed
    assert f"serial {serial or 'none'}" in board.says
