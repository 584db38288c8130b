"""Names that stand in a file once, and the values of the rules of a part."""

from __future__ import annotations

import math
import sqlite3
import struct
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.words import RuleResult, Status
from gonogo.records import schema
from gonogo.records.codes import code_of, finite, packed, rule_set_of, unpacked

CHECK = st.builds(RuleResult, st.sampled_from(Status), st.floats(), st.just(0.0), st.just(1.0))


@given(st.lists(CHECK, max_size=32))
def test_packed_rules_are_read_back(checks: list[RuleResult]) -> None:
    """Nine bytes each; what is no number has no value."""
    blob = packed(checks)
    assert len(blob) == 9 * len(checks)
    assert unpacked(blob) == [(check.status, finite(check.value)) for check in checks]


def test_packed_rules_lie_as_the_page_says() -> None:
    """Status, then a little-endian float64; NaN for every value that is no number."""
    blob = packed([RuleResult(Status.FAIL, 12.5, 0, 1), RuleResult(Status.PASS, math.inf, 0, 1)])
    assert blob[:9] == b"\x01" + struct.pack("<d", 12.5)
    assert math.isnan(struct.unpack("<d", blob[10:])[0])


def test_names_and_sets_get_a_code_once() -> None:
    """A set with another limit is another one; its rules stand by their position."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.make(db)
        names = ("a", "b", "a")
        assert [code_of(db, "view_names", name) for name in names] == [1, 2, 1]
        assert [code_of(db, "engines", name) for name in names] == [1, 2, 1]
        sets = [[RuleResult(Status.PASS, 5, low, 9)] for low in (1.0, -math.inf, 1.0)]
        assert [rule_set_of(db, ["gap"], ["mm"], checks) for checks in sets] == [1, 2, 1]
        found = db.execute("SELECT * FROM rules_of_sets").fetchall()
        assert found == [(1, 0, "gap", 1.0, 9.0, "mm"), (2, 0, "gap", None, 9.0, "mm")]
