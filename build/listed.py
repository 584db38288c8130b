"""Names in a message: the first ten, and how many more there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 10


def listed(names: Sequence[object], shown: int = SHOWN) -> str:
    """As they stand in a sentence: "a, b, c and 23 more"; "none" where there are none."""
    text = ", ".join(map(str, names[:shown])) or "none"
    more = len(names) - shown
    return f"{text} and {more} more" if more > 0 else text
