"""Fewer parts than there are: drawn by a seed, so that the same call draws the same ones."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gonogo.records.export.item import Item
    from gonogo.records.export.wanted import Wanted


def sample(items: Sequence[Item], wanted: Wanted) -> list[Item]:
    """As many as are wanted, in their order; of each class as many as of the rarest if balanced."""
    if not wanted.balanced:
        return _drawn(items, wanted.limit, wanted.seed)
    classes = defaultdict(list)
    for item in items:
        classes[item.cls].append(item)
    each = min((len(some) for some in classes.values()), default=0)
    if wanted.limit is not None:
        each = min(each, wanted.limit // max(len(classes), 1))
    taken = (item for some in classes.values() for item in _drawn(some, each, wanted.seed))
    return _in_order(items, taken)


def lot_of(seed: int, *words: object) -> bytes:
    """A number by chance that is always the same for these words."""
    return hashlib.sha256(
        "\0".join(map(str, (seed, *words))).encode(errors="surrogatepass")
    ).digest()


def _drawn(items: Sequence[Item], count: int | None, seed: int) -> list[Item]:
    if count is None or count >= len(items):
        return list(items)
    return _in_order(
        items, sorted(items, key=lambda one: lot_of(seed, one.run, one.serial))[:count]
    )


def _in_order(items: Sequence[Item], some: Iterable[Item]) -> list[Item]:
    taken = set(some)
    return [item for item in items if item in taken]
