"""Takes parts as they are recorded, keeps the charts on the disk, and says how they stand.

The state is written at the end of an hour, and says up to which part: the one before the first
part of the hour that goes on. Whoever comes after begins there, so that no part counts twice, and
none of that hour is lost. Charts whose hours end at other times (an engine was exchanged in one
view of several) lose of the hour that they are in what came before that part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import DriftBehind, DriftStateError, OutputError
from gonogo.base.log.logger import get_logger
from gonogo.records.drift import restarts, saving
from gonogo.records.drift.rows import PAGE, Rows
from gonogo.records.drift.watch import DriftWatch, Restart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.records.drift.feed import Feed
    from gonogo.records.drift.overrides import SaidOf
    from gonogo.records.drift.rows import Mark, PartRow

log = get_logger(__name__)

PAGES = 8  # of one turn: the process beats between two
BEHIND = 10_000  # parts; told, once it is so many, and once it has caught up


class Turn(NamedTuple):
    """What a turn came to: parts that were taken, and whether something is to be told."""

    parts: int
    news: bool


class Follower:
    """`base`: the path of the records; `said`: of the last shift, None where that is not known.

    `behind`: from so many parts that wait it is told.
    """

    def __init__(
        self,
        base: Path,
        feed: Feed,
        said: Callable[[], tuple[SaidOf, ...] | None],
        behind: int = BEHIND,
    ) -> None:
        self.state = saving.beside_records(base)
        self.watch = read_state(self.state)
        self._rows = Rows(base, self.watch.mark)
        self._feed, self._said = feed, said
        self._last: Mark | None = self.watch.mark
        self.waiting = 0
        self._most, self._behind = behind, False
        self._unread: set[Path] = set()  # requests of which that was told

    def turn(self) -> Turn:
        """Take what is new, a few pages at most; keep what came of it."""
        news, count = self._restarted(), 0
        for _ in range(PAGES):
            rows = self._rows.newer()
            count += len(rows)
            for row in rows:
                news |= self._take(row)
            if len(rows) < PAGE:
                break
        return Turn(count, news)

    def look(self) -> None:
        """At what is seldom looked at: how far behind it is, and what people said."""
        self.waiting = self._rows.waiting()
        self._tell_behind()
        said = self._said()
        # what is not known now stays as it was: an alarm would end, and begin again
        if said is not None and said != self.watch.said:
            self.watch.said = said
            self.save()

    def save(self) -> None:
        """As it stands; where it cannot be written the charts go on in memory, and that is said."""
        try:
            saving.write(self.state, self.watch)
        except OutputError as error:
            log.error("drift_not_kept", text="%(error)s", error=error)  # noqa: TRY400 - for a technician

    def _take(self, row: PartRow) -> bool:
        """One part, in all its views; whether it was the first one, or an hour was over with it."""
        before, self._last = self._last, row.mark
        over = [self.watch.add(part) for part in self._feed.parts(row)]
        if self.watch.mark is None:
            self.watch.mark = row.mark  # a start that is cut short goes on here, not from now on
            self.save()
            return True
        if all(each is None for each in over):
            return False
        self.watch.mark = before or row.mark
        self.save()
        return True

    def _restarted(self) -> bool:
        asked = restarts.take(self.state, self._unread)
        for each in asked:
            for at in [at for at in self.watch.watched if at.view == each.view]:
                self.watch.restart(Restart(at, each.who, each.why, each.wall_s))
            log.warning(
                "drift_restarted",
                text="drift: the reference of view '%(view)s' begins anew: %(who)s: %(why)s",
                view=each.view,
                who=each.who,
                why=each.why,
            )
        if asked:
            # of the hours before nothing may come back at a start
            self.watch.mark = self._last
            self.save()
        return bool(asked)

    def _tell_behind(self) -> None:
        if self.waiting >= self._most and not self._behind:
            self._behind = True
            error = DriftBehind(
                f"{self.waiting} recorded parts or more are not charted yet, expected fewer than "
                f"{self._most}; nothing is lost of them but how their frames looked; what else "
                "takes the processor or the disk?"
            )
            log.warning("drift_behind", text="%(error)s", error=error)
        # of a line that goes on some always wait
        elif self.waiting < self._most // 10 and self._behind:
            self._behind = False
            log.info("drift_caught_up", text="drift: it has caught up with the recorded parts")


def read_state(path: Path) -> DriftWatch:
    """The charts as they were kept; new ones at the first start, and where they cannot be read."""
    if not path.exists():
        return DriftWatch()
    try:
        return saving.read(path)
    except DriftStateError as error:
        log.error("drift_state_unusable", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
        _set_aside(path)
        return DriftWatch()


def _set_aside(path: Path) -> None:
    """Out of the way of the next one, so that somebody can see what became of it."""
    try:
        path.replace(path.with_name(f"{path.name}.damaged"))
    except OSError as error:
        log.error("drift_not_set_aside", text="%(path)s: %(error)s", path=path, error=error)  # noqa: TRY400
