"""Which parts' pictures must stay: those of which a person said that the verdict was wrong.

Asked by the pictures process before anything is evicted. Where the dispositions cannot be read,
every picture stays: one that is gone cannot be had again, a missed new one is told.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from gonogo.base.errors import DispositionsError
from gonogo.base.log.logger import get_logger
from gonogo.records.dispositions.book import Book
from gonogo.records.dispositions.labels import State, standing
from gonogo.records.dispositions.words import PartKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.records.dispositions.said import Disposition

log = get_logger(__name__)

# a dispute that was decided is what people learn most from
_HOLDING = (State.DISPUTED, State.DECIDED, State.UNSURE)


def holds(dispositions: Iterable[Disposition]) -> bool:
    """Whether what was said of one part keeps its pictures: overridden, disputed, or unsure."""
    found = standing(dispositions)
    return found.overridden or found.state in _HOLDING


class Holding:
    """Of one station's dispositions. Nothing is held open: a backup may be put in their place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told = False

    def __call__(self, run: str, serial: int) -> bool:
        """Whether the pictures of that part must stay."""
        try:
            with closing(Book.read(self.path)) as book:
                found = holds(book.of(PartKey(run, serial)))
        except DispositionsError as error:
            if not self._told:
                self._told = True
                log.warning(
                    "dispositions_unread", text="%(error)s; every picture stays", error=error
                )
            return True
        self._told = False
        return found
