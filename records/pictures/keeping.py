"""What stays of the pictures: so many bytes, so many days, and room left on the disk for rows.

The oldest go first, never one that is held. That it goes is told in its row before: killed in
between, it lies there without a row, and goes with the next ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsBusy
from gonogo.records.picture_words import PictureState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.records.pictures.rows import Held, PictureRows
    from gonogo.records.pictures.tree import Put, Tree
    from gonogo.records.section import ImagesSection

MB = 1_000_000
LOW = 0.98  # of what may lie there: down to so much, so that not every picture has to make room
BATCH = 200  # pictures in a transaction
IN_VAIN_S = 10.0  # after that, room is looked for again where there was none
AGE_EVERY_S = 60.0


class Keeping:
    """Of one folder; all calls may raise OSError and RecordsError."""

    def __init__(
        self,
        images: ImagesSection,
        tree: Tree,
        rows: PictureRows,
        clock_s: Callable[[], float],
        held: Held,
    ) -> None:
        self._images, self._tree, self._rows = images, tree, rows
        self._clock_s, self._held = clock_s, held
        self._nbytes: int | None = None  # not counted yet
        self._in_vain_s = self._aged_s = -float("inf")

    def added(self, nbytes: int) -> None:
        """A file has been written."""
        if self._nbytes is not None:
            self._nbytes += nbytes

    def has_room(self, nbytes: int) -> bool:
        """Whether there is room for so much, once the oldest have made it.

        While somebody holds the database nothing can go: max_mb is passed until then, the room that
        the disk must keep is not.
        """
        if not self._over(nbytes, 1.0):
            return True
        if self._clock_s() - self._in_vain_s < IN_VAIN_S:
            return False
        self._nbytes = self._count()  # somebody may have tidied up
        if self._over(nbytes, 1.0):
            try:
                self._make_room(nbytes)
            except RecordsBusy:
                if self._short(nbytes) > 0:
                    raise
                return True
        if self._over(nbytes, 1.0):
            self._in_vain_s = self._clock_s()
            return False
        return True

    def age(self, wall_ms: int) -> None:
        """Remove what is too old, once in AGE_EVERY_S."""
        if self._clock_s() - self._aged_s < AGE_EVERY_S:
            return
        self._aged_s = self._clock_s()
        now = datetime.fromtimestamp(wall_ms / 1000, timezone.utc)
        oldest = (now - timedelta(days=self._images.max_age_days)).strftime("%Y/%m/%d/%H")
        for hour in list(self._tree.hours()):
            if hour >= oldest:
                return
            pictures = self._tree.pictures(hour)
            for first in range(0, len(pictures), BATCH):
                self._evict(pictures[first : first + BATCH], PictureState.TOO_OLD)

    def holds(self, run: str, serial: int) -> bool:
        """Whether somebody said something of that part for which its pictures must stay."""
        return self._held(run, serial)

    def drop(self, path: str) -> None:
        """One of which it has been told already that it goes."""
        freed = self._tree.remove(path)
        self.added(-freed)

    def _over(self, nbytes: int, share: float) -> int:
        """By how many bytes there is too much for so much more; 0 where it fits."""
        if self._nbytes is None:
            self._nbytes = self._count()
        over = self._nbytes + nbytes - round(share * self._images.max_mb * MB)
        # where the disk is the limit, what lies there: max_mb may be many times that
        slack = round((1.0 - share) * self._nbytes)
        return max(over, self._short(nbytes) + slack, 0)

    def _short(self, nbytes: int) -> int:
        """By how many bytes the disk has too little for so much more; negative where it has it."""
        return self._images.min_free_mb * MB + nbytes - self._tree.free_bytes()

    def _make_room(self, nbytes: int) -> None:
        for hour in list(self._tree.hours()):
            for batch in self._batches(self._tree.pictures(hour), nbytes):
                self._evict(batch, PictureState.NO_ROOM)
            if not self._over(nbytes, LOW):
                return

    def _batches(self, pictures: list[Put], nbytes: int) -> Iterator[list[Put]]:
        """Of an hour, as many at a time as are needed."""
        at = 0
        while at < len(pictures) and (over := self._over(nbytes, LOW)):
            batch: list[Put] = []
            while at < len(pictures) and len(batch) < BATCH and over > 0:
                batch.append(pictures[at])
                over -= pictures[at].nbytes
                at += 1
            yield batch

    def _evict(self, batch: list[Put], state: PictureState) -> None:
        # before any row says that it goes
        self._tree.check_writable(batch[0].path.rpartition("/")[0])
        for path in self._rows.evict([each.path for each in batch], state, self._held):
            self.drop(path)

    def _count(self) -> int:
        return sum(self._tree.nbytes(hour) for hour in self._tree.hours())
