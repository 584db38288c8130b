"""A table that a command writes into a page of docs, between two marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

END = "<!-- end of figures -->"


def begin(command: str) -> str:
    """The mark above the table that a command writes."""
    return f"<!-- figures: gonogo {command} -->"


def put(path: Path, command: str, table: str) -> bytes:
    """The page with the table between its marks; OutputError where it has none."""
    mark = begin(command)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{path}: cannot be read: {error}; expected a page with marks") from error
    before, found, rest = text.partition(mark)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise OutputError(f"{path}: expected a line '{mark}' and, below it, '{END}'")
    return f"{before}{mark}\n{table}\n{end}{after}".encode()
