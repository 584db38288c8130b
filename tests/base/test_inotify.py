"""What the kernel tells of a folder, and which file system it lies on."""

from __future__ import annotations

import select
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.inotify import (
    CLOSE_WRITE,
    DELETE_SELF,
    MOVED_TO,
    OVERFLOW,
    UNMOUNT,
    FolderWatch,
    News,
    filesystem_of,
    parse,
)
from gonogo.tests.descriptors import nothing_left_open

MOUNTS = (
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "23 22 0:21 / /mnt/share rw - nfs4 server:/share rw\n"
    "24 22 0:22 / /mnt/two\\040words rw shared:7 master:1 - cifs //nas/x rw\n"
    "26 22 0:23 / /mnt/Prüfung rw - nfs server:/oben rw\n"
    "27 22 0:24 / /mnt/back\\134slash rw - 9p host rw\n"
    "25 23 8:2 / /mnt/share/local rw - ext4 /dev/sdb1 rw\n"
)


def test_watch_tells_of_files_that_have_become_whole(tmp_path: Path) -> None:
    """Written and closed, or moved there; not of one that is still open, nor of one deleted."""
    (tmp_path / "before.png").write_bytes(b"x")
    watch = FolderWatch(tmp_path)
    assert watch.news() == News(())
    (tmp_path / "written.png").write_bytes(b"x")
    (tmp_path / "before.png").rename(tmp_path / "moved.png")
    with (tmp_path / "open.png").open("wb") as file:
        file.write(b"x")
        file.flush()
        assert select.select([watch.fd], [], [], 10)[0]
        assert watch.news() == News(("written.png", "moved.png"))
    assert watch.news().names == ("open.png",)
    (tmp_path / "open.png").unlink()
    assert watch.news() == News(())
    watch.close()
    watch.close()


@pytest.mark.parametrize("how", ["removed", "moved"])
def test_watch_says_that_its_folder_is_gone(tmp_path: Path, how: str) -> None:
    """Nothing will come any more, and nobody would say so."""
    folder = tmp_path / "in"
    folder.mkdir()
    watch = FolderWatch(folder)
    if how == "removed":
        folder.rmdir()
    else:
        folder.rename(tmp_path / "out")
    assert watch.news().gone
    watch.close()


def test_watch_of_a_folder_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    """And it leaves no descriptor behind."""
    with nothing_left_open(), pytest.raises(FileNotFoundError, match="none"):
        FolderWatch(tmp_path / "none")


def event(mask: int, name: bytes = b"") -> bytes:
    """As the kernel writes it: the name padded with zeros to a multiple of 16."""
    padded = name + b"\0" * (-len(name) % 16)
    return struct.pack("iIII", 1, mask, 0, len(padded)) + padded


@given(
    st.lists(
        st.tuples(
            st.sampled_from([CLOSE_WRITE, MOVED_TO, DELETE_SELF, UNMOUNT, OVERFLOW, 0x2]),
            st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name),
        )
    )
)
def test_parse_keeps_every_whole_file_and_what_else_was_said(
    events: list[tuple[int, bytes]],
) -> None:
    """In order, whatever their names are."""
    found = parse(b"".join(event(mask, name) for mask, name in events))
    whole = [name for mask, name in events if mask in {CLOSE_WRITE, MOVED_TO}]
    assert [name.encode("utf-8", "surrogateescape") for name in found.names] == whole
    masks = {mask for mask, _ in events}
    assert found.gone is bool(masks & {DELETE_SELF, UNMOUNT})
    assert found.lost is (OVERFLOW in masks)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/x", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/deep/er", "nfs4"),
        ("/mnt/share/local/in", "ext4"),
        ("/mnt/two words/in", "cifs"),
        ("/mnt/sharex", "ext4"),
        ("/mnt/Prüfung/oben", "nfs"),
        ("/mnt/back\\slash/in", "9p"),
    ],
)
def test_filesystem_is_that_of_the_nearest_mount(folder: str, kind: str) -> None:
    """By whole names of folders, with the escapes of the kernel."""
    assert filesystem_of(Path(folder), MOUNTS) == kind


def test_watch_tells_all_at_once_however_much_there_is(tmp_path: Path) -> None:
    """What one reading of the kernel had no room for would be news again the next time."""
    watch = FolderWatch(tmp_path)
    names = tuple(f"{number:04}{'x' * 100}.png" for number in range(1500))  # in all 180 kB
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert watch.news() == News(names)
    assert watch.news() == News(())
    watch.close()
