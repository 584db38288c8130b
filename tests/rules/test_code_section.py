"""What a station file may say of a rule that reads a code, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.rules.code_section import CodeSection


def section(**keys: Any) -> CodeSection:  # noqa: ANN401 - whatever a person writes
    """A rule named c that reads QR codes, with other keys."""
    plain = {"kind": "code", "name": "c", "symbology": ["qr"]}
    return CodeSection.model_validate({**plain, **keys})


def test_code_rule_expects_one_code_where_nothing_else_is_said() -> None:
    """It has its limits from the first: there is nothing to be learnt."""
    plain = section()
    assert (plain.low, plain.high, plain.unit) == (1.0, 1.0, "count")
    assert plain.value_range[0] == 1.0
    assert plain.reads_text
    assert not plain.compares_part_id
    assert section(equals_plc=True).compares_part_id


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"symbology": []}, "at least 1 item"),
        ({"symbology": ["barcode"]}, "'qr'"),
        ({"low": 0}, "low: expected a whole number of codes from 1 on, got 0.0"),
        ({"low": -1}, "low: expected a whole number"),
        ({"low": 1.5, "high": 2}, "low: expected a whole number of codes from 1 on, got 1.5"),
        ({"high": 1.5}, "high: expected a whole number"),
        ({"low": 2}, r"low: expected at most high \(1\), got 2"),
        ({"equals": ""}, "at least 1 character"),
        ({"equals": "x" * 257}, "at most 256 characters"),
        ({"equals": "A", "matches": "A"}, "equals: expected alone"),
        ({"equals": "A", "equals_plc": True}, "equals: expected alone"),
        ({"matches": "(a+)+b"}, "at most 100000 ways"),
        ({"matches": "("}, "expected a regular expression"),
        ({"matches": "A", "equals_plc": True}, "equals_plc: expected true with a group"),
        ({"matches": "(?P<part_id>[0-9]{1,5})"}, "and false without one, got false"),
        ({"time_ms": 0}, "greater than 0"),
        ({"work_px": 1025}, "less than or equal to 1024"),
    ],
)
def test_code_rule_that_could_not_judge_is_refused(keys: dict[str, Any], message: str) -> None:
    """With what was expected."""
    with pytest.raises(ValidationError, match=message):
        section(**keys)
