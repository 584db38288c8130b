"""One exchange of engines: what is wanted, by whom it was ordered, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import EngineChangeError, GonogoError
from gonogo.engines.loading.agreement import Agreement, Watch, agree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.engines.loading.background_job import BackgroundJob
    from gonogo.engines.loading.checks import Checked
    from gonogo.ipc.engine_slots import EngineSlots
    from gonogo.ipc.journal_records import Pair


class Outcome(NamedTuple):
    """How the command of that ticket ended; `number` is that of the error, 0 for none."""

    ticket: int
    number: int
    text: str


class LoadRequest(NamedTuple):
    """What is wanted. `parts`: of shadow, 0 for none; `keep`: go on after them.

    `again`: it has judged before, no shadow is asked for.
    """

    name: str
    version: str
    parts: int
    keep: bool = False
    again: bool = False


class Task:
    """The engine that is on its way into service, or was the last one."""

    def __init__(self, wish: LoadRequest, errand: BackgroundJob[Checked] | None = None) -> None:
        self.wish = wish
        self.errand = errand
        self.bundles: dict[str, Path] = {}  # that the place shall hold
        self.place = -1  # before it was told to hold it
        self.epoch = -1  # of the process that began to load it
        self.shadowed, self.no_window = 0, 0  # as they were when the shadow began
        self.roll_backs = 0  # of the line, as they were when it was asked to change
        self.proof: Agreement | None = None  # what the shadow promised
        self.watch: Watch | None = None
        self.doubt = ""  # why it must go back
        self.why: GonogoError | None = None  # why it is given up

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"{self.wish.name} {self.wish.version}"

    def observe(self, pairs: Sequence[Pair]) -> None:
        """Parts judged by both in its trial: this one judges, the former one is the shadow."""
        for pair in pairs:
            if self.watch is not None and not self.doubt:
                self.doubt = self.watch.note(pair)

    def count_from(self, slots: EngineSlots) -> None:
        """Parts that the line asked about before are none of this one's."""
        self.shadowed, self.no_window = slots.shadowed, slots.no_window

    def prove(self, pairs: Sequence[Pair]) -> None:
        """What came of its shadow."""
        self.proof = agree(pairs) if pairs else None

    def refuse(self, error: GonogoError) -> None:
        """The first reason counts."""
        if self.why is None:
            self.why = error


class SlotRefusal(EngineChangeError):
    """What a host said, under the number that it gave."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number

    def __str__(self) -> str:
        text = str(self.args[0])
        return text if text.startswith("GN") else f"GN{self.number}: {text}"


def number_of(error: GonogoError) -> int:
    """Under which number an error can be looked up."""
    return error.number if isinstance(error, SlotRefusal) else error.code
