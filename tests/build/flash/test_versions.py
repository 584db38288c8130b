"""Which of two versions is the older one."""

from __future__ import annotations

import pytest

from gonogo.build.flash.versions import is_older


@pytest.mark.parametrize(
    ("new", "now", "older"),
    [("0.1.0", "0.2.0", True), ("0.2.0", "0.2.0", False), ("0.10.0", "0.9.0", False),
     ("1.0", "1.0.0", False), ("1.0.0rc1", "1.0.0", True), ("1.0.0", "1.0.0rc1", False),
     ("1.0.0rc1", "0.9", False), ("1.0.0-rc1", "1.0.0-rc2", True), ("2", "10", True),
     ("nightly", "0.2.0", True), ("0.2.0", "nightly", True), ("nightly", "nightly", False)],
)  # fmt: skip
def test_numbers_are_compared_as_numbers(new: str, now: str, older: bool) -> None:  # noqa: FBT001 - a table
    """And what comes before a release is older than it."""
    assert is_older(new, now) is older
