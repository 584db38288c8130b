"""The pictures of a part, as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.console.show.part import as_json, in_lines
from gonogo.records.picture_words import PictureState
from gonogo.records.pictures.rows import PictureRows
from gonogo.records.questions.details import details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_rows, by_serial
from gonogo.records.questions.pictures import Picture, kept_between, picture_counts
from gonogo.tests.records.pictures.made import HOUR, RUN, recorded, row_of

if TYPE_CHECKING:
    from pathlib import Path

KEPT = Picture("top", "REJECT", "KEPT", "", "a.png", "", None, None)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Two parts: one with a picture and a miss, one without."""
    path = tmp_path / "records.sqlite"
    recorded(path, 1, 2)
    rows = PictureRows(path, tmp_path / "pictures")
    rows.write([
        row_of(1, path=f"{HOUR}/a.png", map=f"{HOUR}/a.map.png", low=0.0, high=2.0),
        row_of(1, 1, state=PictureState.OVERWRITTEN),
    ])  # fmt: skip
    rows.close()
    return path


def test_details_of_a_part_have_its_pictures_view_by_view(base: Path, tmp_path: Path) -> None:
    """With their places from the root on; a part without any has none."""
    files, folder = Files(base), tmp_path / "pictures" / HOUR
    assert details(files, by_serial(files, RUN, 1)).pictures == (
        Picture("top", "REJECT", "KEPT", "", f"{folder}/a.png", f"{folder}/a.map.png", 0.0, 2.0),
        Picture("side", "REJECT", "OVERWRITTEN", "", "", "", None, None),
    )
    assert details(files, by_serial(files, RUN, 2)).pictures == ()


def test_picture_is_there_only_where_its_file_is(tmp_path: Path) -> None:
    """Not one that was evicted, nor one that somebody removed."""
    removed, lying = tmp_path / "a.png", tmp_path / "b.png"
    lying.write_bytes(b"pixels")
    wanted = {("KEPT", str(removed)): None, ("KEPT", str(lying)): lying, ("KEPT", ""): None}
    wanted |= {("NO_ROOM", str(lying)): None}
    for (state, path), place in wanted.items():
        assert KEPT._replace(state=state, path=path).place == place


def test_pictures_are_counted_by_kind_and_state_in_a_time(base: Path) -> None:
    """From the first moment to the second, excluded."""
    (wall_ms,) = {by_serial(Files(base), RUN, 1).wall_ms}
    assert picture_counts(Files(base), 0, wall_ms) == {}
    assert picture_counts(Files(base), wall_ms, wall_ms + 1) == {
        ("REJECT", "KEPT"): 1,
        ("REJECT", "OVERWRITTEN"): 1,
    }


def test_part_in_words_and_as_json_has_its_pictures(base: Path) -> None:
    """As `gonogo part` shows it."""
    files = Files(base)
    part = by_serial(files, RUN, 1)
    about = details(files, part)
    lines = list(in_lines(part, about, {}))
    assert "  picture  side: none: the frame was overwritten before it was copied" in lines
    assert any(
        line.startswith("  picture  top: none any more: somebody removed /") for line in lines
    )
    assert [each["state"] for each in as_json(part, about, {})["pictures"]] == [
        "KEPT",
        "OVERWRITTEN",
    ]


def test_pictures_that_are_there_are_found_by_view_and_time(base: Path, tmp_path: Path) -> None:
    """Of accepted parts; none that somebody removed, of another view, or of another time."""
    files, path = Files(base), tmp_path / "pictures" / HOUR / "a.png"
    wall_ms = by_serial(files, RUN, 1).wall_ms
    times_ms = wall_ms, wall_ms + 1
    assert kept_between(files, "top", times_ms, 3) == []
    path.parent.mkdir(parents=True)
    path.write_bytes(b"pixels")
    assert kept_between(files, "top", times_ms, 3) == [path]
    assert kept_between(files, "side", times_ms, 3) == []
    assert kept_between(files, "top", (0, 1), 3) == []


def test_parts_are_found_by_their_rows_in_the_order_that_is_asked(base: Path) -> None:
    """What no file has is left out."""
    files = Files(base)
    one, two = (by_serial(files, RUN, serial) for serial in (1, 2))
    assert by_rows(files, [two.age, 99, one.age]) == [two, one]
    assert by_rows(files, []) == []
