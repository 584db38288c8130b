"""An engine that is lost again right after each return rests before it is tried once more.

A chip that is slowed down answers a trial in time and misses the next part. One trial would bring
it back each time, for a part that is then judged late in its reserve. So an engine that has
missed RELAPSES times, each within PARTS of its return, is left alone for REST_NS and then has to
answer TRIALS in a row. A process that has started anew begins anew, and so does one after an
acknowledgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS, Mode, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Score, Verdict

log = get_logger(__name__)

PARTS = 20  # judged since its return: one that lasts longer has not relapsed
RELAPSES = 3
REST_NS = 5000 * NS_PER_MS
TRIALS = 20  # in a row


class Relapse:
    """Counts what an engine process has missed since it came back."""

    def __init__(self) -> None:
        self._who: tuple[int, int] | None = None
        self._parts = PARTS  # since its return; none so far
        self._relapses: int
        self._passed: int  # trials in a row
        self._rest_until_ns: int
        self._untold: bool  # that it rests
        self.forgive()

    def judged(self, who: tuple[int, int], missed: bool, now_ns: int) -> None:  # noqa: FBT001 - in the cycle
        """A part that an engine was asked about: of which slot, which start of its process."""
        self._meet(who)
        self._parts += 1
        if not missed:
            return
        self._relapses = self._relapses + 1 if self._parts <= PARTS else 1
        if self._relapses >= RELAPSES:
            self._rest_until_ns, self._passed = now_ns + REST_NS, 0
            self._untold = True  # until the cycle is over: nothing is written within it

    def may_try(self, who: tuple[int, int], now_ns: int) -> bool:
        """Whether it is to be tried now; between two parts."""
        self._meet(who)
        if self._untold:
            self._untold = False
            log.warning(
                "engine_relapsed",
                text=(
                    "the engine missed %(missed)d parts, each within %(parts)d of its return: it "
                    "rests %(rest_s)d s, and is taken back after %(trials)d trials in a row"
                ),
                missed=self._relapses,
                parts=PARTS,
                rest_s=REST_NS // (1000 * NS_PER_MS),
                trials=TRIALS,
            )
        return now_ns >= self._rest_until_ns

    def tried(self, *, well: bool) -> bool:
        """One trial has ended; whether it may judge again."""
        self._passed = self._passed + 1 if well else 0
        if not well or (self._relapses >= RELAPSES and self._passed < TRIALS):
            return False
        self._parts = self._passed = 0
        return True

    def forgive(self) -> None:
        """Somebody has seen it, and wants it tried again."""
        self._relapses = self._passed = self._rest_until_ns = 0
        self._untold = False

    def _meet(self, who: tuple[int, int]) -> None:
        if who != self._who:
            self._who = who
            self.forgive()


def silent(verdict: Verdict, scores: Sequence[Score | None]) -> bool:
    """Whether a part lacks a score that did not come in time; one that is not trusted came."""
    trusted = all(score is None or score.fault is Reason.OK for score in scores)
    return verdict.mode is Mode.RULES_ONLY and trusted
