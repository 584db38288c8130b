"""The station's own photo-eye between two parts: whether it sees, and what it has missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.runtime.modes import Input

if TYPE_CHECKING:
    from gonogo.drivers.triggers.trigger import DeviceTrigger
    from gonogo.plc.link.link import PlcLink
    from gonogo.runtime.modes import Modes

log = get_logger(__name__)

NOBODY = 0  # no part has this id


class OwnEye:
    """Used by the line's thread alone."""

    def __init__(self, device: DeviceTrigger, plc: PlcLink) -> None:
        self._device, self._plc = device, plc
        self._missed = 0  # of which the link was told

    def look(self, modes: Modes, now_ns: int) -> None:
        """Tell the modes, the link and the log what there is to tell."""
        device = self._device
        ready, missed = device.ready, device.missed
        modes.stands(Input.TRIGGER, ready=ready)
        # all the while it is gone: whoever comes meanwhile is on the belt, and seen by nobody
        if not ready or missed != self._missed:
            self._missed = missed
            self._plc.seen(NOBODY, now_ns)
        for message in device.messages():
            log.warning("trigger_says", text="%(words)s", words=message)
