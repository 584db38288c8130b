"""What the device behind a place's engine says of itself, handed on to whoever watches the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.base.log.logger import get_logger
from gonogo.engines.backends.backend import health_of
from gonogo.ipc.chip_health import ChipWriter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.engines.backends.backend import Backend, DeviceHealth

log = get_logger(__name__)


class DeviceVoice:
    """Asks the backends of a place, in idle time; how often a device answers is its backend's."""

    def __init__(self, station: str, place: int) -> None:
        self._at = station, place
        self._chip: ChipWriter | None = None
        self._mute = False

    def say(self, backends: Iterable[Backend]) -> None:
        """Hand on what is new; several views on one device say the same."""
        for backend in backends:
            health = health_of(backend)
            if health is not None and not self._mute:
                self._hand_on(health)

    def _hand_on(self, health: DeviceHealth) -> None:
        try:
            if self._chip is None:  # most devices say nothing, and need no place to say it in
                self._chip = ChipWriter.attach(*self._at)
        except SegmentError as error:
            self._mute = True
            log.info(
                "chip_not_told",
                text="what the chip says of itself is not handed on: %(error)s",
                error=error,
            )
            return
        self._chip.say(**health._asdict())

    def close(self) -> None:
        """Let go of the memory."""
        if self._chip is not None:
            self._chip.close()
            self._chip = None
