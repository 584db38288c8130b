"""A part's picture in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.console.show.picture_lines import picture_lines
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.questions.pictures import Picture

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("state", sorted(set(PictureState) - {PictureState.KEPT}))
def test_lines_say_in_words_why_there_is_none(state: PictureState) -> None:
    """Of every state that there is."""
    (line,) = picture_lines(Picture("top", "REJECT", state.name, "OK", "", "", None, None))
    assert line.startswith("  picture  top: none")
    assert state.name not in line


def test_lines_say_where_picture_and_map_lie(tmp_path: Path) -> None:
    """With the map's scale, and what else is known of it."""
    place = tmp_path / "a.png"
    picture = Picture("top", "AUDIT", "KEPT", "OK", str(place), "/p/a.map.png", 0.25, 2.0)
    assert list(picture_lines(picture)) == [
        f"  picture  top: none any more: somebody removed {place}, of the audit sample"
    ]
    place.write_bytes(b"pixels")
    assert list(picture_lines(picture)) == [
        f"  picture  top: {place}, of the audit sample",
        "  map      top: /p/a.map.png, black is 0.25, white 2",
    ]
    (line,) = picture_lines(picture._replace(kind=PictureKind.REJECT.name, fault="FRAME", map=""))
    assert line == f"  picture  top: {place} (not trusted, FRAME: it may show another part)"
