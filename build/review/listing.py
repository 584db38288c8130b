"""The list that a person labels: a CSV file that any spreadsheet opens.

    label,picture,score,sha256,engine 1f2e3d4c5b6a7988
    good,0007.png,3.412,9f86d0...
    bad,0031.png,3.207,60303a...

The id of the engine stands in the heading: scores of another engine put other parts on top.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReviewError
from gonogo.build.listed import listed
from gonogo.engines.card import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.build.review.parts import Seen

GOOD, BAD, ODD = "good", "bad", "odd"
LABELS = {GOOD: "a good part", BAD: "a bad part", ODD: "odd but good: it is to be taught"}
MAX_BYTES = 1 << 20  # of some thousand rows
_COLUMNS = ("label", "picture", "score", "sha256")
_SEPARATORS = ",;\t"  # as spreadsheets of different countries write them


class Row(NamedTuple):
    """One labelled picture: its name as it was listed, and its content."""

    label: str
    picture: str
    sha256: str


def write_list(path: Path, engine_id: int, seen: Sequence[Seen]) -> None:
    """The pictures in their order, with an empty label each; whole or not at all."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*_COLUMNS, f"engine {engine_id:016x}"])
    rows.writerows(["", one.name, f"{one.score:.6g}", one.sha256] for one in seen)
    replace_file(path, text.getvalue().encode())


def read_list(path: Path, engine_id: int) -> list[Row]:
    """The labelled pictures; ReviewError for another engine's list or a row without a label."""
    head, *lines = _lines(path)
    _check_engine(path, head, engine_id)
    at = [_column(path, head, name) for name in ("label", "picture", "sha256")]
    rows = [Row(*(line[k].strip() if k < len(line) else "" for k in at)) for line in lines]
    rows = [row._replace(label=row.label.lower()) for row in rows]
    _check_labels(path, rows)
    _check_once(path, rows)
    return rows


def _lines(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReviewError(f"{path}: more than {MAX_BYTES} bytes, expected a list of some rows")
        # a spreadsheet may put a mark of its own in front
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(
            f"{path}: cannot be read as a list: {error}; expected the CSV file that was written "
            "with --list, saved as UTF-8"
        ) from error
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=separator) if any(line)]
    if not lines:
        raise ReviewError(f"{path}: it is empty; have it written again without --labels")
    return lines


def _check_engine(path: Path, head: Sequence[str], engine_id: int) -> None:
    found = next((m for cell in head if (m := re.fullmatch(r"engine ([0-9a-f]{16})", cell))), None)
    if found is None:
        raise ReviewError(
            f"{path}: its heading names no engine, expected {', '.join(_COLUMNS)} and 'engine ID'; "
            "keep the first row as it was written"
        )
    if int(found[1], 16) != engine_id:
        raise ReviewError(
            f"{path}: it is of engine {found[1]}, expected {engine_id:016x}: another engine puts "
            "other parts on top; have the list made again with this one"
        )


def _column(path: Path, head: Sequence[str], name: str) -> int:
    named = [cell.strip().lower() for cell in head]
    if name not in named:
        raise ReviewError(f"{path}: no column '{name}', expected {', '.join(_COLUMNS)}")
    return named.index(name)


def _check_labels(path: Path, rows: Sequence[Row]) -> None:
    empty = [row.picture for row in rows if not row.label]
    if empty or not rows:
        raise ReviewError(
            f"{path}: {len(empty)} of {len(rows)} rows have no label ({listed(empty)}); expected "
            f"{_choices()} in each"
        )
    for row in rows:
        if row.label not in LABELS:
            near = difflib.get_close_matches(row.label, LABELS, 1)
            meant = f"; '{near[0]}' was meant?" if near else ""
            raise ReviewError(
                f"{path}: {row.picture}: label '{row.label}', expected {_choices()}{meant}"
            )


def _check_once(path: Path, rows: Sequence[Row]) -> None:
    names = [row.picture for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReviewError(f"{path}: listed more than once: {listed(twice)}; expected one row each")


def _choices() -> str:
    return ", ".join(f"'{label}' ({what})" for label, what in LABELS.items())
