"""The PLC simulator's own knowledge of the register map.

Written from the specification of the map alone, sharing nothing with the station's side: a slip of
the station in a number is a slip that the simulator does not make with it.
"""

from __future__ import annotations

from typing import NamedTuple

WORD = 0xFFFF  # the largest value of a register; counts wrap behind it
D_WORDS, P_WORDS, BITS = 96, 20, 7
MAGIC, VERSION = 0x474E, 1
D_HEART, D_STATUS, D_RES_SEQ, D_SESSION, D_LAST_PART, D_RECORDS = 2, 4, 12, 13, 15, 32
# record k lies at D_RECORDS + 8k, k = sequence mod 8: none is overwritten before it is acknowledged
RECORD_WORDS, SLOTS = 8, 8
PERMIT_BIT, SYNC_REQUEST_BIT = 1 << 3, 1 << 14  # of STATUS
# P words are counted from P100 on, so that 0 is P100
P_VERSION, P_HEART, P_CTRL, P_PART_ID, P_ACK_SEQ = 0, 1, 2, 3, 4
P_CMD_SEQ, P_CMD, P_SPEED, P_ENCODER, P_PACKML = 6, 7, 9, 10, 12
P_HEART_ECHO, P_REJECTS, P_SESSION_ECHO = 13, 14, 15
CTRL_ENABLE, CTRL_TRIGGER, CTRL_SYNC_ACK = 1, 1 << 1, 1 << 4
CMD_CLEAR, CMD_RESYNC = 1, 3
PACKML_EXECUTE = 6  # ISA TR88.00.02: the state in which a machine produces


class Seen(NamedTuple):
    """The process image of one scan.

    `words` D0-D95; `bits` DI0-DI6 or None; `arrivals[seq mod 8]` the monotonic ns
    at which RES_SEQ reached that sequence here, 0 where it was not seen to.
    """

    words: list[int]
    bits: list[bool] | None
    arrivals: list[int]


class Arrivals:
    """Stamps each sequence number at the moment RES_SEQ covers it.

    Stamped where the word is stored or read, and not by the scan: the judge's figure of a
    station must not have the PLC's own scan in it.
    """

    def __init__(self) -> None:
        self._last = 0
        self.stamps_ns = [0] * SLOTS

    def stamp(self, res_seq: int, now_ns: int) -> None:
        """RES_SEQ reads `res_seq` at `now_ns`."""
        fresh = (res_seq - self._last) & WORD
        if fresh <= SLOTS:  # more than that is a new session, not news
            for seq in range(self._last + 1, self._last + 1 + fresh):
                self.stamps_ns[seq % SLOTS] = now_ns
        self._last = res_seq
