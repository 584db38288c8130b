"""How words travel between the handshake and a PLC: the Protocol of all links.

The link thread (gonogo.plc.link.link_thread) owns exactly one transport and calls it from
that thread only. A transport does no retries and keeps no opinion: it moves an
image of 16-bit words out and a block of 16-bit words in, or raises LinkError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, RECORD_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.senses import Sensed


class ProcessImage(NamedTuple):
    """All we say to the PLC at one moment (plc/register_map.py): `words` D0-D95, `bits` DI0-DI6.

    A station that drives its ejector itself has DI7, its coil, as the last bit. `edge_ns`:
    when that changes next at the latest, 0 where nobody knows, -1 where it must be read back
    first. `arm`: somebody has acknowledged a fault of it.
    """

    words: Sequence[int]
    bits: Sequence[bool]
    edge_ns: int = 0
    arm: bool = False


class Inputs(NamedTuple):
    """All the PLC says to us: `words` P100-P119, `since_ns` and `at_ns` monotonic.

    Whatever changed since the last call did so between `since_ns` and `at_ns`. `faults`: the
    FaultBit numbers of what the transport itself has found, to be latched. `sensed`: what was
    read of the station's own ejector, where something is.
    """

    words: Sequence[int]
    since_ns: int
    at_ns: int
    faults: int = 0
    sensed: Sensed | None = None


class Callers:
    """Who has spoken to a server of ours since it was opened; counts of what they did."""

    __slots__ = ("asked", "came", "who", "wrote")

    def __init__(self) -> None:
        self.came = 0  # connections
        self.asked = 0  # requests
        self.wrote = 0  # of them, to what a PLC writes
        self.who = ""  # who asked last


class Transport(Protocol):
    """One wire to one PLC."""

    def open(self) -> None:
        """Connect (client) or listen (server); LinkError, PortInUse or GpioError says why not.

        Bounded.
        """
        ...

    def exchange(self, image: ProcessImage) -> Inputs:
        """Bring `image` to the PLC, records before RES_SEQ, and fetch what it says.

        Only what changed since the last call is written; every request is bounded by
        the section's timeout. LinkError means: close, and open again later.
        """
        ...

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """D0-D31 as they stand in the PLC: one request, which waits for nothing of ours.

        Empty where nobody but us can write them; None where the PLC does not let us read
        them. `mark`, if not 0, is written into OBJECTION first. LinkError as for `exchange`.
        """
        ...

    def wait(self, timeout_s: float) -> None:
        """Sleep until the wake descriptor is readable, the PLC spoke, or the time is over.

        A server role answers the PLC meanwhile; LinkError when the device it serves on is gone.
        """
        ...

    def close(self) -> None:
        """Disconnect cleanly; idempotent."""
        ...


ALONE: tuple[int, ...] = ()  # what `read_back` finds where nobody but us can write


def changed_records(words: Sequence[int], old: Sequence[int]) -> tuple[int, int]:
    """First D word and end of the records that changed; (0, 0): none did.

    What lies between two of them is unchanged and may be written along.
    """
    # by record, not by word: the PLC must never find half of an old one and half of a new one
    starts = range(HEADER_WORDS, D_WORDS, RECORD_WORDS)
    changed = [s for s in starts if words[s : s + RECORD_WORDS] != old[s : s + RECORD_WORDS]]
    return (changed[0], changed[-1] + RECORD_WORDS) if changed else (0, 0)
