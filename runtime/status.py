"""What the line says of itself between two parts: to the PLC, to the supervisor, to the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.words import FaultBit

if TYPE_CHECKING:
    from gonogo.ipc.fault_table import FaultsToShow
    from gonogo.plc.link.link import PlcLink
    from gonogo.runtime.changeover import Changeover
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.judging import Judging
    from gonogo.runtime.modes import Modes
    from gonogo.runtime.stages import Stages

log = get_logger(__name__)


class LineStatus:
    """Tells what the line stands on; `warnings`: FaultBits that other processes have raised."""

    def __init__(self, stages: Stages, policy: Policy) -> None:
        self._plc = stages.plc
        self._heartbeat = stages.heartbeat
        self.warnings = self._warned = 0
        self._summed, self._checksum = policy, policy.word  # D8 of the map, of this policy

    def tell(self, modes: Modes, judging: Judging, changeover: Changeover, own: int) -> None:
        """`own`: FaultBits of the line's own that the PLC is warned of, nothing being lost yet."""
        policy = judging.policy
        if policy is not self._summed:  # rarely: to sum it up takes longer than all the rest here
            self._summed, self._checksum = policy, policy.word
        warned = self._warn(self.warnings | own)
        condition = modes.condition()._replace(faults=warned, checksum=self._checksum)
        self._plc.condition = changeover.on(condition, judging.recipe)
        self._heartbeat.show(modes.mode, self._plc.session, self._plc.faults)

    def _warn(self, warned: int) -> int:
        """What the PLC is warned of while parts are judged as ever; one line at each change."""
        if warned != self._warned:
            names = ", ".join(bit.name.lower() for bit in FaultBit if warned & bit and bit.name)
            log.warning(
                "plc_warned", text="warning to the PLC: %(what)s", what=names or "none any more"
            )
            self._warned = warned
        return warned


def show_asked_faults(board: FaultsToShow, plc: PlcLink) -> None:
    """Those that somebody has asked for with the maintenance key, and that the link shows."""
    if board.show_once("plc-reset"):
        plc.break_off()
    if board.show_once("trigger-lost"):
        plc.miss_one()
