"""One swap of engines: what is wanted, how far its proof is, and why it is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import EngineChangeError, GonogoError
from gonogo.engines.loading.agreement import Agreement, Watch, agree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.engines.loading.background_job import BackgroundJob
    from gonogo.engines.loading.checks import Checked
    from gonogo.ipc.engine_slots import LoaderSlots
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


class ShadowCount(NamedTuple):
    """Parts that the line asked the other engine about, and parts that left no window for that."""

    asked: int
    no_window: int


class Task:
    """The engine that is on its way into service, or was the last one.

    A record of one swap: the controller and its actions write it, whoever asks is shown
    a Standing.
    """

    def __init__(self, wish: LoadRequest) -> None:
        self.wish = wish
        self.check: BackgroundJob[Checked] | None = None  # of its bundle, by the registry
        self.place = -1  # number of its slot; -1 before that was told to hold it
        self.host: int | None = None  # which start of that slot's process began to load it
        self.roll_backs = 0  # of the line, as they were when it was asked to change
        self.proof: Agreement | None = None  # what the shadow promised
        self.doubt = ""  # why it must go back
        self.why: GonogoError | None = None  # why it is given up
        self._began = ShadowCount(0, 0)  # the line counts for ever; so they stood at its beginning
        self._watch: Watch | None = None

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"{self.wish.name} {self.wish.version}"

    @property
    def checking(self) -> bool:
        """Whether its bundle is still being read: after a give-up, too, where a disk hangs."""
        return self.check is not None and not self.check.done

    def take_host(self, host: int | None) -> None:
        """The first process that begins with it is its own; any later one has lost it."""
        if self.host is None:
            self.host = host

    def count_from(self, slots: LoaderSlots) -> None:
        """Parts that the line asked about before are none of this one's."""
        self._began = ShadowCount(slots.shadowed, slots.no_window)

    def counted(self, slots: LoaderSlots) -> ShadowCount:
        """Parts of its own shadow so far."""
        began = self._began
        return ShadowCount(slots.shadowed - began.asked, slots.no_window - began.no_window)

    def prove(self, pairs: Sequence[Pair]) -> None:
        """What came of its shadow."""
        self.proof = agree(pairs) if pairs else None

    def begin_trial(self) -> None:
        """From now on it is held against what it showed, if it showed anything."""
        self._watch = Watch(self.proof) if self.proof is not None else None

    def follow_trial(self, pairs: Sequence[Pair]) -> None:
        """Parts judged by both in its trial: this one judges, the former one is the shadow."""
        for pair in pairs:
            if self._watch is not None and not self.doubt:
                self.doubt = self._watch.check(pair)

    def refuse(self, error: GonogoError) -> None:
        """The first reason counts: what follows it is what giving up brings about."""
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
