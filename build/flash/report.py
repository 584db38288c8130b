"""What a flash says: a table, steps and an end, in lines for people or JSON for programs; a log."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from gonogo.build.flash.log import Log

_MB = 1_000_000
_REDRAWN_S = 0.2
_WIDTH = 78
_STATES = {True: "ok", False: "REFUSED"}


class Row(NamedTuple):
    """A line of the preflight table."""

    name: str
    ok: bool
    says: str


class Report:
    """Lines to `out` and to the log. `live`: out is a terminal, on which a line may be redrawn."""

    def __init__(self, out: TextIO, log: Log, *, as_json: bool) -> None:
        self._out, self._log, self._as_json = out, log, as_json
        self._live = out.isatty() and not as_json
        self._drawn = 0

    def begin(self) -> None:
        """The log's path comes first."""
        self._say(f"log {self._log.path}", log=str(self._log.path))

    def row(self, row: Row) -> None:
        """A line of the table."""
        text = f"  {row.name:<12} {_STATES[row.ok]:<8} {row.says}"
        self._say(text, check=row.name, ok=row.ok, says=row.says)

    def note(self, text: str, **keys: object) -> None:
        """A sentence."""
        self._say(text, **(keys or {"note": text}))

    def logged(self, text: str) -> None:
        """A line for the log alone."""
        self._log.line(text)

    def drawn(self, text: str) -> None:
        """A line that the next one replaces; for a terminal alone."""
        if self._live:
            self._out.write(f"\r{text[:_WIDTH]:<{self._drawn}}")
            self._out.flush()
            self._drawn = len(text[:_WIDTH])

    def step(self, number: int, of: int, title: str, text: str, **keys: object) -> None:
        """The end of a step, one line each."""
        self._say(f"[{number}/{of}] {title}  {text}", step=number, of=of, name=title, **keys)

    def end(self, code: int, text: str) -> None:
        """What came of it, and the log's path last."""
        lost = f"; it is not whole: {self._log.lost}" if self._log.lost else ""
        if self._as_json:
            self._say("", exit_code=code, says=text, log=f"{self._log.path}{lost}")
            self._log.line(text)
            return
        self._say(text)
        self._say(f"log {self._log.path}{lost}")

    def _say(self, text: str, **keys: object) -> None:
        if self._as_json:
            self._out.write(json.dumps(keys) + "\n")
        else:
            clean = f"\r{'':<{self._drawn}}\r" if self._drawn else ""
            self._out.write(f"{clean}{text}\n")
            self._drawn = 0
        self._out.flush()
        self._log.line(text or json.dumps(keys))


class Steps:
    """Steps that are counted: `[3/7] write slot B  62 %  38 MB/s  0:09 left`."""

    def __init__(
        self, report: Report, of: int, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._report, self._of, self._now_s = report, of, now_s
        self.number = 0
        self.title = ""
        self._began_s = self._drawn_s = now_s()
        self._total = self._done = 0

    def begin(self, title: str, total_bytes: int = 0) -> None:
        """The next one; `total_bytes`: how much there is to be done, 0 where that says nothing."""
        self.number += 1
        self.title, self._total, self._done = title, total_bytes, 0
        self._began_s = self._now_s()
        self._drawn_s = self._began_s - _REDRAWN_S
        self._report.drawn(f"[{self.number}/{self._of}] {title} ...")

    def tell(self, done_bytes: int) -> None:
        """So many bytes of it are done."""
        self._done, now_s = done_bytes, self._now_s()
        if now_s - self._drawn_s < _REDRAWN_S:
            return
        self._drawn_s = now_s
        self._report.drawn(f"[{self.number}/{self._of}] {self.title}  {self._progress(now_s)}")

    def _progress(self, now_s: float) -> str:
        rate = self._done / max(now_s - self._began_s, 1e-3)
        percent = 100 * self._done // max(self._total, 1)
        left_s = (self._total - self._done) / max(rate, 1.0)
        return f"{percent} %  {rate / _MB:.0f} MB/s  {clock(left_s)} left"

    def end(self, says: str = "done") -> None:
        """It is done."""
        took_s = self._now_s() - self._began_s
        rate = self._done / max(took_s, 1e-3)
        figures = ""
        if self._done:
            figures = f"  {self._done / _MB:.1f} MB in {clock(took_s)}, {rate / _MB:.0f} MB/s"
        self._report.step(
            self.number, self._of, self.title, says + figures, says=says, bytes=self._done,
            took_s=round(took_s, 3), mb_s=round(rate / _MB, 1),
        )  # fmt: skip


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"
