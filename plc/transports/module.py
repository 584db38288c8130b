"""An ejector's output without any PLC: what its sections and transports have beyond the others.

Behind it there is no program: nobody counts scans, names parts, or notices that nothing moves.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

from gonogo.plc.transports.senses import SensesSection
from gonogo.plc.transports.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.plc.reject_tracker import EjectSection

_WORDS = {
    "output": ("its output reads off", "its output reads ON"),
    "feedback": ("the ejector's feedback says off", "the ejector's feedback says on"),
    "covered": ("the eye in the chute is free", "the eye in the chute is COVERED"),
    "tripped": ("its watchdog has not tripped", "its watchdog has TRIPPED"),
}


class ModuleSection(SensesSection):
    """A `[plc]` that is an output of the station's own, and no PLC."""

    @property
    def has_program(self) -> bool:
        """Nobody is there who could count scans, or name parts."""
        return False

    @property
    @abstractmethod
    def stranger(self) -> str:
        """What it means that the output was on before we told it anything, for people."""

    @property
    def has_encoder(self) -> bool:
        """Whether the belt is followed by an encoder of our own."""
        return False

    def problem(self, eject: EjectSection | None, trigger: str) -> str:
        """What a station with such an output lacks; '' where it lacks nothing."""
        by = "encoder" if self.has_encoder else "time"
        if eject is None or eject.by != by:
            return f'plc: driver "{self.driver}": expected an [eject] with by = "{by}"'
        if trigger == "plc":
            return (
                f'plc: driver "{self.driver}": a module names no parts: expected a [trigger] of '
                "the station's own"
            )
        return ""


class Module(Transport, Protocol):
    """The transport of a ModuleSection."""

    def found(self) -> Mapping[str, bool]:
        """All there is to read, by fields of Sensed; nothing is written. LinkError."""
        ...

    @property
    def reply_ns(self) -> int:
        """What a reply takes: the longest of late."""
        ...


def in_words(found: Mapping[str, bool]) -> list[str]:
    """How a module stands, for people."""
    return [_WORDS[name][value] for name, value in found.items()]
