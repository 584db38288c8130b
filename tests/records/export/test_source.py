"""A picture is taken from the folder of pictures and from nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.records.export.source import Gone, ending_of, fits, read, size_of
from gonogo.records.pictures.tree import Tree
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.records.export.labelled import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = b"a picture"


def put(folder: Path) -> Path:
    """A picture as the station keeps it."""
    return folder / Tree(folder).put(HOUR, DATA, ".png").path


def test_read_gives_what_was_written(tmp_path: Path) -> None:
    """Its bytes, its size, its ending; a map as well."""
    place = put(tmp_path)
    its_map = tmp_path / Tree(tmp_path).put_map(str(place.relative_to(tmp_path)), b"map").path
    assert read(str(place)) == DATA
    assert read(str(its_map)) == b"map"
    assert (size_of(str(place)), ending_of(str(place))) == (len(DATA), ".png")
    assert fits(str(place), DATA)
    assert not fits(str(place), b"another")


def linked(place: Path) -> None:
    """To a file of the same content elsewhere."""
    moved = place.rename(place.parents[5] / "elsewhere.png")
    place.symlink_to(moved)


def linked_folder(place: Path) -> None:
    """Its day is a link to a folder elsewhere."""
    day = place.parents[1]
    moved = day.rename(place.parents[5] / "elsewhere")
    day.symlink_to(moved)


def piped(place: Path) -> None:
    """A pipe, which would wait for a writer for ever."""
    place.unlink()
    os.mkfifo(place)


def changed(place: Path) -> None:
    """Another content under its name."""
    place.write_bytes(b"another")


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (linked, "cannot be opened"),
        (linked_folder, "cannot be opened"),
        (piped, "no plain file"),
        (changed, "does not fit its name"),
        (os.unlink, "somebody removed it"),
    ],
)
def test_read_follows_no_link_and_takes_no_other_content(
    tmp_path: Path, harm: Callable[[Path], object], why: str
) -> None:
    """Also where what it leads to is the very picture."""
    place = put(tmp_path / "pictures")
    harm(place)
    with nothing_left_open(), pytest.raises(Gone, match=why):
        read(str(place))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/p/2023/11/30/23/../../../../../etc/passwd",
        f"/p/2023/11/30/23/{'0' * 64}.svg",
        f"p/2023/11/30/23/{'0' * 64}.png",
        "",
    ],
)
def test_read_takes_no_path_of_another_form(path: str) -> None:
    """A row that somebody wrote by hand leads nowhere."""
    with pytest.raises(Gone, match="names no file of a folder of pictures"):
        read(path)
    with pytest.raises(Gone, match="names no file"):
        size_of(path)
