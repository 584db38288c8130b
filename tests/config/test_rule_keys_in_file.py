"""Numbers of rules written into the text of a station file."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module
from typing import Any

import pytest

from gonogo.base.errors import LimitsNotApplied
from gonogo.config.rule_keys_in_file import with_rule_keys

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

FILE = """# the cell at gate 3
[[view]]
name = "top"

[view.camera]
driver = "replay"

[[view.rule]]   # the plate
name = "width"
kind = "dimension"
segment = { object_is = "light" }
low = 71.4                  # mm, of the drawing

# the hole in it
[[view.rule]]
name = "hole"
kind = "presence"  # counted
  high = 3
  [view.rule.roi]
  x_px = 3

[[view.rule]]
name = "long"
list = [
  1,
  2,
]

[[view]]
name = "side"
rule = [ { name = "width", low = 3 }, # of a cable
         { name = "other" } ]

[records]
path = "p.sqlite"
"""
ENDS = {"low": 1.5, "high": 2.5}


def rules_of(raw: bytes, view: str) -> dict[str, dict[str, Any]]:
    """By the parser that reads station files."""
    data = toml.loads(raw.decode())
    found = next(each for each in data["view"] if each["name"] == view)["rule"]
    return {rule["name"]: rule for rule in found}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("view", "rule"),
    [("top", "width"), ("top", "hole"), ("top", "long"), ("side", "width"), ("side", "other")],
)
def test_with_rule_keys_sets_these_and_nothing_else(view: str, rule: str, end: str) -> None:
    """In any form of TOML; every remark stays, and stays with what it is about."""
    raw = FILE.replace("\n", end).encode()
    fresh = with_rule_keys(raw, view, {rule: ENDS})
    found, before = rules_of(fresh, view), rules_of(raw, view)
    assert found[rule] == {**before[rule], **ENDS}
    assert {name: each for name, each in found.items() if name != rule} == {
        name: each for name, each in before.items() if name != rule
    }
    assert fresh.count(b"#") == raw.count(b"#")
    assert fresh.count(b"\n") == fresh.count(end.encode())
    lines = difflib.ndiff(raw.decode().split(end), fresh.decode().split(end))
    told = [line for line in lines if line[0] in "+-"]
    # of one that stands in a line, the whole line is another
    assert all("low" in line or "high" in line or "{ name" in line for line in told)
    assert "# the hole in it\n[[view.rule]]" in fresh.decode().replace("\r\n", "\n")


def test_with_rule_keys_puts_new_keys_beside_their_like() -> None:
    """Below the other limit, as far in as it; else at the end of what the rule says itself."""
    text = with_rule_keys(FILE.encode(), "top", {"width": ENDS, "hole": ENDS}).decode()
    assert "low = 1.5                  # mm, of the drawing\nhigh = 2.5\n" in text
    assert "  high = 2.5\n  low = 1.5\n  [view.rule.roi]" in text


def test_with_rule_keys_takes_a_key_away() -> None:
    """None is no limit; one that is not there stays so."""
    fresh = with_rule_keys(FILE.encode(), "top", {"width": {"low": None, "high": 9.0}})
    assert rules_of(fresh, "top")["width"] == {
        "name": "width", "kind": "dimension", "segment": {"object_is": "light"}, "high": 9.0,
    }  # fmt: skip
    assert with_rule_keys(FILE.encode(), "side", {"other": {"low": None}}) == FILE.encode()


@pytest.mark.parametrize("view", ["back", "bare"])
def test_with_rule_keys_names_a_view_that_it_does_not_find(view: str) -> None:
    """None of that name, or without rules."""
    raw = FILE.replace("[records]", '[[view]]\nname = "bare"\n[records]').encode()
    with pytest.raises(LimitsNotApplied, match=f"the rules of view '{view}'"):
        with_rule_keys(raw, view, {"width": ENDS})
