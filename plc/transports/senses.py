"""What is read of the station's own ejector, whatever it hangs on: what sections say, and answers.

What is asked, and where, is the transport's own: addresses of a Modbus device
(gonogo.plc.transports.modbus_senses), or lines of a GPIO chip
(gonogo.plc.transports.gpio_section).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.section import Section
from gonogo.plc.transports.section import TransportSection


class FeedbackSection(Section):
    """An input that follows the ejector itself; each kind of input adds where it is."""

    # not a field here, as in TransportSection: each kind has its own order of keys
    if TYPE_CHECKING:
        within_ms: float

    @property
    @abstractmethod
    def where(self) -> str:
        """The input, for people."""


class ConfirmSection(Section):
    """A photo-eye in the reject chute; each kind of input adds where it is."""

    if TYPE_CHECKING:
        within_ms: float
        misses: int

    @property
    @abstractmethod
    def where(self) -> str:
        """The input, for people."""


class SensesSection(TransportSection):
    """What is read beside the coil: its output, a feedback, an eye in the chute.

    `readback_ms` is how long the output may read otherwise than it was told.
    """

    if TYPE_CHECKING:
        readback_ms: float
        feedback: FeedbackSection | None
        confirm: ConfirmSection | None

    @property
    @abstractmethod
    def output_at(self) -> str:
        """Where the output is read, for people; "" where it is not."""

    @property
    @abstractmethod
    def dead_hint(self) -> str:
        """Why an output may not follow what it is told, for people."""

    @property
    @abstractmethod
    def slips_hint(self) -> str:
        """Why an output may not stay as it was told, for people."""

    @property
    def senses(self) -> bool:
        """Whether anything is read at all."""
        return bool(self.output_at) or self.feedback is not None or self.confirm is not None


class Sensed(NamedTuple):
    """What an exchange found out; None: not asked this time, or not there.

    `told` is what was written last and acknowledged, `told_ns` when. All else was asked for
    after `sent_ns` and answered before `at_ns`. `connection` counts connections. `alone`:
    no PLC can clear a fault.
    """

    connection: int
    told: bool
    told_ns: int
    sent_ns: int
    at_ns: int
    output: bool | None = None
    feedback: bool | None = None
    covered: bool | None = None
    tripped: bool | None = None
    alone: bool = False
