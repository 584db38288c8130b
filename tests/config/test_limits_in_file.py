"""Score limits written into the text of a station file."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module
from typing import Any

import pytest

from gonogo.base.errors import LimitsNotApplied
from gonogo.base.scores import ScoreLimits
from gonogo.config.limits_in_file import Place, with_limits

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

LIMITS = ScoreLimits(1.25, 2.5)
FILE = """# the cell at gate 3
[station]
name = "cell"   # as it stands on the door

[[view]]
name = "top"
[view.engine]
model = "m.onnx"   # taught in May
# the night shift wants it strict
reject_above = 4.0  # was 5

[view.engine.prepare]
method = "teach"

[[view]]
name = "inline"
engine = { model = "x.onnx" }  # no limits yet

[[view]]
name = "dotted"
engine.model = "y.onnx"

[[view]]
name = "blind"

[[recipe]]
number = 2
[[recipe.view]]
name = "top"
[recipe.view.engine]
model = "z.onnx"

[records]
path = "p.sqlite"
"""


def engine_of(raw: bytes, place: Place) -> dict[str, Any]:
    """By the parser that reads station files."""
    data = toml.loads(raw.decode())
    recipe = next((r for r in data["recipe"] if r["number"] == place.recipe), data)
    found: dict[str, Any] = next(v for v in recipe["view"] if v["name"] == place.view)["engine"]
    return found


@pytest.mark.parametrize(
    "place", [Place("top"), Place("inline"), Place("dotted"), Place("top", 2)], ids=str
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_with_limits_sets_two_keys_and_nothing_else(place: Place, end: str) -> None:
    """In any form of TOML; every comment and line that is not about them stays."""
    raw = FILE.replace("\n", end).encode()
    fresh = with_limits(raw, place, LIMITS)
    engine = engine_of(fresh, place)
    assert (engine.pop("recheck_above"), engine.pop("reject_above")) == LIMITS[:2]
    before = engine_of(raw, place)
    before.pop("reject_above", None)
    assert engine == before
    # somebody else's differ: lines that went, and those that came
    lines = difflib.ndiff(raw.decode().split(end), fresh.decode().split(end))
    told = [line for line in lines if line[0] in "+-"]
    assert len(told) <= 3
    assert all("_above" in line or "x.onnx" in line for line in told)
    assert fresh.count(b"#") == raw.count(b"#")
    assert fresh.count(b"\n") == fresh.count(end.encode())


def test_with_limits_keeps_the_remark_beside_a_limit() -> None:
    """The number changes, what stands behind it stays."""
    assert b"reject_above = 2.5  # was 5" in with_limits(FILE.encode(), Place("top"), LIMITS)


@pytest.mark.parametrize("place", [Place("back"), Place("blind"), Place("top", 9)], ids=str)
def test_with_limits_names_a_place_that_is_not_there(place: Place) -> None:
    """A view without an engine, or none of that name or recipe."""
    with pytest.raises(LimitsNotApplied, match="the engine of view"):
        with_limits(FILE.encode(), place, LIMITS)
