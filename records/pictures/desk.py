"""Where copies become files, and files become rows: one thread, which may wait for the disk.

Row after file: killed in between, a file lies there without a row and goes with the oldest. What
cannot be told now (a database that another program holds, a part whose row has not come yet)
waits, the oldest are given up beyond PENDING_MAX.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import RecordsBusy, RecordsError
from gonogo.records.picture_words import PictureState
from gonogo.records.pictures.choice import Replaced
from gonogo.records.pictures.encode import encoded, scaled
from gonogo.records.pictures.rows import Row

if TYPE_CHECKING:
    from gonogo.records.pictures.keeping import Keeping
    from gonogo.records.pictures.missed import Missed
    from gonogo.records.pictures.ring import Copied
    from gonogo.records.pictures.rows import PictureRows
    from gonogo.records.pictures.tree import Tree
    from gonogo.records.section import ImagesSection

PENDING_MAX = 5000
BATCH = 200  # rows in a transaction
ENDINGS = {"png": ".png", "jpeg": ".jpg"}


class Job(NamedTuple):
    """A row to be, at first without its file; `hour` as gonogo.records.pictures.tree has it."""

    row: Row
    hour: str
    copied: Copied | None = None


class Desk:
    """`pending`: what waits to be told in the database."""

    def __init__(
        self,
        images: ImagesSection,
        tree: Tree,
        rows: PictureRows,
        keeping: Keeping,
        missed: Missed,
    ) -> None:
        self._images, self._tree, self._rows = images, tree, rows
        self._keeping, self._missed = keeping, missed
        self.pending: deque[Row | Replaced] = deque()

    def begin(self) -> None:
        """Make the folder, and tidy up what a process that was killed has left."""
        try:
            self._tree.make()
            self._tree.tidy()
        except OSError as error:
            self._missed.trouble(str(error))

    def take(self, job: Job) -> None:
        """Write its files; whatever becomes of them, it has a row."""
        row = job.row if job.copied is None else self._filed(job, job.copied)
        if row.state not in {PictureState.KEPT, PictureState.NO_FRAME}:
            self._missed.count(row.state)
        self._wait(row)

    def replace(self, out: Replaced) -> None:
        """A part is out of its sample."""
        self._wait(out)

    def flush(self) -> bool:
        """Tell what can be told; whether that was all of it."""
        # a part that is out of its sample had its row written before
        rows = [each for each in self.pending if isinstance(each, Row)]
        outs = [each for each in self.pending if isinstance(each, Replaced)]
        try:
            for first in range(0, len(rows), BATCH):
                batch = rows[first : first + BATCH]
                self._done(batch, self._rows.write(batch))
            for out in outs:
                self._take_out(out)
        except RecordsBusy:  # the records process writes, or somebody reads: at the next turn
            return False
        except (OSError, RecordsError) as error:
            self._missed.trouble(str(error))
            return False
        return not self.pending

    def tidy(self, wall_ms: int) -> None:
        """What is due now and then."""
        try:
            self._keeping.age(wall_ms)
        except (OSError, RecordsError) as error:
            self._missed.trouble(str(error))
        self._missed.tell()

    def close(self) -> None:
        """Let go of the databases."""
        self._rows.close()

    def _filed(self, job: Job, copied: Copied) -> Row:
        try:
            return self._write(job, copied)
        except (OSError, RecordsError) as error:
            self._missed.trouble(str(error))
            return job.row._replace(state=PictureState.NOT_WRITTEN)

    def _write(self, job: Job, copied: Copied) -> Row:
        data = encoded(copied.pixels, self._images)
        drawn = scaled(copied.map) if copied.map is not None and self._images.maps else None
        if not self._keeping.has_room(len(data) + (len(drawn.data) if drawn else 0)):
            self._missed.trouble(f"{self._tree.folder}: no room, also with the oldest removed")
            return job.row._replace(state=PictureState.NOT_WRITTEN)
        put = self._tree.put(job.hour, data, ENDINGS[self._images.format])
        self._keeping.added(put.nbytes)
        row = job.row._replace(path=put.path)
        if drawn is None:
            return row
        beside = self._tree.put_map(put.path, drawn.data)
        self._keeping.added(beside.nbytes)
        return row._replace(map=beside.path, low=drawn.low, high=drawn.high)

    def _done(self, told: list[Row], left: list[Row]) -> None:
        """What was told of waits no longer."""
        done = set(told) - set(left)
        self.pending = deque(each for each in self.pending if each not in done)

    def _take_out(self, out: Replaced) -> None:
        # what a person has spoken of stays, also once it is out of its sample
        stays = out.nth or self._keeping.holds(out.run, out.serial)
        alone = self._rows.replace(out._replace(nth=stays))
        if alone is None:
            return
        self.pending.remove(out)
        for path in alone:
            self._keeping.drop(path)

    def _wait(self, entry: Row | Replaced) -> None:
        self.pending.append(entry)
        if len(self.pending) > PENDING_MAX:
            self.pending.popleft()
            self._missed.trouble(f"{PENDING_MAX} rows of pictures wait; the oldest is given up")
