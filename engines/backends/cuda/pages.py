"""Host memory that the device uses in place: each page is registered once, whoever shares it.

The driver refuses pages that are registered already, and what is registered cannot grow: so the
whole mapping that an array lies in is registered at once, and the next array in it finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.shm import PAGE, page_up
from gonogo.engines.backends.cuda.driver import host_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda.driver import Bytes, Memory


@dataclass
class Registered:
    """Some whole pages. `owner` keeps them mapped as long as they are registered."""

    first: int
    last: int
    made: Bytes
    owner: NDArray[np.uint8]
    users: int = 1

    def pointer(self, memory: NDArray[np.uint8]) -> int:
        """The device's address of an array in these pages."""
        return self.made.pointer + memory.ctypes.data - self.first


class Pages:
    """All that one device has registered."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._all: list[Registered] = []

    def acquire(self, memory: NDArray[np.uint8]) -> Registered | None:
        """The pages of an array; None where they cannot be registered."""
        first, last = _span(memory)
        for each in self._all:
            if each.first <= first and last <= each.last:
                each.users += 1
                return each
        # where there is not room to lock the whole mapping, or it touches others: these pages
        return self._register(_owner(memory)) or self._register(memory)

    def release(self, held: Registered) -> None:
        """For one user; the last one unregisters."""
        held.users -= 1
        if not held.users:
            self._all.remove(held)
            self._memory.unregister(held.made)

    def _register(self, owner: NDArray[np.uint8]) -> Registered | None:
        first, last = _span(owner)
        # some of them are, some are not: no one address would lead to all
        if any(first < each.last and each.first < last for each in self._all):
            return None
        pages = host_bytes(first, last - first)
        pages.flags.writeable = owner.flags.writeable
        made = self._memory.register(pages)
        if made is None:
            return None
        self._all.append(Registered(first, last, made, owner))
        return self._all[-1]


def _span(memory: NDArray[np.uint8]) -> tuple[int, int]:
    """Where its first page begins, and its last one ends."""
    address = memory.ctypes.data
    return address & -PAGE, page_up(address + memory.nbytes)


def _owner(memory: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """All of the memory that an array is a part of."""
    base: Any = memory
    while True:
        below = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
        if below is None:
            break
        base = below
    if isinstance(base, np.ndarray):
        whole = base.reshape(-1).view(np.uint8) if base.flags.c_contiguous else memory
    else:  # an mmap, a bytearray, ...
        try:
            whole = np.frombuffer(base, np.uint8)
        except (TypeError, ValueError, BufferError):  # no buffer, or one that was closed
            return memory
    # what a base is, is its own affair: only one that has the array in it is taken
    (first, last), (inner_first, inner_last) = _span(whole), _span(memory)
    return whole if first <= inner_first and inner_last <= last else memory
