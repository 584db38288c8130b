"""A row of the audit trail: its line, its hash, and what it may hold."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from gonogo.ipc.audit.row import (
    DEEPEST,
    LONGEST_LINE,
    NOTHING,
    Head,
    Row,
    bounded,
    hash_of,
    line_of,
    plain,
    row_of,
    sealed,
)

ROW = sealed(
    Row(7, "2026-11-30T14:02:00.000+00:00", "0123abcd", 5, {"login": "anna"}, "limit", "done",
        1.5, {"high": 2}, "größer", None, "", Head(6, NOTHING), NOTHING, "")
)  # fmt: skip


def test_row_comes_back_from_its_line_as_it_was() -> None:
    """With its head of elsewhere, which JSON knows as a list."""
    assert row_of(line_of(ROW)) == ROW


def test_hash_is_sha256_of_the_line_without_it_as_the_page_says() -> None:
    """Anybody can count it again with a JSON reader and a hash of his own."""
    fields = json.loads(line_of(ROW))
    found = fields.pop("hash")
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    assert found == hashlib.sha256(text.encode()).hexdigest() == hash_of(ROW)


@pytest.mark.parametrize("field", [name for name in Row._fields if name != "hash"])
def test_hash_is_over_every_field(field: str) -> None:
    """Nothing of a row can be changed and keep its hash."""
    changed: Any = {field: None if field == "lost" else 77}
    assert hash_of(ROW._replace(**changed)) != ROW.hash


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        line_of(ROW)[:-1],
        line_of(ROW) + b" ",
        line_of(ROW).replace(b":7", b": 7"),
        line_of(ROW).replace(b'"number":7', b'"number":"7"'),
        line_of(ROW).replace(b'{"login":"anna"}', b'"anna"'),
        line_of(ROW).replace(b'"why"', b'"whyever"'),
        b"[" * 100_000,
        b"\x00" * 100,
        b"\xff\xfe",
    ],
)
def test_line_that_nobody_of_us_wrote_is_no_row(line: bytes) -> None:
    """A blank more is enough, and nothing is raised."""
    assert row_of(line) is None


def test_plain_makes_of_any_value_what_a_row_may_hold() -> None:
    """Paths, tuples, floats without an end, escapes, and depth."""
    nested: dict[str, object] = {}
    nested["again"] = nested
    found = plain(
        {
            "path": Path("/a/b"),
            "nan": float("nan"),
            "yes": True,
            "text": "\x1b[2J",
            "many": tuple(range(102)),
            3: nested,
            "other": b"raw",
        }
    )
    assert found["path"] == "/a/b"
    assert (found["nan"], found["yes"], found["text"]) == ("nan", True, "?[2J")
    assert found["many"][-1] == "and 2 more"
    assert found["other"] == "b'raw'"
    assert json.dumps(found["3"]).count("again") == DEEPEST - 1


def test_plain_of_a_large_table_says_how_much_is_left_out() -> None:
    """Keys as well."""
    found = plain({str(number): 1 for number in range(150)})
    assert len(found) == 101
    assert found["..."] == "and 50 more"


def test_bounded_names_by_its_hash_what_no_line_has_room_for() -> None:
    """The row says which value it was, and stays short."""
    huge = {str(k): {str(j): "x" * 400 for j in range(50)} for k in range(50)}
    assert bounded({"a": 1}) == {"a": 1}
    found = bounded(huge)
    assert found.startswith("too long for a row: ")
    assert len(found) < LONGEST_LINE // 100
