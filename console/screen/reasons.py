"""Why a part was judged so: what can be asked, worked out by another process, a few answers kept.

The process (gonogo.console.why.process) is begun with the first question. Answers are kept so that
the pictures of one come from the same look.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ScreenUnasked
from gonogo.console.screen.beside import Beside
from gonogo.console.why.causes import causes_of, question_of

if TYPE_CHECKING:
    from gonogo.console.screen.archive import Archive
    from gonogo.console.why.asked import EngineWhy, Question, RuleWhy
    from gonogo.console.why.causes import Cause
    from gonogo.console.why.client import Explainer

WAITING_MAX = 4
KEPT_MAX = 8  # answers, some 100 kB each


class Key(NamedTuple):
    """A cause of a part, by its number."""

    run: str
    serial: int
    cause: int


class Reasons:
    """Of one station; asked by any thread, and by one at a time where something is worked out.

    `beside`: where whoever serves waits for it.
    """

    def __init__(self, archive: Archive, explainer: Explainer, longest_px: int) -> None:
        self._archive, self._explainer, self._longest_px = archive, explainer, longest_px
        # not the threads that pictures and records are read by: one answer may take long
        self.beside = Beside(workers=1, waiting_max=WAITING_MAX)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, EngineWhy | RuleWhy] = OrderedDict()

    def causes(self, run: str, serial: int) -> list[Cause]:
        """What of a part can be asked; NoSuchPart."""
        found = self._archive.find(run, serial)
        return causes_of(found.row, found.about)

    def why(self, key: Key) -> EngineWhy | RuleWhy:
        """Of one cause; WhyUnknown, WhyUnanswered, and what an engine or a rule says."""
        with self._lock:
            said = self._kept.get(key)
            if said is None:
                said = self._explainer.ask(self._question(key))
                self._kept[key] = said
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return said

    def close(self) -> None:
        """End the process that works it out, also in the middle of an answer; idempotent."""
        self._explainer.close()
        self.beside.close()

    def _question(self, key: Key) -> Question:
        found = self._archive.find(key.run, key.serial)
        causes = causes_of(found.row, found.about)
        if key.cause >= len(causes):
            raise ScreenUnasked("expected one of the causes of this part; reload the page")
        return question_of(causes[key.cause], found.row, found.about, self._longest_px)
