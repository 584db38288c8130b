"""Both places in one process: what was done by ending a process is done within it."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.engines.serving.hostplan import HostPlan
from gonogo.ipc.engine_queue import HostState
from gonogo.ipc.engine_slot import Phase
from gonogo.ipc.fault_table import FaultBoard
from gonogo.tests.engines.serving.places import OFF, B, Bench, bolt, facts, section, view
from gonogo.tests.table import PATIENT_MS, supervised, turn_until
from gonogo.watchdog.plan import RowPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

A = 0


@contextmanager
def both(station: str, folder: Path) -> Iterator[Bench]:
    """One process for both places, with bundles for the processor."""
    bench = Bench(station)
    plan = HostPlan(
        station=station, place=A, views=(view(),), realtime=OFF, engines=section(folder),
        recipes={2: (view(bundle="nut"),)},
    )  # fmt: skip
    row = RowPlan(name="engine A", module="gonogo.engines.serving.shared_host", strikes=3,
                  argument=plan.model_dump_json(), limit_ms=PATIENT_MS)  # fmt: skip
    with supervised(station, row) as bench.table:
        bench.board = FaultBoard.attach(station)
        yield bench


def pid_of(bench: Bench) -> int:
    """The process of both."""
    return bench.table.beats.rows[1].pid


def judged_by(bench: Bench, place: int) -> None:
    """As the line says it."""
    bench.slots.switch(place, 0, 0)


def test_places_load_serve_and_are_emptied_in_one_process(station: str, tmp_path: Path) -> None:
    """Orders come and go at either place; the process is the same, and keeps nothing of them."""
    path = bolt(tmp_path)
    with both(station, tmp_path) as bench:
        bench.order(path, A)
        bench.ready(A)
        bench.until(Phase.EMPTY, HostState.EMPTY, B)
        pid, open_before = pid_of(bench), 0
        for turn in range(3):
            bench.order(path, B)
            bench.ready(B)
            assert (bench.score(50 + turn, A), bench.score(60 + turn, B)) == (50 + turn, 60 + turn)
            bench.order(None, B)
            bench.until(Phase.EMPTY, HostState.EMPTY, B)
            open_now = len(list(Path(f"/proc/{pid}/fd").iterdir()))
            assert turn == 0 or open_now <= open_before, "descriptors of a former order are left"
            open_before = open_now
        assert pid_of(bench) == pid
        assert bench.mailboxes[B].epoch == 7, "each order and each end is a start of its own"


def test_place_that_does_not_judge_refuses_and_leaves_the_other_alone(
    station: str, tmp_path: Path
) -> None:
    """A damaged bundle, wrong scores, a device that is lost: with its number, and once."""
    sound, damaged = bolt(tmp_path), bolt(tmp_path, "cut.gng")
    damaged.write_bytes(sound.read_bytes()[:-1])
    wrong = bolt(tmp_path, "wrong.gng", backends={"onnxruntime": facts((1.0, 2.0))})
    with both(station, tmp_path) as bench:
        bench.order(sound, A)
        bench.ready(A)
        pid = pid_of(bench)
        for path, number in ((damaged, 321), (wrong, 310)):
            bench.order(path, B)
            assert bench.refused(B)[0] == number
        bench.order(sound, B)
        bench.ready(B)
        bench.board.set("engine-lost", None, 0.0)
        bench.ask(5, B)
        assert bench.refused(B)[0] == 312
        bench.board.clear()
        assert bench.score(33, A) == 33
        assert pid_of(bench) == pid


def test_place_that_judges_takes_the_process_with_it(station: str, tmp_path: Path) -> None:
    """Its device is lost: both begin anew, with what each shall hold."""
    path = bolt(tmp_path)
    with both(station, tmp_path) as bench:
        bench.order(path, A)
        bench.order(path, B)
        bench.ready(A)
        bench.ready(B)
        judged_by(bench, B)
        pid = pid_of(bench)
        bench.board.set("engine-lost", None, 0.0)
        bench.ask(5, B)
        turn_until(bench.table, lambda: pid_of(bench) not in {0, pid})
        bench.board.clear()
        bench.ready(B)
        bench.ready(A)
        assert bench.score(44, B) == 44


def test_places_begin_anew_with_a_recipe_in_the_same_process(station: str, tmp_path: Path) -> None:
    """The one that holds something; the other stays as it is."""
    strict = {"onnxruntime": facts((255.0, 255.0), recheck_above=10.0)}
    with both(station, tmp_path) as bench:
        bench.order(bolt(tmp_path), A, nut=bolt(tmp_path, "nut.gng", name="nut", backends=strict))
        bench.ready(A)
        bench.until(Phase.EMPTY, HostState.EMPTY, B)
        pid, epochs = pid_of(bench), [box.epoch for box in bench.mailboxes]
        bench.heart.want(2)
        turn_until(bench.table, lambda: bench.mailboxes[A].epoch > epochs[A])
        bench.ready(A)
        limits = bench.slots.places[A].limits(0)
        assert limits is not None
        assert limits.recheck_above == 10.0
        assert (pid_of(bench), bench.mailboxes[B].epoch) == (pid, epochs[B])


def test_process_of_two_places_is_not_kept_alive_by_the_one_that_does_not_judge(
    station: str, tmp_path: Path
) -> None:
    """Its beats would hide that the other one hangs."""
    with both(station, tmp_path) as bench:
        bench.order(bolt(tmp_path), A)
        bench.ready(A)
        bench.until(Phase.EMPTY, HostState.EMPTY, B)
        row = bench.table.beats.rows[1]
        bench.board.set("engine-slow", None, 60_000.0)  # A is in a call that takes a minute
        bench.ask(5, A)
        boxes = bench.mailboxes
        turn_until(bench.table, lambda: boxes[A].taken == boxes[A].written)
        beats, seen = row.count, boxes[B].words[5]
        turn_until(bench.table, lambda: boxes[B].words[5] > seen + 200_000_000)  # B beats on
        assert row.count == beats
        os.kill(pid_of(bench), signal.SIGKILL)  # not waited for


def test_process_of_two_places_ends_in_order(station: str, tmp_path: Path) -> None:
    """Asked to stop, both places unload; nothing is held against it."""
    with both(station, tmp_path) as bench:
        bench.order(bolt(tmp_path), A)
        bench.order(bolt(tmp_path), B)
        bench.ready(A)
        bench.ready(B)
        os.kill(pid_of(bench), signal.SIGTERM)
        turn_until(bench.table, lambda: bench.mailboxes[B].state is HostState.DOWN)
        turn_until(bench.table, lambda: bench.mailboxes[A].state is not HostState.READY)
