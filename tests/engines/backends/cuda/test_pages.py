"""Which pages are registered, and for how long."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.shm import PAGE
from gonogo.engines.backends.cuda.driver import NOWHERE, Bytes
from gonogo.engines.backends.cuda.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.uint8]

MOVED = 0x10_0000_0000  # how far the device's addresses lie above the host's


class Registry:
    """A driver that registers at most so many bytes at a time, and never a page twice."""

    def __init__(self, most: int = 1 << 40) -> None:
        self.spans: list[tuple[int, int]] = []
        self._most = most

    def register(self, memory: Array) -> Bytes | None:
        """Whole pages only."""
        span = memory.ctypes.data, memory.ctypes.data + memory.nbytes
        assert not any(word % PAGE for word in span)
        assert not any(first < span[1] and span[0] < last for first, last in self.spans)
        if memory.nbytes > self._most:
            return None
        self.spans.append(span)
        return Bytes(span[0] + MOVED, memory, span)

    def unregister(self, made: Bytes) -> None:
        """What it registered, once."""
        self.spans.remove(made.token)

    def allocate(self, nbytes: int) -> Bytes:
        """Not asked for here."""
        raise AssertionError(nbytes)

    def free(self, made: Bytes) -> None:
        """Not asked for here."""
        raise AssertionError(made)

    pin, unpin = allocate, free


def mapped(count: int) -> Array:
    """So many pages."""
    return np.frombuffer(mmap.mmap(-1, count * PAGE), np.uint8)


def test_acquire_registers_a_mapping_once_for_all_in_it() -> None:
    """The first array of it, wherever it lies, brings all of it."""
    registry = Registry()
    pages, memory = Pages(registry), mapped(8)
    held = [pages.acquire(memory[start : start + 100]) for start in (5 * PAGE, 50, 3 * PAGE - 50)]
    assert len(registry.spans) == 1
    for start, each in zip((5 * PAGE, 50, 3 * PAGE - 50), held, strict=True):
        assert each is not None
        assert each.pointer(memory[start:]) == memory.ctypes.data + start + MOVED
    for each in held[:-1]:
        assert each is not None
        pages.release(each)
    assert len(registry.spans) == 1
    assert held[-1] is not None
    pages.release(held[-1])
    assert registry.spans == []
    assert pages.acquire(memory) is not None


VIEWS: list[Callable[[Array], Array]] = [
    lambda memory: memory,
    lambda memory: memory[PAGE : PAGE + 10],
    lambda memory: memory.reshape(4, -1)[2],
    lambda memory: np.frombuffer(memory.data[PAGE:], np.uint8),
    lambda memory: np.frombuffer(memory.data.cast("B")[10:20].toreadonly(), np.uint8),
    lambda memory: np.frombuffer(memory.view(np.float64)[:3], np.uint8),
]


@pytest.mark.parametrize("view", range(len(VIEWS)))
def test_acquire_finds_the_whole_behind_any_view(view: int) -> None:
    """Through slices, shapes, other types and memoryviews."""
    registry, memory = Registry(), mapped(4)
    assert Pages(registry).acquire(VIEWS[view](memory)) is not None
    assert registry.spans == [(memory.ctypes.data, memory.ctypes.data + 4 * PAGE)]


def test_acquire_of_memory_that_numpy_made_takes_its_pages() -> None:
    """Rounded outwards; a second array on one of them shares it or has none."""
    registry = Registry()
    pages, memory = Pages(registry), np.zeros(3 * PAGE, np.uint8)
    held = pages.acquire(memory[7:])
    assert held is not None
    ((first, last),) = registry.spans
    assert first <= memory.ctypes.data
    assert memory.ctypes.data + memory.nbytes <= last
    assert held.pointer(memory) == memory.ctypes.data + MOVED


def test_acquire_where_the_whole_is_too_much_takes_the_pages_alone() -> None:
    """Where not all of a mapping may be locked; what crosses their end has no one address."""
    registry = Registry(most=2 * PAGE)
    pages, memory = Pages(registry), mapped(8)
    assert pages.acquire(memory[PAGE : 3 * PAGE]) is not None
    assert pages.acquire(memory[PAGE + 5 : 2 * PAGE]) is not None
    assert pages.acquire(memory[2 * PAGE : 4 * PAGE]) is None
    assert pages.acquire(memory[4 * PAGE : 5 * PAGE]) is not None
    assert pages.acquire(memory[5 * PAGE : 8 * PAGE]) is None
    assert len(registry.spans) == 2


def test_registered_memory_stays_mapped_until_it_is_released() -> None:
    """Whoever drops the array does not take it from the device."""
    registry, mapping = Registry(), mmap.mmap(-1, PAGE)
    pages = Pages(registry)
    held = pages.acquire(np.frombuffer(mapping, np.uint8))
    assert held is not None
    with pytest.raises(BufferError):
        mapping.close()
    pages.release(held)
    del held
    mapping.close()


def test_nowhere_is_no_memory() -> None:
    """What the host sees of the device's own."""
    assert NOWHERE.nbytes == 0
