"""Every order in which a processor may carry out the product's own loads and stores.

A scenario is a few threads over one `Bus`: each calls methods of the product on memory that records
what they load and store, word by word, and where they fence. A thread is run once for each way in
which its loads may be answered; for what its callers may not see, every interleaving is tried, and
every order that the processor allows:

    TSO     x86-64: all in program order, but a load may pass earlier stores
    ARM     anything may pass anything, but for the same address and across a fence; that an
            address or a branch depends on a load keeps no order here (it does in part on a chip)

A thread sees its own stores at once, and a store is seen by all others at the same time (ARMv8 and
x86-64 are multi-copy atomic). An access of eight aligned bytes is one.

Import it as `gonogo.tests.ipc.weak_memory`.
"""

from __future__ import annotations

import struct
import sys
from enum import Enum
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gonogo.base.shm import Segment

Address = tuple[str, int]
Site = tuple[str, str]  # the file of a fence, and its line or the word that it belongs to
MOST_RUNS = 5000  # of a thread: more is a scenario with too many words
MOST_ROUNDS = 20


class Model(Enum):
    """Which order a processor keeps by itself."""

    TSO = 1
    ARM = 2


class Op(NamedTuple):
    """One access, or a fence (`site`)."""

    address: Address | None
    value: object = None
    loads: bool = False
    site: Site | None = None


class Run:
    """One thread run once: `answers` are given to its loads of shared words, in their order."""

    def __init__(self, bus: Bus, shared: Mapping[Address, Sequence[object]]) -> None:
        self.ops: list[Op] = []
        self.own: dict[Address, object] = {}
        self.loaded: set[Address] = set()
        self.picked: list[tuple[int, int]] = []  # which of how many answers, for each such load
        self.result: object = None
        self._bus, self._shared = bus, shared

    def load(self, address: Address, zero: object) -> object:
        """What it finds there this time."""
        self.loaded.add(address)
        own = self.own.get(address, self._bus.start.get(address, zero))
        answers = _distinct([own, *self._shared.get(address, ())])
        if len(answers) == 1:  # nobody else changes it
            return own
        at = len(self.picked)
        pick = self._bus.picks[at] if at < len(self._bus.picks) else 0
        self.picked.append((pick, len(answers)))
        self.ops.append(Op(address, answers[pick], loads=True))
        return answers[pick]

    def store(self, address: Address, value: object) -> None:
        """It is written."""
        if address in self._bus.times:
            value = 1
        self.own[address] = value
        self.ops.append(Op(address, value))


class Bus:
    """The memory of a scenario; without a run under way it is plain memory.

    `times`: words that a clock is written to, which is 1 in every run.
    """

    def __init__(self) -> None:
        self.start: dict[Address, object] = {}
        self.times: frozenset[Address] = frozenset()
        self.picks: list[int] = []
        self.run: Run | None = None

    def area(self, name: str, size: int = 1 << 16) -> Segment:
        """A segment of it, as the product maps one."""
        return cast("Segment", _Area(self, name, size))

    def load(self, address: Address, zero: object) -> object:
        """From the run, or from memory."""
        return self.run.load(address, zero) if self.run else self.start.get(address, zero)

    def store(self, address: Address, value: object) -> None:
        """To the run, or to memory."""
        if self.run:
            self.run.store(address, value)
        else:
            self.start[address] = value

    def runs(
        self, thread: Callable[[], object], shared: Mapping[Address, Sequence[object]]
    ) -> Iterator[Run]:
        """Once for each way in which its loads may be answered."""
        self.picks = []
        while True:
            self.run = run = Run(self, shared)
            try:
                run.result = thread()
            except ValueError as error:  # of words that mean nothing: as bad as one that is torn
                run.result = error
            finally:
                self.run = None
            yield run
            left = run.picked
            while left and left[-1][0] + 1 == left[-1][1]:
                left.pop()
            if not left:
                return
            self.picks = [*(pick for pick, _ in left[:-1]), left[-1][0] + 1]


class _Area:
    """Stands for a Segment: the same methods, over a bus."""

    path = Path("memory")

    def __init__(self, bus: Bus, name: str, size: int) -> None:
        self._bus, self._name, self.size = bus, name, size

    def fence(self) -> None:
        if self._bus.run:
            self._bus.run.ops.append(Op(None, site=_site()))

    def words(self, offset: int, count: int, **_: bool) -> _Cells:
        return _Cells(self._bus, self._name, offset, count, 0)

    def reals(self, offset: int, count: int, **_: bool) -> _Cells:
        return _Cells(self._bus, self._name, offset, count, 0.0)

    def array(self, _kind: type, offset: int, count: int) -> _Cells:
        return _Cells(self._bus, self._name, offset, count, 0.0)

    def put(self, offset: int, content: bytes) -> None:
        for at in range(0, len(content), 8):
            self._bus.store((self._name, offset + at), content[at : at + 8].ljust(8, b"\0"))

    def get(self, offset: int, size: int) -> bytes:
        places = range(offset, offset + size, 8)
        found = [cast("bytes", self._bus.load((self._name, at), bytes(8))) for at in places]
        return b"".join(found)[:size]


class _Cells:
    """Stands for a memoryview or an array of one dimension: a cell is loaded or stored at once."""

    def __init__(self, bus: Bus, name: str, offset: int, count: int, zero: object) -> None:
        self._bus, self._name, self._at, self._count = bus, name, offset, count
        self._zero = zero

    def __len__(self) -> int:
        return self._count

    def reshape(self, _shape: object) -> _Cells:
        return self

    def __getitem__(self, index: int | slice) -> object:
        if isinstance(index, slice):  # a view, as of an array
            first, last, _ = index.indices(self._count)
            return _Cells(self._bus, self._name, self._at + 8 * first, last - first, self._zero)
        return self._bus.load((self._name, self._at + 8 * index), self._zero)

    def __setitem__(self, index: int | slice, value: object) -> None:
        if isinstance(index, slice):
            places = range(*index.indices(self._count))
            for at, each in zip(places, cast("memoryview[int]", value), strict=True):
                self[at] = each
        else:
            self._bus.store((self._name, self._at + 8 * index), value)

    def __bytes__(self) -> bytes:
        found = (self[at] for at in range(self._count))
        return b"".join(struct.pack("d" if isinstance(x, float) else "q", x) for x in found)


def _site() -> Site:
    """Where the product fences: file and line, or the word of which a stamp is made."""
    frame = sys._getframe(2)
    name = Path(frame.f_code.co_filename).name
    if name != "words_in_memory.py":
        return name, str(frame.f_lineno)
    view, index = frame.f_locals["view"], frame.f_locals["index"]
    file = Path(sys.modules[type(view).__module__].__file__ or "").name
    return file, f"{frame.f_code.co_name} {index}"


def _same(one: object, other: object) -> bool:
    return one is other or one == other  # nan is itself


def _distinct(values: Sequence[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if not any(_same(value, each) for each in found):
            found.append(value)
    return found


class Scenario(NamedTuple):
    """Threads over a bus, and which of their results together must never be.

    `watched`: the words that may be seen in another order; None for all of them.
    """

    bus: Bus
    threads: Sequence[Callable[[], object]]
    bad: Callable[..., bool]
    watched: frozenset[Address] | None = None

    def traces(self) -> list[tuple[Run, ...]]:
        """The runs of all threads that would be bad together, in whatever order they are."""
        runs = self._runs()
        return [
            each
            for each in product(*runs)
            if any(isinstance(run.result, ValueError) for run in each)
            or self.bad(*(run.result for run in each))
        ]

    def _runs(self) -> list[list[Run]]:
        """Until no thread stores anything new: what one stores, the others may load."""
        stored: list[dict[Address, list[object]]] = [{} for _ in self.threads]
        for _ in range(MOST_ROUNDS):
            runs, loaded = [], set()
            for number, thread in enumerate(self.threads):
                shared = self._of_others(stored, number)
                found = list(self.bus.runs(thread, shared))
                assert len(found) < MOST_RUNS
                runs.append(found)
                loaded |= {address for run in found for address in run.loaded}
            now = [_stored(each, loaded) for each in runs]
            if now == stored:
                return runs
            stored = now
        raise AssertionError("each run stores something else")

    def _of_others(
        self, stored: Sequence[dict[Address, list[object]]], number: int
    ) -> dict[Address, list[object]]:
        found: dict[Address, list[object]] = {}
        for other, words in enumerate(stored):
            for address, values in words.items() if other != number else ():
                if self.watched is None or address in self.watched:
                    found.setdefault(address, []).extend(values)
        return found


def _stored(runs: Sequence[Run], loaded: set[Address]) -> dict[Address, list[object]]:
    found: dict[Address, list[object]] = {}
    for run in runs:
        for op in run.ops:
            if op.address in loaded and not op.loads:
                found[op.address] = _distinct([*found.get(op.address, ()), op.value])
    return found


def bad_outcome(
    scenario: Scenario,
    traces: Sequence[tuple[Run, ...]],
    model: Model,
    without: Callable[[Site], bool],
) -> tuple[object, ...] | None:
    """Results that must not be and can be, if the fences at some sites are left out; or None."""
    for runs in traces:
        loaded = {op.address for run in runs for op in run.ops if op.loads}
        threads = []
        for run in runs:
            kept = [op for op in run.ops if op.site or op.address in loaded]
            left = [op for op in kept if not (op.site and without(op.site))]
            threads.append(_ordered(left, model))
        if _possible(threads, scenario.bus.start):
            return tuple(run.result for run in runs)
    return None


class _Thread(NamedTuple):
    """Its accesses; `before`: a bit for each that must be done first; `own`: its last store there.

    `own` is -1 where the thread has stored nothing there before.
    """

    ops: list[Op]
    before: list[int]
    own: list[int]


def _ordered(ops: Sequence[Op], model: Model) -> _Thread:
    accesses: list[tuple[Op, int]] = []  # and how many fences came before
    fences = 0
    for op in ops:
        if op.site:
            fences += 1
        else:
            accesses.append((op, fences))
    before, own = [], []
    for at, (op, fence) in enumerate(accesses):
        mask, last = 0, -1
        for k, (earlier, then) in enumerate(accesses[:at]):
            same = earlier.address == op.address
            passes = op.loads and not earlier.loads  # a store waits, and the load goes ahead
            kept = not passes and (same or model is Model.TSO)
            fenced = then < fence and model is Model.ARM
            mask |= (kept or fenced) << k
            if same and not earlier.loads:
                last = k
        before.append(mask)
        own.append(last)
    return _Thread([op for op, _ in accesses], before, own)


def _possible(threads: Sequence[_Thread], start: Mapping[Address, object]) -> bool:
    """Whether there is an order in which every load finds what it found."""
    zeros = {op.address: _zero(op.value) for thread in threads for op in thread.ops}
    memory = {at: start.get(cast("Address", at), zero) for at, zero in zeros.items()}
    places = {address: k for k, address in enumerate(memory)}
    todo = [((0,) * len(threads), tuple(memory.values()))]
    seen = set()
    while todo:
        done, words = todo.pop()
        done, whole = _load(threads, done, words, places)
        if whole:
            return True
        if (done, words) in seen:
            continue
        seen.add((done, words))
        for number, thread in enumerate(threads):
            for k, op in enumerate(thread.ops):
                mask = done[number]
                if op.loads or mask >> k & 1 or thread.before[k] & ~mask:
                    continue
                at = places[op.address]
                after = (*done[:number], mask | 1 << k, *done[number + 1 :])
                todo.append((after, (*words[:at], op.value, *words[at + 1 :])))
    return False


def _load(
    threads: Sequence[_Thread],
    done: tuple[int, ...],
    words: tuple[object, ...],
    places: Mapping[Address | None, int],
) -> tuple[tuple[int, ...], bool]:
    """Every load that finds its answer now is done now: that hinders nobody. Whether all are."""
    masks, whole = list(done), True
    for number, thread in enumerate(threads):
        moved = True
        while moved:
            moved = False
            for k, op in enumerate(thread.ops):
                mask = masks[number]
                if not op.loads or mask >> k & 1 or thread.before[k] & ~mask:
                    continue
                own = thread.own[k]
                waits = own >= 0 and not mask >> own & 1  # its own store, which others do not see
                found = thread.ops[own].value if waits else words[places[op.address]]
                if _same(found, op.value):
                    masks[number] |= 1 << k
                    moved = True
        whole &= all(masks[number] >> k & 1 for k, op in enumerate(thread.ops) if op.loads)
    return tuple(masks), whole


def _zero(value: object) -> object:
    return bytes(8) if isinstance(value, bytes) else 0
