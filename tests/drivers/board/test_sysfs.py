"""Small files that may be away, refuse, or hold nonsense: each is unknown, none is an error."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.drivers.board.sysfs import Tree
from gonogo.tests.drivers.board.trees import not_now, refuses

if TYPE_CHECKING:
    from pathlib import Path


def test_file_is_read_without_its_end(tmp_path: Path) -> None:
    """The kernel ends each with a line feed, and the device tree with a nul."""
    (tmp_path / "model").write_bytes(b"Board\0")
    (tmp_path / "temp").write_bytes(b"-5000\n")
    tree = Tree(tmp_path)
    assert tree.text("model") == "Board"
    assert tree.number("temp") == -5000
    assert tree.scaled("temp", 1000.0) == -5.0


def test_file_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    """Not there, gone since it was listed, a folder, EIO, EAGAIN."""
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    refuses(tmp_path / "sleeps")
    held = not_now(tmp_path / "unpowered")
    with pytest.raises(OSError, match=str(errno.EIO)), open(tmp_path / "sleeps", "rb", 0) as file:  # noqa: PTH123 - unbuffered, as a control
        file.read(1)
    with pytest.raises(BlockingIOError):
        os.read(held[0], 1)
    tree = Tree(tmp_path)
    for name in ("absent", "gone", "folder", "sleeps", "unpowered"):
        assert (name, tree.text(name), tree.number(name)) == (name, None, None)
    for fd in held:
        os.close(fd)


@pytest.mark.parametrize(
    "nonsense", ["", "\n", "n/a", "1.5", "0x10", "12 34", "9" * 400, "--1", "\xff\xfe"]
)
def test_number_is_unknown_where_none_stands(tmp_path: Path, nonsense: str) -> None:
    """A driver that says something else does not end the process."""
    (tmp_path / "it").write_bytes(nonsense.encode("latin-1"))
    assert Tree(tmp_path).number("it") is None
    assert Tree(tmp_path).scaled("it", 1000.0) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_read_without_an_error(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    """Whatever stands there is a text, and a number or none."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(raw)
    tree = Tree(path.parent)
    assert isinstance(tree.text("any"), str)
    tree.scaled("any", 1000.0)


def test_names_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """zone10 comes after zone2; what does not match as a whole is left out."""
    for name in ("zone10", "zone2", "zone", "azone1", "zone1_temp"):
        (tmp_path / "class" / name).mkdir(parents=True)
    tree = Tree(tmp_path)
    assert tree.names("class", r"zone\d+") == ["zone2", "zone10"]
    assert tree.folders("class", r"zone\d+") == ["class/zone2", "class/zone10"]
    assert tree.names("nowhere", ".*") == []


def test_tree_of_the_whole_box_begins_at_its_root() -> None:
    """Without a root of one's own it is that of this box."""
    assert Tree().text("proc/sys/kernel/ostype") == "Linux"
