"""A few of many, spread evenly: a folder may begin with one batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def evenly(items: Sequence[T], most: int) -> Sequence[T]:
    """All of them, or exactly so many from the first to the last; `most` is at least 1."""
    if len(items) <= most:
        return items
    gaps = max(most - 1, 1)
    return [items[(2 * k * (len(items) - 1) + gaps) // (2 * gaps)] for k in range(most)]
