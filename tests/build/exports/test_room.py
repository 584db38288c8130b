"""Whether the memory is there that a large model wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RoomShort
from gonogo.build.exports.room import available_bytes, check_room, needed_bytes, room_note

if TYPE_CHECKING:
    from pathlib import Path

LARGE, SMALL = 200_000_000, 5_000_000


def box(folder: Path, kilobytes: int) -> Path:
    """What the kernel of such a box says."""
    path = folder / "meminfo"
    path.write_text(f"MemTotal: 9999999 kB\nMemAvailable:   {kilobytes} kB\n")
    return path


def test_check_room_refuses_what_this_box_has_not_got(tmp_path: Path) -> None:
    """Both figures are said."""
    with pytest.raises(RoomShort, match=r"200 MB of weights.*this box has 102 MB left"):
        check_room(tmp_path / "m.onnx", LARGE, box(tmp_path, 100_000), tmp_path)


def test_check_room_lets_small_models_and_large_boxes_pass(tmp_path: Path) -> None:
    """And boxes that do not say."""
    check_room(tmp_path / "m.onnx", SMALL, box(tmp_path, 100))
    check_room(tmp_path / "m.onnx", LARGE, box(tmp_path, needed_bytes(LARGE) // 1024 + 1), tmp_path)
    check_room(tmp_path / "m.onnx", LARGE, tmp_path / "none", tmp_path)
    assert available_bytes(tmp_path / "none", tmp_path) is None


@pytest.mark.parametrize(
    ("most", "left"), [("1000000\n", 400_000), ("max\n", 102_400_000), ("500000", 0)]
)
def test_available_bytes_are_those_of_the_container(tmp_path: Path, most: str, left: int) -> None:
    """A control group may hold it to less than the box has."""
    (tmp_path / "memory.max").write_text(most)
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 1\nactive_file 60000\ninactive_file 40000\n")
    assert available_bytes(box(tmp_path, 100_000), tmp_path) == left


def test_room_note_is_of_large_models_alone() -> None:
    """With what it will take."""
    assert room_note(SMALL) == ()
    assert f"{needed_bytes(LARGE) // 1_000_000} MB of memory" in room_note(LARGE)[0]
