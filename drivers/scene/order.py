"""Which appearance a simulated part has: a pure function of its part id and the seed.

The simulated camera and the judge call the same function, so that a lost or
doubled trigger can never shift the truth from one part to the next.
"""

from __future__ import annotations

from array import array
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PART_IDS = 1 << 16  # PART_ID is a 16-bit word


class Order(str, Enum):
    """How a folder or a pool is walked through."""

    SEQUENCE = "sequence"
    SHUFFLE = "shuffle"


def pick(part_id: int, seed: int, count: int, order: Order) -> int:
    """Index (0 .. count-1) of what part `part_id` (1, 2, 3 ...) shows.

    SEQUENCE: part 1 shows index 0, and so on, round again after `count`.
    SHUFFLE: each round of `count` parts shows every index once, in an order that
    follows from the seed and the round (splitmix64 keys, sorted).
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    place, round_ = (part_id - 1) % count, (part_id - 1) // count
    if order is Order.SEQUENCE:
        return place
    keys = sorted((mix(seed, round_ * count + k), k) for k in range(count))
    return keys[place][1]


def table(seed: int, count: int, order: Order) -> array[int]:
    """`pick` for every part id 0 .. 65535 at once, so that the cycle only looks it up.

    Takes some milliseconds and 256 KiB, whatever `count`.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    # part ids begin at 1, so id 0 (a look without a part) is the place before the first
    places = np.arange(-1, PART_IDS - 1, dtype=np.int64)
    if order is Order.SEQUENCE:
        # an array, not a list: 256 KiB instead of 2 MiB, and no objects for the garbage collector
        return array("I", (places % count).astype(np.uint32).tobytes())
    # the first and the last round that a part id can be in
    first, last = -1 // count, (PART_IDS - 2) // count
    values = np.arange(first * count, (last + 1) * count, dtype=np.int64).astype(np.uint64)
    keys = _mix_all(seed, values).reshape(-1, count)
    # stable: equal keys, if there ever were any, as `pick` sorts them
    walk = np.argsort(keys, axis=1, kind="stable").reshape(-1)
    start = -1 - first * count
    return array("I", walk[start : start + PART_IDS].astype(np.uint32).tobytes())


def mix(seed: int, value: int) -> int:
    """64 well-mixed bits of (seed, value): splitmix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    z = (seed * 0x9E3779B97F4A7C15 + value * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _mix_all(seed: int, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`mix` of many values; numpy's unsigned arrays wrap at 64 bits as the mask does."""
    offset = np.array([(seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK], np.uint64)
    z = values * np.uint64(0xD1B54A32D192ED03) + offset
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    keys: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return keys


_MASK = (1 << 64) - 1
