"""The session that both sides count on, and what to do where their counts do not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.plcsim.plan import NS_PER_MS
from gonogo.proving.plcsim.wire import (
    CMD_RESYNC,
    D_RES_SEQ,
    D_SESSION,
    D_STATUS,
    P_ACK_SEQ,
    P_CMD,
    P_CMD_SEQ,
    P_SESSION_ECHO,
    SLOTS,
    SYNC_REQUEST_BIT,
    WORD,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.proving.plcsim.diary import Tell

PATIENCE_NS = 1000 * NS_PER_MS  # sequences may be apart for this long while a link comes up


class Session:
    """Echoes sessions, and says how many records are new; writes P_SESSION_ECHO and commands.

    ACK_SEQ itself is never moved to meet the station: each side writes its own word, and it
    is the station that takes over our ACK_SEQ as its RES_SEQ before a session begins.
    """

    def __init__(self, out: list[int], tell: Tell) -> None:
        self._out, self._tell = out, tell
        self.power_up()

    def power_up(self) -> None:
        """Know no session."""
        self.adopted: int | None = None  # D13 as last echoed; None before the first
        self._syncing = False
        self._astray_ns: int | None = None  # since when the sequences do not meet

    def follow(self, words: Sequence[int], now_ns: int) -> bool:
        """Echo a new session once both counts meet; whether one was adopted in this scan."""
        session, res_seq = words[D_SESSION], words[D_RES_SEQ]
        self._syncing = bool(words[D_STATUS] & SYNC_REQUEST_BIT)
        if session == self.adopted:
            return False
        # the station has not read our ACK_SEQ yet, or never will
        if res_seq != self._out[P_ACK_SEQ]:
            self._demand_resync(words, now_ns, "session unknown")
            return False
        self.adopted = self._out[P_SESSION_ECHO] = session
        self._astray_ns = None
        self._tell("session", now_ns, session=session, ack_seq=res_seq)
        return True

    def known(self, words: Sequence[int]) -> bool:
        """Whether these words are of a session that both sides know, so that records count."""
        return not self._syncing and words[D_SESSION] == self.adopted

    def in_sync(self, words: Sequence[int]) -> bool:
        """Whether the sync that the station asks for is done: answered with the SYNC_ACK bit."""
        return self._syncing and words[D_SESSION] == self.adopted

    def fresh(self, words: Sequence[int], now_ns: int) -> int:
        """How many records are new (0-8); 0, and in time a resync, where the counts are apart."""
        ahead = (words[D_RES_SEQ] - self._out[P_ACK_SEQ]) & WORD
        # no more can be pending than there are slots: beyond that one side has lost its count
        if ahead > SLOTS:
            self._demand_resync(words, now_ns, "sequence jumped")
            return 0
        self._astray_ns = None
        return ahead

    def _demand_resync(self, words: Sequence[int], now_ns: int, why: str) -> None:
        """Sequences do not meet: command a resync if that goes on, once a second."""
        if self._astray_ns is None:
            self._astray_ns = now_ns
            res_seq, ack_seq = words[D_RES_SEQ], self._out[P_ACK_SEQ]
            self._tell("astray", now_ns, why=why, res_seq=res_seq, ack_seq=ack_seq)
        elif now_ns - self._astray_ns >= PATIENCE_NS:
            self._astray_ns = now_ns
            self._tell("resync", now_ns, cmd_seq=give_command(self._out, CMD_RESYNC))


def give_command(out: list[int], code: int) -> int:
    """Give a command under the next number, and return that; the station answers by the number."""
    out[P_CMD_SEQ] = (out[P_CMD_SEQ] + 1) & WORD
    out[P_CMD] = code
    return out[P_CMD_SEQ]
