"""The engine place that does not judge, asked about parts that are judged already.

Only in idle windows: when, by the pitch and by what it took so far, it will have answered
before the next part comes, or when no part has come for longer than that. What it
would have said is written into the journal and never reaches the PLC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.runtime.decide import decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import Part, RuleResult, Score, ViewCapture
    from gonogo.ipc.engine_slots import LineSlots
    from gonogo.ipc.journal_line import LineJournal
    from gonogo.runtime.decide import Policy
    from gonogo.runtime.engine_client import EngineClient

PATIENCE = 2  # pitches until an answer is given up
# One slow answer closes the window for a while only: what it took counts for less with every
# shorter one, and with every part, where it leaves no window in which a shorter one could come.
FADE = 0.9
FADE_UNASKED = 0.97


class Seen(NamedTuple):
    """What was seen and measured of a part that is judged."""

    part: Part
    captures: Sequence[ViewCapture]
    checks: Sequence[RuleResult]


class Shadow:
    """At most one part at a time; what comes meanwhile is passed over."""

    def __init__(self, slots: LineSlots, journal: LineJournal, pitch_ns: int) -> None:
        self._slots = slots
        self._journal = journal
        self._pitch_ns = pitch_ns
        self._next: Seen | None = None
        self._asked: Seen | None = None
        self._asked_ns = 0
        self._need_ns = 0.0  # what an answer takes

    def offer(self, seen: Seen) -> None:
        """A part has been judged; the one before it, if it was never asked about, had no window."""
        if self._next is not None:
            self._slots.count_shadow(window=False)
            self._need_ns *= FADE_UNASKED
        self._next = seen

    def drop(self) -> None:
        """Nothing is waited for any more."""
        self._next = self._asked = None

    def ask_or_hear(self, client: EngineClient, policy: Policy, now_ns: int) -> None:
        """Between two parts: hear the last answer, or ask about the last part."""
        if self._asked is not None:  # one at a time: a second would wait behind the first
            self._hear(client, policy, self._asked, now_ns)
        elif self._next is not None and self._window(self._next.part, now_ns):
            seen, self._next = self._next, None
            if client.between.ask_all(seen.captures, now_ns + PATIENCE * self._pitch_ns):
                self._asked, self._asked_ns = seen, now_ns

    def _window(self, part: Part, now_ns: int) -> bool:
        """Whether there is time for an answer before the next part, or none comes."""
        due_ns = part.trigger_ns + self._pitch_ns
        return now_ns + self._need_ns <= due_ns or now_ns > due_ns + self._pitch_ns // 2

    def _hear(self, client: EngineClient, policy: Policy, seen: Seen, now_ns: int) -> None:
        scores = client.between.answered(now_ns)
        if scores is None:
            return
        self._asked = None
        done_ns = max((score.done_ns for score in scores if score is not None), default=now_ns)
        self._need_ns = max(done_ns - self._asked_ns, FADE * self._need_ns)
        if done_ns != now_ns:  # at least one view was answered
            self._write(seen, policy, scores)

    def _write(self, seen: Seen, policy: Policy, scores: Sequence[Score | None]) -> None:
        verdict = decide(seen.captures, seen.checks, scores, policy, late=False)
        self._journal.shade(seen.part, verdict, scores)
        self._slots.count_shadow(window=True)
