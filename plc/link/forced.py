"""The last step before the wire while outputs are tried by hand: one of them is what was asked for.

Never with a permit, never one that says accept, and never an ejector so that parts pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.ipc.output_test import Output
from gonogo.plc.register_map import DI_BITS, STATUS_AT, StatusBit

if TYPE_CHECKING:
    from gonogo.ipc.output_test import OutputTestView
    from gonogo.plc.reject_tracker import RejectTracker
    from gonogo.plc.transports.transport import ProcessImage

# the bit of STATUS and the place among the discrete inputs, None: it has none
_PLACES: dict[Output, tuple[int, int | None]] = {
    Output.DEGRADED: (int(StatusBit.DEGRADED), 5),
    Output.WARNING: (int(StatusBit.WARNING), None),
    Output.FAULT: (int(StatusBit.FAULT), 6),
}


class ForcedOutputs:
    """Used by the link thread alone; `ejector`: the station drives one itself."""

    def __init__(self, view: OutputTestView | None, ejector: RejectTracker | None) -> None:
        self._view, self._ejector = view, ejector

    def tried(self, now_ns: int) -> bool:
        """Whether they are: then there is no permit."""
        return self._view is not None and self._view.tried_ns(now_ns) > 0

    def show(self, image: ProcessImage, now_ns: int, *, permit: bool) -> ProcessImage:
        """The image, with what is forced in it."""
        if self._view is None or permit:
            return image
        found = self._view.forced(now_ns)
        if found is None:
            return image
        if found.output is Output.EJECT:
            return self._ejecting(image, on=found.on)
        bit, place = _PLACES[found.output]
        words, bits = list(image.words), list(image.bits)
        words[STATUS_AT] = words[STATUS_AT] | bit if found.on else words[STATUS_AT] & ~bit
        if place is not None:
            bits[place] = found.on
        return image._replace(words=tuple(words), bits=tuple(bits))

    def _ejecting(self, image: ProcessImage, *, on: bool) -> ProcessImage:
        if self._ejector is None or not self._ejector.ejects(on=on):
            return image  # there is none, or what comes by would pass
        return image._replace(bits=(*image.bits[:DI_BITS], on))
