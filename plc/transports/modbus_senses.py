"""What a Modbus device is asked about the station's own ejector: sections of the station file.

All addresses are 0-based PDU addresses of the module (or PLC) that `[plc]` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.base.section import Section
from gonogo.plc.transports.senses import ConfirmSection, FeedbackSection, SensesSection

if TYPE_CHECKING:
    from gonogo.plc.reject_tracker import EjectSection

_ADDRESS_MAX, _WORD_MAX = 65535, 65535
Address = Annotated[int, Field(ge=0, le=_ADDRESS_MAX)]


class ModbusFeedbackSection(FeedbackSection):
    """An input that follows the ejector itself: an end switch, a pressure switch behind the valve.

    On while the coil is on (`inverted`: off while the coil is on), at most `within_ms` behind.
    `fc`: read as discrete input (2) or as coil (1).
    """

    address: Address
    """Address of the input, counted from 0."""
    fc: Literal[1, 2] = 2
    """Read as discrete input (2) or as coil (1)."""
    inverted: bool = False
    """Whether it is off while the coil is on."""
    within_ms: Annotated[float, Field(ge=10, le=10_000)] = 200.0
    """How far it may be behind the coil."""

    @property
    def where(self) -> str:
        """Function code and address."""
        return f"FC{self.fc} at {self.address}"


class ModbusConfirmSection(ConfirmSection):
    """A photo-eye in the reject chute; on while a part covers it (`inverted`: off).

    A part must be seen between the begin of its window at the ejector and `within_ms` after
    the end. `misses`: so many in a row that were not seen are a fault.
    """

    address: Address
    """Address of the photo-eye, counted from 0."""
    fc: Literal[1, 2] = 2
    """Read as discrete input (2) or as coil (1)."""
    inverted: bool = False
    """Whether it is off while a part covers it."""
    within_ms: Annotated[float, Field(ge=10, le=60_000)] = 500.0
    """After the window at the ejector, until a part must have been seen."""
    misses: Annotated[int, Field(ge=1, le=20)] = 1
    """So many rejects in a row that were not seen are a fault."""

    @property
    def where(self) -> str:
        """Function code and address."""
        return f"FC{self.fc} at {self.address}"


class ArmSection(Section):
    """One write that arms a module's watchdog or ends its safe state: a register, or a coil."""

    register_address: Address | None = None
    """The register to write, counted from 0; or a coil."""
    coil_address: Address | None = None
    """The coil to write, counted from 0; or a register."""
    value: Annotated[int, Field(ge=0, le=_WORD_MAX)]
    """What is written; of a coil, 1 is on."""

    @model_validator(mode="after")
    def _one(self) -> ArmSection:
        given = (self.register_address is None) + (self.coil_address is None)
        if given != 1:
            raise ValueError("expected either register_address (FC6) or coil_address (FC5)")
        if self.coil_address is not None and self.value > 1:
            raise ValueError(f"value: expected 0 or 1 for a coil, got {self.value}")
        return self


class ModuleWatchdogSection(Section):
    """The module's own watchdog, where it has registers for it.

    `arm`: written in this order at each connect, and when a fault is acknowledged. `state`:
    where the module says that it has tripped (by function code `state_fc`); it then reads
    `tripped`.
    """

    arm: tuple[ArmSection, ...] = ()
    """What is written, in this order, at each connect and when a fault is acknowledged."""
    state: Address | None = None
    """Where the module says that its watchdog has tripped; left out, it does not."""
    state_fc: Literal[1, 2, 3, 4] = 3
    """Function code by which that is read."""
    tripped: Annotated[int, Field(ge=0, le=_WORD_MAX)] | None = None
    """What it reads then."""

    @model_validator(mode="after")
    def _whole(self) -> ModuleWatchdogSection:
        if (self.state is None) is not (self.tripped is None):
            raise ValueError("expected both state and tripped, or neither")
        return self


class ModbusSensesSection(SensesSection):
    """What is read beside the coil.

    `readback_address` is where the output can be read by function code `readback_fc`;
    `readback_ms` is how long it may read otherwise than it was told.
    """

    readback_fc: Literal[1, 2] = 1
    """Function code by which the output is read back: 1 as coil, 2 as discrete input."""
    readback_address: Address | None = None
    """Where the output is read back; left out, it is not (modbus-io: where it is written)."""
    readback_ms: Annotated[float, Field(ge=10, le=5000)] = 50.0
    """How long the output may read otherwise than it was told."""
    feedback: ModbusFeedbackSection | None = None
    """An input that follows the ejector itself; left out, there is none."""
    confirm: ModbusConfirmSection | None = None
    """A photo-eye in the reject chute; left out, there is none."""

    @property
    def read_at(self) -> int | None:
        """Address at which its output is read back; None where it is not."""
        return self.readback_address

    @property
    def output_at(self) -> str:
        """Function code and address."""
        return "" if self.read_at is None else f"FC{self.readback_fc} at {self.read_at}"

    @property
    def dead_hint(self) -> str:
        """A module may have a safe state, and read its outputs elsewhere."""
        return (
            "its watchdog may have put it into a safe state, the output may be dead, or outputs "
            "are read elsewhere (plc.readback_address)"
        )

    @property
    def slips_hint(self) -> str:
        """Somebody else, or the module itself."""
        return "another master writes it, or its watchdog is shorter than our refresh"

    def senseless(self, eject: EjectSection | None) -> str:
        """What is read of an ejector that is not there; '' where it is, or nothing is read."""
        if eject is not None or not self.senses:
            return ""
        return (
            "plc: expected an [eject] with readback_address, feedback or confirm, got none: "
            "the PLC ejects, and watches its ejector itself"
        )
