"""One count of attempts over all forms that are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.search import PROVING

if TYPE_CHECKING:
    from gonogo.build.goodparts import Progress


class Tally:
    """Hears of each form by itself and tells of all together; a form to come counts like this one.

    What is no proving goes on as it comes.
    """

    def __init__(self, progress: Progress, forms: int) -> None:
        self._progress, self._to_come = progress, forms
        self._before = self._last = 0

    def next(self) -> None:
        """Another form begins."""
        self._before += self._last
        self._last = 0
        self._to_come -= 1

    def __call__(self, what: str, done: int, total: int) -> None:
        """A Progress."""
        if not what.startswith(PROVING):
            self._progress(what, done, total)
            return
        self._last = total
        self._progress(what, self._before + done, self._before + total * (1 + self._to_come))
