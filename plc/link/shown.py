"""What the link shows people of itself: its state and words, as numbers in shared memory.

Told as a wait begins, ten times a second at most: no verdict waits then, and nobody else has to
ask the PLC, whose words a second master would disturb.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS
from gonogo.ipc.link_table import (
    CTRL_BITS,
    D_WORDS,
    P_WORDS,
    RECORD_WORDS,
    SINCES,
    STATUS_BITS,
    LinkFacts,
    LinkFlag,
)
from gonogo.plc.register_map import P_FIRST, RECORDS, RES_SEQ_AT, StatusBit, record_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.ipc.link_table import LinkTable
    from gonogo.plc.handshake.state import LinkState
    from gonogo.plc.link.handover import Handover
    from gonogo.plc.transports.transport import Inputs, ProcessImage

EVERY_NS = 100 * NS_PER_MS
_STATUS_AT, _CTRL_AT = 4, 102 - P_FIRST


class Shown:
    """Of the link's thread; `table` None: nobody looks."""

    def __init__(self, table: LinkTable | None) -> None:
        self._table = table
        self._told_ns = -EVERY_NS
        self._inputs: tuple[int, ...] = (0,) * P_WORDS
        self._words: Sequence[int] = (0,) * (D_WORDS + RECORD_WORDS * RECORDS)
        self._bits: Sequence[bool] = ()
        self._heard_ns = 0
        self._levels = -1  # all bits as told last; -1: never
        self._since_ns = [0] * SINCES

    def exchanged(self, image: ProcessImage, inputs: Inputs) -> None:
        """What the PLC was shown, and what it said."""
        self._words, self._bits = image.words, image.bits
        self._inputs, self._heard_ns = tuple(inputs.words), inputs.at_ns

    def turn(self, handover: Handover, reason: str, now_ns: int) -> None:
        """As a wait begins: tell it where it is time to; a verdict that waits goes first."""
        due = self._table is not None and now_ns - self._told_ns >= EVERY_NS
        if due and not handover.waiting:
            self.tell(handover.state, reason, now_ns)

    def tell(self, state: LinkState, reason: str, now_ns: int) -> None:
        """All that is known now, words as of the last exchange; `reason` why the link was lost."""
        if self._table is None:
            return
        self._told_ns = now_ns
        header = tuple(self._words[:D_WORDS])
        bits = sum(bool(bit) << k for k, bit in enumerate(self._bits))
        self._compare(header[_STATUS_AT], bits, now_ns)
        outbox = state.outbox
        at, flags = record_at(header[RES_SEQ_AT]), _flags(state, header[_STATUS_AT])
        self._table.tell(
            LinkFacts(
                now_ns, state.state, flags, state.latched, outbox.session,
                outbox.sequence, outbox.acked, state.strangers.other, self._heard_ns, bits,
                self._inputs, header, tuple(self._words[at : at + RECORD_WORDS]),
                tuple(self._since_ns), reason,
            )
        )  # fmt: skip

    def _compare(self, status: int, bits: int, now_ns: int) -> None:
        """Since when each bit is as it is, to the tenth of a second in which we look."""
        levels = self._inputs[_CTRL_AT] & (1 << CTRL_BITS) - 1
        levels |= status << CTRL_BITS | bits << CTRL_BITS + STATUS_BITS
        if self._levels >= 0:
            changed = self._levels ^ levels
            for k in range(SINCES):
                if changed >> k & 1:
                    self._since_ns[k] = now_ns
        self._levels = levels


def _flags(state: LinkState, status: int) -> LinkFlag:
    peer = state.peer
    found = LinkFlag(0)
    for flag, holds in (
        (LinkFlag.CONNECTED, peer.connected),
        (LinkFlag.ALIVE, peer.ok),
        (LinkFlag.SYNCED, state.outbox.synced),
        (LinkFlag.PERMIT, state.permit),
        (LinkFlag.VERSION_OK, peer.version_ok),
        (LinkFlag.TEST, bool(status & StatusBit.TEST_MODE)),
    ):
        found |= flag if holds else LinkFlag(0)
    return found
