"""A table of the training tool's own scores: which picture, which score.

    image,score                 header optional; then the first column names the picture
    good/01.png,0.123           commas, semicolons or tabs; with semicolons 0,5 is a number, too

Further columns are left alone. With a header the columns are found by their names.
"""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReferenceUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_BYTES = 64 << 20
_PICTURE = (
    *("image", "image_path", "imagepath", "image_file", "img", "picture", "path", "file"),
    *("filename", "file_name", "filepath", "file_path", "name"),
)
_SCORE = (
    *("score", "pred_score", "anomaly_score", "image_score", "pred_scores", "p", "prob"),
    *("probability", "conf", "confidence"),
)
_GOOD = ("p(good)", "p(ok)", "p(normal)")
_COLUMNS_MIN = 2
_NAMED = 3


class Row(NamedTuple):
    """One picture as the table names it, in line `line` of the file."""

    line: int
    name: str
    score: float


class Table(NamedTuple):
    """All rows; `of_good`: the column says by its name that high scores are of good parts."""

    path: Path
    rows: tuple[Row, ...]
    of_good: bool


def read_table(path: Path) -> Table:
    """Read a table; ReferenceUnusable names the line and what was expected there."""
    lines, delimiter = _lines(path)
    head = [cell.strip().lower() for cell in lines[0][1]]
    place, column = _columns(path, head, lines)
    # without a header the first line is a row
    body = lines if _number(head[column], delimiter) is not None else lines[1:]
    rows = tuple(_row(path, line, cells, (place, column), delimiter) for line, cells in body)
    if not rows:
        raise ReferenceUnusable(f"{path}: a header and no row, expected a row for each picture")
    return Table(path, rows, head[column] in _GOOD)


def _lines(path: Path) -> tuple[list[tuple[int, list[str]]], str]:
    """The lines that hold something, split, with their numbers; and what they are split by."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReferenceUnusable(f"{path}: expected a table of at most {MAX_BYTES} bytes")
        # with or without a mark of byte order: spreadsheets write one
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReferenceUnusable(f"{path}: {error.strerror}; check the path of the table") from error
    except UnicodeDecodeError as error:
        raise ReferenceUnusable(
            f"{path}: no text in UTF-8; save it as CSV, with a name and a score in each line"
        ) from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=first.count)
    try:
        found = list(enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1))
    except csv.Error as error:
        raise ReferenceUnusable(f"{path}: no table: {error}; save it as CSV") from error
    lines = [(line, cells) for line, cells in found if any(cell.strip() for cell in cells)]
    if not lines or len(lines[0][1]) < _COLUMNS_MIN:
        raise ReferenceUnusable(
            f"{path}: expected lines of two columns, the name of a picture and its score, split by "
            "commas, semicolons or tabs"
        )
    return lines, delimiter


def _columns(
    path: Path, head: Sequence[str], lines: Sequence[tuple[int, list[str]]]
) -> tuple[int, int]:
    """Where the picture stands, and its score."""
    if _number(head[1], ";") is not None and head[0] not in _PICTURE:
        return 0, 1
    place = next((head.index(name) for name in _PICTURE if name in head), 0)
    scores = [head.index(name) for name in _SCORE if name in head]
    chances = [k for k, name in enumerate(head) if name.startswith("p(") and name.endswith(")")]
    # of p(good) and p(bad) the second is a score as ours: high is bad
    bad = [k for k in chances if head[k] not in _GOOD]
    found = scores[:1] or (bad if len(bad) == 1 else []) or (chances if len(chances) == 1 else [])
    if not found and len(head) == _COLUMNS_MIN and lines:
        found = [1 - place]
    if not found:
        shown = ", ".join(head[:10])
        raise ReferenceUnusable(
            f"{path}: which column is the score? It has {shown}; name one of them "
            f"{', '.join(_SCORE[:_NAMED])} and no other so"
        )
    return place, found[0]


def _row(
    path: Path, line: int, cells: Sequence[str], columns: tuple[int, int], delimiter: str
) -> Row:
    place, column = columns
    if len(cells) <= max(columns):
        raise ReferenceUnusable(
            f"{path}, line {line}: {len(cells)} columns, expected a name and a score"
        )
    score = _number(cells[column], delimiter)
    name = cells[place].strip()
    if score is None or not name:
        raise ReferenceUnusable(
            f"{path}, line {line}: {cells[column].strip()[:40]!r} is no score of {name[:80]!r}, "
            "expected a finite number behind the name of a picture"
        )
    return Row(line, name, score)


def _number(text: str, delimiter: str) -> float | None:
    """A finite number, or None."""
    text = text.strip()
    if delimiter == ";":  # where commas do not split, they may stand for the point
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
