"""The PLC simulator: a process of its own that plays PLC, belt and ejector, and judges the station.

    echo '{"journal": "run.jsonl", ...}' | python -I -m gonogo.proving.plcsim.simulator

The first line of its standard input is a `Plan` as JSON. It prints "ready <port>" when it serves or
polls, and runs until every part has been through the ejector and a drain time
has passed, or until SIGTERM. On SIGUSR1 parts come faster for a while, on SIGUSR2 it
commands the station to clear its faults. It ignores SIGINT and ends when its parent does.
Exit codes: 0 complete or asked to end, 2 it could not run, 3 the station never
gave its permit or the belt stood still too long.

The events of the journal are described in diary.py. Some tell where the simulator was itself
late, by its own clock: a judge that is late has to know it. It stands for a box of its own, and
asks for a real-time rank, where the plan names one.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.base.first_line import handed_over
from gonogo.base.realtime import lift, may_schedule
from gonogo.proving.plcsim.diary import Diary
from gonogo.proving.plcsim.lateness import Owed
from gonogo.proving.plcsim.plan import NS_PER_MS, Plan, Step, truths
from gonogo.proving.plcsim.program import Program
from gonogo.proving.plcsim.sides import Polled, Served

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Plan", "Simulator", "Step", "main"]

EXIT_FAILED, EXIT_STALLED = 2, 3  # of this process; its 3 is not that of a rehearsal
NO_RANK = (
    "PLC simulator: no real-time rank here (needs CAP_SYS_NICE): on a busy box it may be late"
    " itself, and says where it was\n"
)
_SLICE_S = 0.02  # how fast a pause hears of SIGTERM


class Simulator:
    """One run of a plan; `ended`, `rush`, `clear` may be set any time, by a signal handler too."""

    def __init__(self, plan: Plan) -> None:
        truth = truths(plan)
        # a folder that is not there, a camera that is not simulated
        truth(plan.first_id)  # sections that cannot tell must fail before the run
        self._plan = plan
        self.diary = Diary(plan.journal, truth)
        self.program = Program(plan, self.diary.tell)
        try:
            wire = Served if plan.station == "client" else Polled
            self._owed = Owed(self.diary.tell, plan.scan_ms)
            self.wire: Served | Polled = wire(plan, self.diary.tell, self._owed)
        # the diary's thread would hold the file, and its queue
        except BaseException:
            self.diary.close()
            raise
        self._scan_ns = round(plan.scan_ms * NS_PER_MS)
        self._parent = os.getppid()  # another one later: whoever started us is gone
        self.rank = 0  # the real-time priority that it has
        self.ended = self.rush = self.clear = False
        self.scans = self.missed_scans = 0
        self._finished_ns: int | None = None

    def run(self) -> str:
        """Scan until the run is over; returns why it ended."""
        # the start, the next scan, the last part on the belt, the last scan's end
        self._start_ns = self._next_ns = self._moved_ns = self._done_ns = time.monotonic_ns()
        told = {"plan": self._plan.model_dump(mode="json"), "port": self.wire.port}
        self.diary.tell("start", self._start_ns, **told, pid=os.getpid(), rank=self.rank)
        # the first scan is due at once
        self._owed.since(self._start_ns, "scan")
        why = ""
        while not why:
            self.once()
            why = self._over(time.monotonic_ns())
            if not why:
                self._pace()
        self.diary.tell(
            "end",
            time.monotonic_ns(),
            why=why,
            parts=self.program.belt.triggered,
            scans=self.scans,
            missed_scans=self.missed_scans,
        )
        return why

    def once(self) -> None:
        """One scan: process image in, program, process image out, scripted fault.

        The scan's time is taken after the image: a slow answer to a poll must not make
        what it brings look earlier than it was.
        """
        self.scans += 1
        seen = self.wire.read()
        now_ns = time.monotonic_ns()
        # flags, set by signal handlers: what they mean is done here, between image and program
        if self.rush:
            self.rush = False
            self.program.rush(now_ns)
        if self.clear:
            self.clear = False
            self.program.clear_fault(now_ns)
        self.wire.write(self.program.scan(seen, now_ns))
        done_ns = time.monotonic_ns()
        # after the write: an acknowledgement counts from when it can be read
        self.program.published(done_ns)
        self._owed.until(done_ns)  # what the script does from here on is meant
        self._done_ns = done_ns
        if len(self.program.belt):
            self._moved_ns = now_ns  # an empty belt counts as one that stands still
        if self.program.step is not None:
            self._carry_out(self.program.step)

    def rise(self) -> None:
        """Take the rank of the plan, with every thread; says once where that is not permitted."""
        if not self._plan.rank:
            return
        if not may_schedule():
            sys.stderr.write(NO_RANK)
            return
        # every thread, the server's too: it answers the station, and is the PLC's side of the wire
        lift(os.getpid(), self._plan.rank)
        self.rank = self._plan.rank

    def close(self) -> None:
        """End the wire, then write the journal to its end."""
        # first: what the wire's threads still tell must find the diary open
        self.wire.close()
        self.diary.close()

    def _over(self, now_ns: int) -> str:
        """Why the run is over, or nothing."""
        program, plan = self.program, self._plan
        if program.finished and self._finished_ns is None:
            self._finished_ns = now_ns
        still_s = (now_ns - self._moved_ns) / 1e9
        reasons = (
            (self.ended, "asked"),
            # nobody would end it any more, and the port would stay taken
            (os.getppid() != self._parent, "orphan"),
            # without a journal there is nothing to judge
            (self.diary.error is not None, "journal"),
            (self._finished_ns is not None and self._drained(now_ns), "complete"),
            (not program.started and still_s > plan.start_timeout_s, "no permit"),
            (
                program.started and not program.finished and still_s > plan.stall_timeout_s,
                "stalled",
            ),
        )
        return next((why for holds, why in reasons if holds), "")

    def _drained(self, now_ns: int) -> bool:
        # the last records may come behind the ejector, and count as late or doubled
        since_ns = self._finished_ns if self._finished_ns is not None else now_ns
        return now_ns - since_ns >= self._plan.drain_ms * NS_PER_MS

    def _pace(self) -> None:
        """Sleep to the next scan on the absolute grid; scans that were missed are skipped."""
        self._next_ns += self._scan_ns
        # a scan that the station held up makes the next one late, and that is not ours
        self._owed.since(max(self._next_ns, self._done_ns), "scan")
        late_ns = time.monotonic_ns() - self._next_ns
        if late_ns > 0:
            missed = late_ns // self._scan_ns
            self.missed_scans += missed
            self._next_ns += missed * self._scan_ns
        else:
            time.sleep(-late_ns / 1e9)

    def _carry_out(self, step: Step) -> None:
        for_ns = round(step.for_ms * NS_PER_MS)
        # a restart is both: first nobody is there, then the program stands still
        if step.do in {"drop_connections", "restart"}:
            self.wire.drop(for_ns, clear=step.do == "restart")
        if step.do in {"stop_scan", "restart"}:
            self._stand_still(for_ns)
        if step.do == "restart":
            self.program.reboot(ids_restart=step.ids == "restart")

    def _stand_still(self, for_ns: int) -> None:
        until_ns = time.monotonic_ns() + for_ns
        while (left_ns := until_ns - time.monotonic_ns()) > 0:
            if self.ended or os.getppid() != self._parent:
                break
            time.sleep(min(left_ns / 1e9, _SLICE_S))
        # a pause that was asked for is no stall, and brings no missed scans
        self._next_ns = self._moved_ns = time.monotonic_ns()


def main(plan: str) -> int:
    """Run the plan, given as JSON; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when the judge stops
    try:
        simulator = Simulator(Plan.model_validate_json(plan))
    except (ValueError, GonogoError, OSError) as error:
        sys.stderr.write(f"PLC simulator: {error}\n")
        return EXIT_FAILED
    return _run(simulator)


def _run(simulator: Simulator) -> int:
    def ask(what: str) -> Callable[..., None]:
        return lambda *_: setattr(simulator, what, True)

    signal.signal(signal.SIGTERM, ask("ended"))
    # only flags: a handler may run inside anything
    signal.signal(signal.SIGUSR1, ask("rush"))
    signal.signal(signal.SIGUSR2, ask("clear"))
    sys.setswitchinterval(0.0005)  # the default 5 ms would let a thread hold up a scan
    gc.freeze()  # what was loaded is not gone through again at every collection
    simulator.rise()
    try:
        sys.stdout.write(f"ready {simulator.wire.port}\n")
        # the parent starts the station when it reads this: a client must find a server
        sys.stdout.flush()
        why = simulator.run()
    finally:
        simulator.close()
    if simulator.diary.error is not None:
        sys.stderr.write(f"PLC simulator: journal not written: {simulator.diary.error}\n")
        return EXIT_FAILED
    return EXIT_STALLED if why in {"no permit", "stalled"} else 0


if __name__ == "__main__":
    sys.exit(main(handed_over()))
