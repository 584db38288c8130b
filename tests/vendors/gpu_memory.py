"""Memory of the simulated GPU: what of it a device pointer leads to, and what it must not.

Device memory is bytes of this process under addresses of their own; a page lies between two
allocations, so that whoever writes past the end of one is caught. Registered memory is the
host's own bytes. A pointer that was valid once is known as such: the finding says which.
"""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.shm import PAGE, page_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DEVICE, PINNED, REGISTERED = "device memory", "pinned memory", "registered memory"
_FIRST = 0x7_0000_0000  # of device addresses: none of the host's begins so on Linux
_libc = ctypes.CDLL(None, use_errno=True)


class Range(NamedTuple):
    """Some bytes: their address for the device and for the host (0: none), and what they are."""

    kind: str
    pointer: int
    host: int
    nbytes: int
    data: NDArray[np.uint8]
    read_only: bool = False

    def holds(self, pointer: int, nbytes: int = 1) -> bool:
        """Whether all of these bytes are its own, by the device's address."""
        return self.pointer <= pointer and pointer + nbytes <= self.pointer + self.nbytes

    def holds_host(self, address: int, nbytes: int = 1) -> bool:
        """The same, by the host's address."""
        return bool(self.host) and self.host <= address <= self.host + self.nbytes - nbytes

    def __str__(self) -> str:
        return f"{self.kind} {self.pointer:#x} of {self.nbytes} bytes"


def bytes_at(address: int, nbytes: int) -> NDArray[np.uint8]:
    """The host's own bytes at an address of this process."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * nbytes).from_address(address))


def is_mapped(address: int, nbytes: int) -> bool:
    """Whether this process has memory there still (mincore(2))."""
    first = address & -PAGE
    pages = page_up(address + nbytes - first)
    told = (ctypes.c_uint8 * (pages // PAGE))()
    return bool(_libc.mincore(ctypes.c_void_p(first), ctypes.c_size_t(pages), told) == 0)


def is_writable(address: int) -> bool:
    """Whether this process may write there (proc(5), maps)."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        span, rights, *_ = line.split()
        first, last = (int(each, 16) for each in span.split("-"))
        if first <= address < last:
            return "w" in rights
    return False


class Memory:
    """All ranges of one device; `violation` records a finding and returns what to raise."""

    def __init__(self, violation: Callable[[str], Exception], *, own_addresses: bool) -> None:
        self.open: dict[int, Range] = {}  # by device pointer
        self._gone: list[Range] = []
        self._violation = violation
        # Jetson: a registered page has another address for the device than for the host
        self._own_addresses = own_addresses
        self._next = _FIRST

    @property
    def used_bytes(self) -> int:
        """Of the device's own."""
        return sum(each.nbytes for each in self.open.values() if each.kind == DEVICE)

    def allocate(self, nbytes: int) -> Range:
        """Device memory, full of what was there before."""
        data = np.full(nbytes, 0xA5, np.uint8)
        return self._add(Range(DEVICE, self._address(nbytes), 0, nbytes, data))

    def pin(self, nbytes: int) -> Range:
        """Host memory that the driver made."""
        pages = mmap.mmap(-1, page_up(nbytes))
        data = np.frombuffer(pages, np.uint8)[:nbytes]
        host = data.ctypes.data
        pointer = self._address(nbytes) if self._own_addresses else host
        return self._add(Range(PINNED, pointer, host, nbytes, data))

    def register(self, host: int, nbytes: int, *, read_only: bool = False) -> Range | None:
        """Host memory of somebody's; None where some of its pages are registered already."""
        first, last = host & -PAGE, page_up(host + nbytes)
        for each in self.open.values():
            if each.host and each.host & -PAGE < last and first < page_up(each.host + each.nbytes):
                return None
        if not is_mapped(host, nbytes):
            raise self._violation(f"{nbytes} bytes at {host:#x} are not mapped, and registered")
        pointer = self._address(nbytes) if self._own_addresses else host
        data = bytes_at(host, nbytes)
        return self._add(Range(REGISTERED, pointer, host, nbytes, data, read_only))

    def of_host(self, address: int, nbytes: int) -> Range | None:
        """The pinned or registered range that holds these bytes of the host."""
        found = (each for each in self.open.values() if each.holds_host(address, nbytes))
        return next(found, None)

    def of_pointer(self, pointer: int, nbytes: int = 1) -> Range:
        """The range that holds these bytes; a violation where none does."""
        for each in self.open.values():
            if each.holds(pointer, nbytes):
                return each
        raise self._violation(self._why(pointer, nbytes))

    def release(self, found: Range) -> None:
        """It is gone; its pointer is known as gone."""
        del self.open[found.pointer]
        self._gone.append(found)
        if found.kind == REGISTERED and not is_mapped(found.host, found.nbytes):
            raise self._violation(f"{found} was unmapped before it was unregistered")

    def view(self, pointer: int, nbytes: int, *, write: bool) -> NDArray[np.uint8]:
        """The bytes behind a device pointer."""
        found = self.of_pointer(pointer, nbytes)
        if found.kind == REGISTERED and not is_mapped(found.host, found.nbytes):
            raise self._violation(f"{found} is unmapped, and the device uses it")
        if write and found.read_only:
            raise self._violation(f"{found} is registered to be read only, and is written")
        start = pointer - found.pointer
        seen: NDArray[np.uint8] = found.data[start : start + nbytes].view()
        seen.flags.writeable = write
        return seen

    def _add(self, made: Range) -> Range:
        self.open[made.pointer] = made
        return made

    def _address(self, nbytes: int) -> int:
        pointer = self._next
        self._next += page_up(nbytes) + PAGE
        return pointer

    def _why(self, pointer: int, nbytes: int) -> str:
        what = f"{nbytes} bytes at device pointer {pointer:#x}"
        for each in self.open.values():
            if each.holds(pointer):
                return f"{what}: past the end of {each}"
            if each.holds_host(pointer):
                return f"{what}: the host's address of {each}, expected the device's"
        for each in reversed(self._gone):
            if each.holds(pointer):
                return f"{what}: {each} was released"
        return f"{what}: neither allocated nor registered"
