"""Who disturbs a server of ours, and how: one line when it begins, one with the count at its end.

    count    one more in a table; the first time, a line
    sweep    what is over, as a wait begins, at most every 250 ms

A disturbance is one kind of thing from one address. It is over when nothing of it came for two
seconds; one that comes back is over after twice as long the next time, up to a minute, so that
what comes every few seconds does not fill the log. Where more addresses disturb than have a place
in the table, or new ones come all the time, further ones share one entry of each kind.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.log.logger import get_logger
from gonogo.base.words import FaultBit

if TYPE_CHECKING:
    from collections.abc import Callable

_log = get_logger("gonogo.plc")

TWO_MASTERS = int(FaultBit.STRANGER)  # another device writes here
SWEEP_S = 0.25  # seldom: it goes through the whole table
QUIET_S, QUIET_MAX_S = 2.0, 60.0  # nothing more of it for so long: over
FORGET_S = 600.0
ADDRESSES = 32  # entries; a new one each two seconds once they have been used up
OTHERS = "further addresses"


class Kind(NamedTuple):
    """What somebody does: words behind the address; `least` times in a second disturb."""

    words: str
    least: int = 1


TURNED_AWAY = Kind("turned away, it is not in [plc] allow")
EVICTED = Kind(
    "has opened one connection too many ([plc] connections): the most silent one, of {}, was ended"
)
CONNECTING = Kind("opens one connection after the other; a PLC should keep one and ask on it", 5)
MALFORMED = Kind("sends what is not Modbus ({}): hung up")
HALF = Kind("has sent a part of a request and nothing more: hung up")
UNREAD = Kind("does not fetch its replies: hung up")
REFUSED = Kind("asks for what there is not: function {} is answered with exception {}")
ECHO = Kind("hears itself: set echo = true")
FAILED = Kind("sends what we fail on: function {} ends in {} and is answered with exception 4")
FOREIGN = Kind(
    "writes like the PLC (function {} at {}), but the PLC is {}: refused; "
    "another device writes here"
)
BESIDE = Kind(
    "writes P words beside a PLC of bits alone, {}: without effect; another device writes here"
)
CHANGED = Kind("writes as the PLC now; before it, {} did")
BOTH = Kind(
    "seen as two PLCs, {} and {}: another device writes here; FAULT until one of them is off and "
    "the fault is cleared"
)


class _Entry:
    """One kind of thing from one address."""

    __slots__ = ("began_s", "count", "facts", "last_s", "quiet_s", "said", "window", "window_s")

    def __init__(self) -> None:
        self.count = 0  # since it began; 0: nothing is going on
        self.facts: tuple[object, ...] = ()  # of the first time
        self.began_s = self.last_s = self.window_s = 0.0
        self.window = 0  # times within the present second
        self.said = False
        self.quiet_s = QUIET_S


class Disturbances:
    """Counts what happens and says it; `server` begins each line. Called by the link thread."""

    def __init__(self, server: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._entries: dict[tuple[Kind, str], _Entry] = {}
        self._due_s = 0.0
        self._places, self._placed_s = float(ADDRESSES), clock()

    def count(self, kind: Kind, who: str, *facts: object) -> None:
        """It happened once more; `facts` fill the blanks of its words."""
        now_s = self._clock()
        entry = self._entries.get((kind, who))
        # a flood from ever new addresses must fill neither the memory nor the log
        if entry is None and not self._place(now_s):
            entry, who = self._entries.get((kind, OTHERS)), f"{who} and {OTHERS}"
            if entry is None:
                entry = self._entries[kind, OTHERS] = _Entry()
        elif entry is None:
            entry = self._entries[kind, who] = _Entry()
        if not entry.count:
            entry.began_s, entry.facts = now_s, facts
        entry.count += 1
        entry.last_s = now_s
        # of what is harmless now and then only so many within one second are a disturbance
        if now_s - entry.window_s >= 1.0:
            entry.window_s, entry.window = now_s, 0
        entry.window += 1
        if entry.window >= kind.least and not entry.said:
            entry.said = True
            _log.warning(
                "plc_disturbed",
                text="%(server)s: %(who)s %(what)s",
                server=self._server,
                who=who,
                what=kind.words.format(*facts),
            )

    def _place(self, now_s: float) -> bool:
        """Whether there is room for one more address."""
        # a bucket: one new address each two seconds, and a full table at once
        self._places = min(self._places + (now_s - self._placed_s) / QUIET_S, ADDRESSES)
        self._placed_s = now_s
        if self._places < 1 or (len(self._entries) >= ADDRESSES and not self._forget_one()):
            return False
        self._places -= 1
        return True

    def _forget_one(self) -> bool:
        """Make room where something is over."""
        for key, entry in self._entries.items():
            if not entry.count:
                del self._entries[key]
                return True
        return False

    def sweep(self) -> None:
        """Say what is over; not in a part's way."""
        if not self._entries or (now_s := self._clock()) < self._due_s:
            return
        self._due_s = now_s + SWEEP_S
        # a copy: what is over is deleted on the way
        for (kind, who), entry in list(self._entries.items()):
            if entry.count and now_s - entry.last_s >= entry.quiet_s:
                self._over(kind, who, entry)
            elif not entry.count and now_s - entry.last_s >= FORGET_S:
                del self._entries[kind, who]

    def _over(self, kind: Kind, who: str, entry: _Entry) -> None:
        """Nothing more of it: how often it was, and a longer wait where it comes back."""
        if not entry.said:  # once now and then is no disturbance
            del self._entries[kind, who]
            self._places += 1
            return
        # the end of a disturbance is said without the remedy, which stood in its first line
        what = kind.words.format(*entry.facts).partition(": ")[0].partition("; ")[0]
        often = f"{entry.count} times in {entry.last_s - entry.began_s:.1f} s"
        often = often if entry.count > 1 else "once"
        _log.warning(
            "plc_disturbance_over",
            text="%(server)s: %(who)s %(what)s: over, %(often)s",
            server=self._server,
            who=who,
            what=what,
            often=often,
        )
        # kept for a while: what comes back soon is given more time before it is called over
        entry.count, entry.window, entry.said = 0, 0, False
        entry.quiet_s = min(2 * entry.quiet_s, QUIET_MAX_S)
