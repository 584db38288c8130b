"""What a PLC would say, where there is a module of coils and no PLC: pure, no wire.

It always enables, follows every session, and takes a result once the output was read back as
it was told: an acknowledged write proves that somebody was there, not that anything was
switched. While a fault of the ejector stands it follows no session, so that nothing counts as
delivered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import FaultBit
from gonogo.plc.register_map import (
    FAULT_AT,
    MAP_VERSION,
    RES_SEQ_AT,
    SESSION_AT,
    CtrlBit,
    PlcWords,
    pack_plc,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.senses import Sensed

_WORD = 0xFFFF
_ENABLED = CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE
_EJECTOR = int(FaultBit.EJECTOR)


class AbsentPlc:
    """P100-P119 of a PLC that is not there."""

    def __init__(self) -> None:
        self._heart = 0
        self._acked = self._echo = 0

    def reconnected(self) -> None:
        """No session is followed before the output has been read back on this connection."""
        self._echo = 0

    def beat(self) -> None:
        """The coil was written and acknowledged: the module lives."""
        self._heart = (self._heart + 1) & _WORD  # modulo 65536: one word

    def take(self, words: Sequence[int], sensed: Sensed) -> bool:
        """What it would hold of our D words: only what was read back, and nothing in a fault.

        False: the output reads otherwise than it was told, and should be told again.
        """
        if words[FAULT_AT] & _EJECTOR:
            self._echo = 0
            return True  # it is known; the coil is told again when it is due anyway
        if sensed.output is sensed.told:
            self._acked, self._echo = words[RES_SEQ_AT], words[SESSION_AT]
            return True
        return sensed.output is None  # not asked this time

    def words(self, encoder: int = 0) -> Sequence[int]:
        """P100-P119; `encoder` is a count of our own, a u32."""
        return pack_plc(
            PlcWords(
                map_version=MAP_VERSION,
                heart=self._heart,
                ctrl=_ENABLED,
                ack_seq=self._acked,
                session_echo=self._echo,
                encoder=encoder,
            )
        )
