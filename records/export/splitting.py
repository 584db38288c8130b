"""Which parts teach and which judge: whole lots, or whole blocks of time, never torn apart.

Parts of a lot, or of a minute, look alike: one of them in train and its neighbour in test would
make any model look better than it is. What was inspected twice under one serial number is one part.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.export.names import GOOD
from gonogo.records.export.sampling import lot_of
from gonogo.records.export.wanted import TEST, TRAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gonogo.records.export.item import Item

# of time where there are no lots: the longest one of which there are enough
BLOCKS_MS = {
    "hour": 3_600_000, "ten minutes": 600_000, "minute": 60_000, "ten seconds": 10_000,
    "second": 1000,
}  # fmt: skip
ENOUGH = 20

Key = tuple[str, str]  # of a unit: what it is, and which one
Unit = tuple["Item", ...]


class Split(NamedTuple):
    """Items by split, in their order; `unit` says in words what was kept together.

    `units`: how many there were. `left_out`: what has no place in this format.
    """

    items: dict[str, list[Item]]
    unit: str
    units: int
    left_out: list[Item]


def split(
    items: Sequence[Item], shares: Mapping[str, float], seed: int, *, only_good_in_train: bool
) -> Split:
    """Units to splits so that each has about its share of every class.

    `only_good_in_train`: where a unit teaches, its defects are left out, for they may not judge
    the same unit; so units with many defects rather judge.
    """
    units, unit = units_of(items)
    choose = _apart if only_good_in_train else _spread
    chosen = choose(units, shares, seed)
    place = {item: name for name, some in chosen.items() for unit_ in some for item in unit_}
    found: dict[str, list[Item]] = {name: [] for name in shares}
    left_out = []
    for item in items:
        name = place[item]
        if only_good_in_train and name == TRAIN and item.cls != GOOD:
            left_out.append(item)
        else:
            found[name].append(item)
    return Split(found, unit, len(units), left_out)


def units_of(items: Sequence[Item]) -> tuple[list[Unit], str]:
    """What must stay together, and in words what that is."""
    block, block_ms = _block([item.wall_ms for item in items if not item.lot])
    joined = _Joined()
    for item in items:
        key = ("lot", item.lot) if item.lot else ("time", str(item.wall_ms // block_ms))
        joined.find(key)
        if item.serial_number:
            joined.join(key, ("serial number", item.serial_number))
        joined.items[item] = key
    return joined.units(), _in_words(items, block)


def _in_words(items: Iterable[Item], block: str) -> str:
    lots = {bool(item.lot) for item in items}
    by_time = (
        f"a {block} (UTC) of parts" if block in {"minute", "second"} else f"{block} (UTC) of parts"
    )
    if block == "hour":
        by_time = "an hour (UTC) of parts"
    if lots == {True}:
        return "a lot"
    return by_time if lots == {False} else f"a lot, and of parts without one {by_time}"


def _block(walls_ms: Sequence[int]) -> tuple[str, int]:
    """The name of a block of time, and its ms."""
    for name, block_ms in BLOCKS_MS.items():
        if len({wall_ms // block_ms for wall_ms in walls_ms}) >= ENOUGH:
            return name, block_ms
    # so few parts: as finely as it goes, if that makes any difference
    name = min(
        BLOCKS_MS,
        key=lambda each: (-len({w // BLOCKS_MS[each] for w in walls_ms}), -BLOCKS_MS[each]),
    )
    return name, BLOCKS_MS[name]


class _Joined:
    """Keys that were joined, and the items of each (disjoint sets)."""

    def __init__(self) -> None:
        self.items: dict[Item, Key] = {}
        self._above: dict[Key, Key] = {}

    def find(self, key: Key) -> Key:
        """The one that stands for all that are joined with it."""
        while (above := self._above.setdefault(key, key)) != key:
            self._above[key] = self._above[above]
            key = above
        return key

    def join(self, one: Key, other: Key) -> None:
        """From now on they are one."""
        self._above[self.find(other)] = self.find(one)

    def units(self) -> list[Unit]:
        """The items that stay together, the earliest unit first."""
        found = defaultdict(list)
        for item, key in self.items.items():
            found[self.find(key)].append(item)
        return [tuple(some) for some in found.values()]


def _spread(units: Sequence[Unit], shares: Mapping[str, float], seed: int) -> dict[str, list[Unit]]:
    """The largest first, each to the split that lacks most of what it holds."""
    total = Counter(item.cls for unit in units for item in unit)
    lacks = {name: {cls: share * total[cls] for cls in total} for name, share in shares.items()}
    chosen: dict[str, list[Unit]] = {name: [] for name in shares}
    for unit in sorted(units, key=_by_size(seed)):
        holds = Counter(item.cls for item in unit)
        # in shares of each class, or the good ones alone would say where everything goes
        name = max(
            chosen, key=lambda one: sum(lacks[one][c] * n / total[c] ** 2 for c, n in holds.items())
        )
        chosen[name].append(unit)
        for cls, count in holds.items():
            lacks[name][cls] -= count
    _fill(chosen)
    return chosen


def _apart(units: Sequence[Unit], shares: Mapping[str, float], seed: int) -> dict[str, list[Unit]]:
    """For a train of good parts alone: those with most defects judge, until that has its share."""
    chosen: dict[str, list[Unit]] = {name: [] for name in shares}
    good = sum(_good(unit) for unit in units)
    room = (1 - shares[TRAIN]) * good
    by_size, best = _by_size(seed), max(units, key=_good)
    for unit in sorted(units, key=lambda one: (_good(one) / len(one), *by_size(one))):
        # without a good part it has nothing to teach; the last one with good parts must teach
        last = good and not chosen[TRAIN] and unit is best
        # as near to its share as whole units come
        judges = TEST in chosen and (not _good(unit) or (_good(unit) / 2 <= room and not last))
        chosen[TEST if judges else TRAIN].append(unit)
        room -= _good(unit) if judges else 0
    return chosen


def _good(unit: Unit) -> int:
    return sum(item.cls == GOOD for item in unit)


def _by_size(seed: int) -> Callable[[Unit], tuple[int, bytes]]:
    return lambda unit: (-len(unit), lot_of(seed, unit[0].run, unit[0].serial))


def _fill(chosen: dict[str, list[Unit]]) -> None:
    """A split that got nothing has the smallest unit of train, where that has more than one.

    Train itself has it of whoever has most: without it there is nothing to teach from.
    """
    if not chosen[TRAIN]:
        chosen[TRAIN].append(max(chosen.values(), key=len).pop())
    for some in chosen.values():
        if not some and len(chosen[TRAIN]) > 1:
            some.append(chosen[TRAIN].pop())
