"""Runs mutants against the tests of their modules, on as many workers as there are cores."""

from __future__ import annotations

import queue
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.tests.mutate.judged import Judged
from gonogo.tests.mutate.mutants import mutants_of, sample
from gonogo.tests.mutate.shadow import Order, Shadow
from gonogo.tests.mutate.table import tests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.tests.mutate.mutants import Mutant
    from gonogo.tests.mutate.shadow import Ran

FIRST_S = 300.0  # an unmutated run may take that long
# limits of a mutated run: several times the unmutated one, on a machine that is busy otherwise
_CPU_TIMES, _CPU_MORE_S = 3, 3.0
_WALL_TIMES, _WALL_MORE_S = 5, 10.0


class Job(NamedTuple):
    """A module: its source, its tests, all its mutants and those that are tried."""

    module: str
    source: bytes
    tests: list[str]
    there: list[Mutant]
    tried: list[Mutant]


class NotGreen(Exception):
    """The tests of a module fail without any mutation."""


def job_of(root: Path, module: str, seed: int, count: int | None) -> Job:
    """What is to be done about a module."""
    source = (root / module).read_bytes()
    there = mutants_of(module, source)
    return Job(module, source, tests_of(root, module), there, sample(there, seed, count))


class Bench:
    """One shadow: learns how long a module's tests take, then judges its mutants."""

    def __init__(self, shadow: Shadow, seed: int) -> None:
        self._shadow = shadow
        self._seed = seed
        self._first: dict[str, Ran] = {}

    def judge(self, job: Job, mutant: Mutant) -> Judged:
        """Run the tests of the module on one mutant; NotGreen if they fail without it, too."""
        first = self._baseline(job)
        order = Order(
            job.module,
            mutant.apply(job.source).decode(),
            job.tests,
            self._seed,
            wall_s=_WALL_TIMES * first.wall_s + _WALL_MORE_S,
            cpu_s=_CPU_TIMES * first.cpu_s + _CPU_MORE_S,
        )
        return Judged(mutant, self._shadow.run(order).status)

    def _baseline(self, job: Job) -> Ran:
        if job.module not in self._first:
            source = job.source.decode()
            order = Order(job.module, source, job.tests, self._seed, FIRST_S, FIRST_S, True)  # noqa: FBT003
            self._first[job.module] = ran = self._shadow.run(order)
            if ran.status != "passed":
                raise NotGreen(f"{job.module}, without any mutation: {ran.status}\n{ran.said}")
        return self._first[job.module]


def run(
    root: Path, jobs: Sequence[Job], seed: int, workers: int, told: Callable[[Judged], None]
) -> list[Judged]:
    """Every mutant that shall be tried, in the order of the jobs; `told` of each as it is done."""
    todo: queue.SimpleQueue[tuple[Job, Mutant]] = queue.SimpleQueue()
    for job in jobs:
        for mutant in job.tried:
            todo.put((job, mutant))
    done: dict[Mutant, Judged] = {}
    errors: list[Exception] = []

    def work(shadow: Shadow) -> None:
        bench = Bench(shadow, seed)
        try:
            while not errors:
                job, mutant = todo.get_nowait()
                done[mutant] = judged = bench.judge(job, mutant)
                told(judged)
        except queue.Empty:
            return
        except Exception as error:  # noqa: BLE001 - raised again in the first thread
            errors.append(error)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mut")))
        shadows = [stack.enter_context(Shadow(root, folder / str(k))) for k in range(workers)]
        threads = [threading.Thread(target=work, args=(shadow,)) for shadow in shadows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return [done[mutant] for job in jobs for mutant in job.tried]
