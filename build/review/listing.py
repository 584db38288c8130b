"""The list that a person labels: a CSV file that any spreadsheet opens.

    label,picture,score,sha256,engine 1f2e3d4c5b6a7988
    good,0007.png,3.412,9f86d0...
    bad,0031.png,3.207,60303a...

The id of the engine stands in the heading: scores of another engine put other parts on top. A list
of parts of a station (gonogo.build.review.partlist) has other columns.
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
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from gonogo.build.review.parts import Seen

GOOD, BAD, ODD = "good", "bad", "odd"
LABELS = {GOOD: "a good part", BAD: "a bad part", ODD: "odd but good: it is to be taught"}
MAX_BYTES = 1 << 20  # of some thousand rows
LABEL = "label"
_SEPARATORS = ",;\t"  # as spreadsheets of different countries write them


class Form(NamedTuple):
    """A kind of list: its columns after the label, those that are read back, and the labels.

    The first that is read back is the name of the row.
    """

    columns: tuple[str, ...]
    read: tuple[str, ...]
    labels: Mapping[str, str]

    @property
    def name(self) -> str:
        """The column by which a row is called."""
        return self.read[0]


PICTURES = Form(("picture", "score", "sha256"), ("picture", "sha256"), LABELS)


class Row(NamedTuple):
    """One labelled picture: its name as it was listed, and its content."""

    label: str
    picture: str
    sha256: str


def write_list(path: Path, engine_id: int, seen: Sequence[Seen]) -> None:
    """The pictures in their order, with an empty label each; whole or not at all."""
    rows = [(one.name, f"{one.score:.6g}", one.sha256) for one in seen]
    write_rows(path, engine_id, PICTURES, rows)


def read_list(path: Path, engine_id: int) -> list[Row]:
    """The labelled pictures; ReviewError for another engine's list or a row without a label."""
    rows = read_rows(path, engine_id, PICTURES)
    return [Row(row[LABEL], row["picture"], row["sha256"]) for row in rows]


def write_rows(path: Path, engine_id: int, form: Form, rows: Iterable[Sequence[str]]) -> None:
    """Rows of a form, with an empty label each; whole or not at all."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([LABEL, *form.columns, f"engine {engine_id:016x}"])
    lines.writerows(["", *row] for row in rows)
    replace_file(path, text.getvalue().encode())


def read_rows(path: Path, engine_id: int, form: Form) -> list[dict[str, str]]:
    """The labelled rows by column, labels in small letters; ReviewError as `read_list`."""
    head, *lines = _lines(path)
    _check_engine(path, head, engine_id, form)
    at = {name: _column(path, head, name, form) for name in (LABEL, *form.read)}
    rows = [
        {name: line[k].strip() if k < len(line) else "" for name, k in at.items()} for line in lines
    ]
    rows = [{**row, LABEL: row[LABEL].lower()} for row in rows]
    _check_labels(path, rows, form)
    _check_once(path, [row[form.name] for row in rows])
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
        raise ReviewError(f"{path}: it is empty; have it written again")
    return lines


def _check_engine(path: Path, head: Sequence[str], engine_id: int, form: Form) -> None:
    found = next((m for cell in head if (m := re.fullmatch(r"engine ([0-9a-f]{16})", cell))), None)
    if found is None:
        raise ReviewError(
            f"{path}: its heading names no engine, expected {_heading(form)} and 'engine ID'; "
            "keep the first row as it was written"
        )
    if int(found[1], 16) != engine_id:
        raise ReviewError(
            f"{path}: it is of engine {found[1]}, expected {engine_id:016x}: another engine puts "
            "other parts on top; have the list made again with this one"
        )


def _column(path: Path, head: Sequence[str], name: str, form: Form) -> int:
    named = [cell.strip().lower() for cell in head]
    if name not in named:
        raise ReviewError(f"{path}: no column '{name}', expected {_heading(form)}")
    return named.index(name)


def _heading(form: Form) -> str:
    return ", ".join((LABEL, *form.columns))


def _check_labels(path: Path, rows: Sequence[Mapping[str, str]], form: Form) -> None:
    choices = ", ".join(f"'{label}' ({what})" for label, what in form.labels.items())
    empty = [row[form.name] for row in rows if not row[LABEL]]
    if empty or not rows:
        raise ReviewError(
            f"{path}: {len(empty)} of {len(rows)} rows have no label ({listed(empty)}); expected "
            f"{choices} in each"
        )
    for row in rows:
        label = row[LABEL]
        if label not in form.labels:
            near = difflib.get_close_matches(label, form.labels, 1)
            meant = f"; '{near[0]}' was meant?" if near else ""
            raise ReviewError(
                f"{path}: {row[form.name]}: label '{label}', expected {choices}{meant}"
            )


def _check_once(path: Path, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReviewError(f"{path}: listed more than once: {listed(twice)}; expected one row each")
