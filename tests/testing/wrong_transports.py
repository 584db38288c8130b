"""Each transport of memory_transports.py, and the tests that it is made to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.testing.transports import TransportContract
from gonogo.tests.testing.memory_transports import (
    Asleep,
    Endless,
    Gappy,
    Greedy,
    Guessing,
    Headless,
    Hopeful,
    Lazy,
    Marking,
    Memory,
    MemoryPlc,
    MemorySection,
    Once,
    Stale,
    Unopened,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.section import TransportSection

HERE = "gonogo.tests.testing.memory_transports"
SOON_S = 0.2  # of those that hang for certain

MEMORIES = Catalogue(
    "[plc] driver",
    "gonogo.tests.none",
    {"memory": Entry(f"{HERE}:MemorySection", f"{HERE}:Memory")},
)


class RightMemory(TransportContract):
    """Passes."""

    catalogue: ClassVar = MEMORIES
    opens: ClassVar[Callable[..., Any]] = Memory
    where: ClassVar[str] = "here"

    @pytest.fixture
    def section(self) -> TransportSection:
        """A PLC at hand."""
        return MemorySection(driver="memory", where=self.where)

    @pytest.fixture
    def plc(self) -> MemoryPlc:
        """Its memory."""
        return MemoryPlc()

    @pytest.fixture
    def transport(self, plc: MemoryPlc, wake_fd: int) -> Iterator[Any]:
        """Made without the catalogue: not every one of them stands in it."""
        transport = type(self).opens(plc, wake_fd)
        yield transport
        Memory.close(transport)
        transport.closed.set()

    @pytest.fixture
    def take_away(self, plc: MemoryPlc) -> Callable[[], object]:
        """Power off."""
        return plc.leave


class WrongPlace(RightMemory):
    """Nobody knows where its PLC is."""

    where: ClassVar = ""
    fails = frozenset({"test_section_says_what_the_link_asks_for"})


class WrongUnopened(RightMemory):
    """An exchange before open goes somewhere."""

    opens: ClassVar = Unopened
    fails = frozenset({"test_transport_needs_open"})


class WrongHeadless(RightMemory):
    """No RES_SEQ: no verdict is taken."""

    opens: ClassVar = Headless
    fails = frozenset({"test_transport_brings_the_image_whole"})


class WrongLazy(RightMemory):
    """A record of before stands under the RES_SEQ of now."""

    opens: ClassVar = Lazy
    fails = frozenset({"test_transport_brings_one_word_that_changed"})


class WrongGuessing(RightMemory):
    """Another station that writes there is not seen."""

    opens: ClassVar = Guessing
    fails = frozenset({"test_transport_looks_at_what_stands_in_the_plc"})


class WrongMarking(RightMemory):
    """Every look is an objection."""

    opens: ClassVar = Marking
    fails = frozenset({"test_transport_writes_nothing_when_it_looks"})


class WrongStale(RightMemory):
    """A PLC that says nothing new looks dead, and an old ACK_SEQ is taken for one."""

    opens: ClassVar = Stale
    fails = frozenset({"test_transport_fetches_what_the_plc_says"})


class WrongGappy(RightMemory):
    """A part that came between two exchanges would have its deadline too late."""

    opens: ClassVar = Gappy
    fails = frozenset({"test_transport_times_never_leave_a_gap"})


class WrongAsleep(RightMemory):
    """Every verdict waits for the poll."""

    patience_s = SOON_S
    opens: ClassVar = Asleep
    fails = frozenset({"test_transport_wait_ends_when_woken"})


class WrongGreedy(RightMemory):
    """The link does not know what it was woken for."""

    opens: ClassVar = Greedy
    fails = frozenset({"test_transport_wait_ends_when_woken"})


class WrongEndless(RightMemory):
    """The heart of the station stands still until there is a verdict."""

    patience_s = SOON_S
    opens: ClassVar = Endless
    fails = frozenset({"test_transport_wait_ends_by_itself"})


class WrongOnce(RightMemory):
    """A link that closes after a failure, to be sure, ends."""

    opens: ClassVar = Once
    fails = frozenset({"test_transport_opens_again_after_close"})


class WrongHopeful(RightMemory):
    """Permit stays on without a PLC."""

    opens: ClassVar = Hopeful
    fails = frozenset({"test_transport_says_that_the_plc_is_gone"})
