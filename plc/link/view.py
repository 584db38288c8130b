"""What a link shows of itself: the thread replaces its state whole, whoever asks reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.plc.register_map import CtrlBit

if TYPE_CHECKING:
    from gonogo.plc.handshake.state import Counters
    from gonogo.plc.link.handover import Handover
    from gonogo.plc.register_map import State

_ENABLED = int(CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE)


class LinkView:
    """The readable side of a PlcLink; two readings may be of two states, one event apart."""

    def __init__(self, handover: Handover) -> None:
        # asked for anew each time: its state is replaced with each event
        self._handover = handover

    @property
    def state(self) -> State:
        """STATE as the PLC is shown it."""
        return self._handover.state.state

    @property
    def permit(self) -> bool:
        """Whether an ACCEPT counts at this moment."""
        return self._handover.state.permit

    @property
    def enabled(self) -> bool:
        """Whether the PLC is there, follows us, and lets parts come; nothing is at fault."""
        state = self._handover.state
        followed = state.peer.ok and state.outbox.synced and not state.latched
        return followed and state.peer.ctrl & _ENABLED == _ENABLED

    @property
    def recipe_wanted(self) -> int:
        """The recipe that the PLC has commanded, until the line has answered; 0: none."""
        return self._handover.state.recipe_wanted

    @property
    def hung(self) -> bool:
        """Whether the link thread does not come back: only a new process gets a link again."""
        return self._handover.stall.hung

    @property
    def synced(self) -> bool:
        """Whether the PLC has followed our SESSION_ID."""
        return self._handover.state.outbox.synced

    @property
    def clears(self) -> int:
        """How often the PLC has commanded to clear faults."""
        return self._handover.state.clears

    @property
    def session(self) -> int:
        """SESSION_ID as the PLC is shown it."""
        return self._handover.state.outbox.session

    @property
    def counters(self) -> Counters:
        """What has been counted since the start or the last reset."""
        return self._handover.state.counters

    @property
    def faults(self) -> int:
        """FAULT as the PLC is shown it: FaultBit numbers."""
        return self._handover.state.faults
