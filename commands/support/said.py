"""What people said of parts, for a support bundle: without their names, and without their notes."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from gonogo.commands.support.source import Absent
from gonogo.console.show.disposition import as_json
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.reading import beside_records

if TYPE_CHECKING:
    from gonogo.commands.support.source import Source

LAST = 200


def dispositions(its: Source) -> str:
    """The newest words on parts; who said them is left out, and what they noted."""
    with closing(Book.read(beside_records(its.parts))) as book:
        found = [as_json(each) for each in book.all()][-LAST:]
    if not found:
        raise Absent("nobody has said anything of a part yet")
    for each in found:
        del each["who"]
        each["note"] = _without(each["note"])
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in found)


def without_notes(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the audit trail, but for what people wrote in it."""
    row["why"] = _without(row["why"])
    new = row["new"] if row["what"] == "disposition" else None
    if isinstance(new, dict):
        # of one that failed, what was asked for stands beside the error
        for said in (new, new.get("asked")):
            if isinstance(said, dict) and "note" in said:
                said["note"] = _without(str(said["note"]))
    return row


def _without(text: str) -> str:
    return f"(left out: {len(text)} characters)" if text else ""
