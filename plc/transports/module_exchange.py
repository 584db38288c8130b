"""One exchange with an output of our own: told where it changes, read back, and answered.

What a PLC would say to it is made up (gonogo.plc.transports.absent_plc).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.plc.register_map import DI_BITS
from gonogo.plc.transports.absent_plc import AbsentPlc
from gonogo.plc.transports.transport import Inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.plc.transports.module_coil import ModuleCoil
    from gonogo.plc.transports.sensing import Sensing
    from gonogo.plc.transports.transport import ProcessImage


class Parts(NamedTuple):
    """What an exchange is made of.

    `begin`: a new connection, or a person at the box; before the output is told anything.
    `encoder`: one of our own, as P110-P111 have it; None: the belt is followed by the time.
    """

    coil: ModuleCoil
    sensing: Sensing
    begin: Callable[[], None]
    encoder: Callable[[], int] | None = None


class ModuleExchange:
    """Owned by a transport."""

    def __init__(self, parts: Parts) -> None:
        self._coil, self._sensing, self._begin, self._encoder = parts
        self._plc = AbsentPlc()
        self._armed = False  # the acknowledgement of this image has been acted on

    def connected(self) -> None:
        """A new connection: what the output was is unknown."""
        self._coil.told = None
        self._sensing.connected()
        self._plc.reconnected()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write the coil where it changed or is due, read back; answer as a PLC would."""
        # the module shows what it was told then, or what came after
        since_ns = self._coil.told_ns
        first = self._coil.told is None
        # before the first write of a connection: a tripped module would acknowledge that, too
        if first or (image.arm and not self._armed):
            self._begin()
        self._armed = image.arm
        # DI7 is the coil; an image without it asks for off
        wanted = len(image.bits) > DI_BITS and bool(image.bits[DI_BITS])
        # whoever made the first image learns from its reply alone that the encoder jumped
        on = wanted and not (first and self._encoder is not None)
        due = self._coil.due(on=on, edge_is_near=self._sensing.near(image.edge_ns))
        if due:
            self._coil.tell(on=on)
            self._plc.beat()
        sensed = self._sensing.sense(image.edge_ns, told=on, wrote=due)
        # an output that was not told what was wanted proves nothing
        if on is wanted and not self._plc.take(image.words, sensed):
            self._coil.distrust(sensed.told_ns)
        encoder = 0 if self._encoder is None else self._encoder()
        return Inputs(self._plc.words(encoder), since_ns, sensed.at_ns, sensed=sensed)
