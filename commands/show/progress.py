"""A progress bar for anything that reports (what, done, total)."""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Task, TaskID

LATEST = 12  # steps by which the rest is reckoned
RECALLED_S = 0.01  # a step that was finished in an earlier run tells nothing of the others
LEAST_S = 1.0  # as long as something is left
_PER_MIN, _PER_H = 60, 3600


class Pace:
    """How long the rest of some steps takes, by those that were measured."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._taken_s: list[float] = []
        self._done = self._total = 0
        self._since_s = now_s()

    def step(self, done: int, total: int) -> None:
        """So many are done now."""
        now_s, steps = self._now_s(), done - self._done
        taken_s = now_s - self._since_s
        if steps > 0 and taken_s > RECALLED_S:
            self._taken_s = [*self._taken_s, *[taken_s / steps] * steps][-LATEST:]
        if steps:
            self._since_s = now_s
        self._done, self._total = done, total

    @property
    def left_s(self) -> float | None:
        """Seconds; None before a step was measured, 0 only at the end."""
        left = self._total - self._done
        if left <= 0:
            return 0.0
        if not self._taken_s:
            return None
        gone_s = self._now_s() - self._since_s
        whole_s = statistics.fmean(self._taken_s) * left
        # the step that is under way may take longer than those before it
        return max(LEAST_S, whole_s - gone_s)


class _Left(ProgressColumn):
    """What is left, as a clock has it."""

    def render(self, task: Task) -> Text:
        pace: Pace = task.fields["pace"]
        left_s = pace.left_s
        if left_s is None:
            return Text("-:--:--")
        whole = round(left_s)
        minutes = whole % _PER_H // _PER_MIN
        return Text(f"{whole // _PER_H}:{minutes:02}:{whole % _PER_MIN:02}")


@contextmanager
def progress_bar(*, to_stderr: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A function to call with (what, done, total); one bar for each `what`.

    Of `what` the text before a colon names the bar, and the rest says what is done now.
    `to_stderr`: of a command whose lines may go into a file.
    """
    columns = (
        TextColumn("{task.fields[what]}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        _Left(),
    )
    bars = Progress(*columns, console=Console(stderr=to_stderr), redirect_stdout=not to_stderr)
    with bars:
        tasks: dict[str, tuple[TaskID, Pace]] = {}

        def report(what: str, done: int, total: int) -> None:
            # the total comes with the first report, and may change with a later one
            name = what.partition(": ")[0]
            if name not in tasks:
                pace = Pace()
                tasks[name] = bars.add_task(name, total=total, what=what, pace=pace), pace
            task, pace = tasks[name]
            pace.step(done, total)
            bars.update(task, completed=done, total=total, what=what)

        yield report
