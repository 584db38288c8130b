"""A PLC that does with bits alone: two coils, and what they stand for in P.

    coil 1 on             CTRL enable and trigger enable
    coil 1 off, then on   a command to clear faults, too: such a PLC has no other
    coil 0 changed        the newest result is acknowledged

Its life is what only the PLC does: each write of a coil; each read of bits over a connection
that has written a coil itself. A PLC that reads over one connection and writes over another is
believed by its address while that other connection stands, and one that opens a connection for
each request for five seconds after its last write of a coil. Anybody else may read bits as often
as he likes: that keeps no PLC alive. It follows each SESSION_ID without echoing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.plc.register_map import P_WORDS, Command, CtrlBit, PlcWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.masters import Asker

COIL_ACK, COIL_ENABLE = 0, 1
APART_NS = 5_000_000_000
_NEVER_NS = -(1 << 62)
_AT = PlcWords._fields.index
_HEART, _CTRL, _ACK, _CMD_SEQ = _AT("heart"), _AT("ctrl"), _AT("ack_seq"), _AT("cmd_seq")
_CMD, _SESSION = _AT("cmd_code"), _AT("session_echo") + 1  # the encoder takes two words
_ENABLED = int(CtrlBit.ENABLE | CtrlBit.TRIGGER_ENABLE)
_WORD = 0xFFFF


class BitsPlc:
    """The coils, and the P words that they amount to."""

    def __init__(self) -> None:
        self.coils = 0
        self.words = [0] * P_WORDS
        self.writer: Asker | None = None
        self.life_ns = _NEVER_NS
        self._wrote_ns = _NEVER_NS
        self._one = False  # it reads over the connection that it writes over
        self._acked = -1  # RES_SEQ at the last change of the ack toggle
        self._switcher: Asker | None = None

    def write(
        self, asker: Asker, address: int, values: Sequence[int], res_seq: int, now_ns: int
    ) -> Asker | None:
        """Coils are written; returns who else seems to write them, against this one."""
        old = self.coils
        for coil, value in enumerate(values, address):
            # bit k is coil k; others stay, since FC5 writes one alone
            self.coils = self.coils & ~(1 << coil) | bool(value) << coil
        # for as long as the connection stands: its own reads keep it alive from now on
        asker.wrote_coils = True
        self.writer, self._wrote_ns, self._one = asker, now_ns, asker.asked_bits
        return self._flip(asker, old ^ self.coils, res_seq)

    def _flip(self, asker: Asker, changed: int, res_seq: int) -> Asker | None:
        """What a change of the coils means, and whether somebody else has changed them last."""
        if not changed:
            return None
        # only real changes count: a PLC rewrites its coils in each cycle
        other, self._switcher = self._switcher, asker
        unasked = bool(changed >> COIL_ENABLE & 1)
        if unasked and self.coils >> COIL_ENABLE & 1:
            self.words[_CMD_SEQ] = (self.words[_CMD_SEQ] + 1) & _WORD
            self.words[_CMD] = int(Command.CLEAR_FAULT)
        if changed >> COIL_ACK & 1:
            unasked |= res_seq == self._acked  # there was nothing to acknowledge
            # a toggle carries no number: it is for the newest result, the only one such a PLC sees
            self.words[_ACK] = self._acked = res_seq
        return other if unasked and other is not asker else None

    def read(self, asker: Asker, now_ns: int) -> bool:
        """Bits are read; whether it is the PLC that reads them."""
        asker.asked_bits, writer = True, self.writer
        if writer is None or asker.address != writer.address:
            return False
        # reads over the writing connection settle it: others of that address are not the PLC
        if asker.wrote_coils:
            self._one = True
        elif self._one:
            return False
        # apart: as long as the writing connection stands, or for APART_NS where each is a new one
        return asker.wrote_coils or not writer.gone or now_ns - self._wrote_ns < APART_NS

    def beat(self, session: int, now_ns: int) -> None:
        """The PLC runs: its heart advances, and it follows the session."""
        self.life_ns = now_ns
        self.words[_HEART] = (self.words[_HEART] + 1) & _WORD
        self.words[_SESSION] = session
        # not at the write: a coil that stands while nobody asks any more must not enable
        self.words[_CTRL] = _ENABLED if self.coils >> COIL_ENABLE & 1 else 0
