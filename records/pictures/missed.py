"""Pictures that were missed: counted, and told once a minute; each stands in its row as well."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gonogo.base.errors import PicturesMissed, PicturesNotWritten
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.records.picture_words import PictureState

log = get_logger(__name__)

TELL_EVERY_S = 60.0


class Missed:
    """`counts`: of this process, by what became of them."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self.counts: Counter[PictureState] = Counter()
        self._clock_s = clock_s
        self._told: Counter[PictureState] = Counter()
        self._told_s = -TELL_EVERY_S  # the first one is heard at once
        self._why = ""

    def count(self, state: PictureState) -> None:
        """One more."""
        self.counts[state] += 1

    def trouble(self, why: str) -> None:
        """What the system said, whether it cost a picture or not."""
        self._why = why

    def tell(self) -> None:
        """What came since the last time, if it is time."""
        fresh = self.counts - self._told
        now_s = self._clock_s()
        if not (fresh or self._why) or now_s - self._told_s < TELL_EVERY_S:
            return
        log.warning("pictures_missed", text="%(error)s", error=self._error(fresh))
        self._told, self._told_s, self._why = self.counts.copy(), now_s, ""

    def _error(self, fresh: Counter[PictureState]) -> PicturesMissed:
        counted = ", ".join(f"{count} {state.name}" for state, count in sorted(fresh.items()))
        said = (
            f"pictures: {sum(fresh.values())} missed since this was last told "
            f"({counted or 'none'}), {sum(self.counts.values())} since the start; "
            "verdicts and rows go on"
        )
        if self._why:
            return PicturesNotWritten(
                f"{said}; {self._why}; expected a folder with room that this user may write to"
            )
        return PicturesMissed(f"{said}; `gonogo check` says how many frame_slots are enough")
