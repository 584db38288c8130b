"""Names in a message."""

from __future__ import annotations

import pytest

from gonogo.build.listed import listed


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "none"), (1, "0"), (10, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9")],
)
def test_listed_shows_up_to_ten(count: int, shown: str) -> None:
    """All of them, where they are few."""
    assert listed(range(count)) == shown


def test_listed_counts_the_rest() -> None:
    """A sentence stays a sentence."""
    assert listed(range(33)).endswith(", 9 and 23 more")
