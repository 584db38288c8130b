"""What the section of every transport says, whatever the wire."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from gonogo.base.holding import Holding

if TYPE_CHECKING:
    from typing_extensions import Self

    from gonogo.plc.reject_tracker import EjectSection


class TransportSection(Holding):
    """The part of `[plc]` that the link and the checks ask for.

    A driver's own section declares `driver`, `poll_ms` (how often the link looks up) and `scan_ms`
    (the PLC's own scan, for the latency sum) with its bounds, and adds its keys.
    """

    # not fields here: each driver has its own bounds for them, and the order of its keys
    if TYPE_CHECKING:
        driver: str
        poll_ms: int
        scan_ms: float

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the PLC is, or finds us, for people."""

    @property
    def we_serve(self) -> bool:
        """Whether the PLC asks, and opening reaches nobody."""
        return False

    @property
    def has_program(self) -> bool:
        """Whether a PLC's program is behind it, and no output of our own alone."""
        return True

    @property
    def poll_cycle_ms(self) -> float:
        """How long a slow wire takes to bring all words both ways; 0 where it is no matter."""
        return 0.0

    @property
    def delivery_ms(self) -> float:
        """How long a verdict that has just missed an exchange waits for the wire."""
        return float(self.poll_ms)

    @property
    def pace(self) -> str:
        """The figures behind it, for people; "" where there are none."""
        return ""

    def of_station(self, name: str) -> Self:
        """The section as the line opens it: what was left out follows from the station."""
        del name
        return self

    def in_words(self) -> list[str]:
        """For whoever checks a station file: figures, and what looks like a mistake."""
        return [f"serial line: {self.pace}"] if self.pace else []

    @property
    def parts_per_s_max(self) -> float:
        """What the wire takes; inf where it is not the limit."""
        return float("inf")

    @property
    def counts_per_s_max(self) -> float:
        """Counts of the encoder that it takes; inf where they are counted elsewhere."""
        return float("inf")

    @property
    def eject_problem(self) -> str:
        """Why the station's own ejector has no coil here; "" where it has."""
        return ""

    def problem(self, eject: EjectSection | None, trigger: str) -> str:
        """What a station with it lacks, as `key: expected ...`; "" where it lacks nothing.

        `eject`: the station drives an ejector itself. `trigger` is the driver in `[trigger]`.
        """
        # of use to transports that name no parts (module.py)
        del trigger
        return self.eject_problem if eject is not None else ""
