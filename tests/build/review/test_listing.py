"""The list that a person labels, as spreadsheets hand it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReviewError
from gonogo.build.review.listing import MAX_BYTES, Row, read_list, write_list
from gonogo.build.review.parts import Seen

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = 0x1F2E3D4C5B6A7988
SEEN = [Seen('a, "one".png', "aa", 3.25), Seen("sub/b.png", "bb", 2.0), Seen("c.png", "cc", 1.5)]
LABELLED = [
    Row("good", 'a, "one".png', "aa"),
    Row("bad", "sub/b.png", "bb"),
    Row("odd", "c.png", "cc"),
]


def labelled(path: Path, *labels: str) -> Path:
    """The list with these labels in its rows."""
    write_list(path, ENGINE, SEEN)
    head, *rows = path.read_text().splitlines()
    assert all(row.startswith(",") for row in rows)
    path.write_text("\n".join([head, *(f"{a}{b}" for a, b in zip(labels, rows, strict=True))]))
    return path


def test_list_comes_back_as_it_was_labelled(tmp_path: Path) -> None:
    """In any case, with spaces; names with commas and quotes."""
    assert read_list(labelled(tmp_path / "r.csv", "good", " BAD ", "Odd"), ENGINE) == LABELLED


@pytest.mark.parametrize("separator", [";", "\t"])
def test_list_comes_back_from_any_spreadsheet(tmp_path: Path, separator: str) -> None:
    """Another separator, a mark in front, other ends of lines, columns in another order."""
    path = tmp_path / "r.csv"
    head = separator.join(["picture", "Label", "sha256", "score", f"engine {ENGINE:016x}"])
    quoted = [row.picture.replace('"', '""') for row in LABELLED]
    rows = [
        separator.join([f'"{name}"', row.label, row.sha256, "3,2"])
        for name, row in zip(quoted, LABELLED, strict=True)
    ]
    path.write_bytes("\ufeff".encode() + "\r\n".join([head, *rows, separator * 4]).encode())
    assert read_list(path, ENGINE) == LABELLED


def test_list_of_another_engine_is_refused(tmp_path: Path) -> None:
    """Its scores put other parts on top."""
    path = labelled(tmp_path / "r.csv", "good", "bad", "odd")
    with pytest.raises(ReviewError, match=r"of engine 1f2e3d4c5b6a7988, expected 0{15}7"):
        read_list(path, 7)
    path.write_text(path.read_text().replace("engine ", ""))
    with pytest.raises(ReviewError, match="names no engine"):
        read_list(path, ENGINE)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("good", "", "bad"), r"1 of 3 rows have no label \(sub/b.png\)"),
        (("good", "badd", "odd"), r"sub/b.png: label 'badd', expected 'good'.*'bad' was meant"),
        (("good", "?", "odd"), r"label '\?', expected"),
    ],
)
def test_list_with_a_label_missing_or_wrong_is_refused(
    tmp_path: Path, labels: tuple[str, ...], message: str
) -> None:
    """The row by its picture, and what may stand there."""
    with pytest.raises(ReviewError, match=message):
        read_list(labelled(tmp_path / "r.csv", *labels), ENGINE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        (f"label,picture,score,engine {ENGINE:016x}\ngood,a,1,", "no column 'sha256'"),
        (f"label,picture,score,sha256,engine {ENGINE:016x}\n", "0 of 0 rows"),
        (
            f"label,picture,score,sha256,engine {ENGINE:016x}\ngood,a,1,aa,\nbad,a,1,aa,",
            "more than once: a",
        ),
        ("x" * (MAX_BYTES + 1), "more than"),
    ],
)
def test_list_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Each with its reason."""
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(ReviewError, match=message):
        read_list(path, ENGINE)


def test_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Gone, or no text."""
    with pytest.raises(ReviewError, match="cannot be read"):
        read_list(tmp_path / "none.csv", ENGINE)
    (tmp_path / "r.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ReviewError, match="UTF-8"):
        read_list(tmp_path / "r.csv", ENGINE)
