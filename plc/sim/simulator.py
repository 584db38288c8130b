"""The PLC simulator: a process of its own that plays PLC, belt and ejector, and judges the station.

    python -I -m gonogo.plc.sim.simulator '{"journal": "run.jsonl", "parts": 100, ...}'

The one argument is a `Plan` as JSON. It prints "ready <port>" when it serves or
polls, and runs until every part has been through the ejector and a drain time
has passed, or until SIGTERM. On SIGUSR1 parts come faster for a while. It ignores
SIGINT and ends when its parent does.
Exit codes: 0 complete or asked to end, 2 it could not run, 3 the station never
gave its permit or the belt stood still too long.

The events of the journal are described in gonogo.plc.sim.diary.

Not simulated: an encoder that slips, a PLC that applies a write in pieces, the
small-PLC way of reading coils only (its bits are recorded, not decided on).
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from gonogo.plc.sim.diary import Diary
from gonogo.plc.sim.net import Client, Server
from gonogo.plc.sim.plan import Plan, Step, truths
from gonogo.plc.sim.program import NS_PER_MS, Program
from gonogo.plc.sim.wire import BITS, D_RES_SEQ, D_WORDS, Arrivals, Bank, Seen
from gonogo.runtime.errors import GonogoError, LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.plc.sim.program import Tell

__all__ = ["Plan", "Simulator", "Step", "main"]

EXIT_FAILED, EXIT_STALLED = 2, 3
_RETRY_NS = 100 * NS_PER_MS
_SLICE_S = 0.02  # how fast a pause hears of SIGTERM


class Served:
    """The wire to a station that is a Modbus client: the PLC serves."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._bank = Bank(plan.d_base, plan.p_base, plan.coil_base)
        self._server = Server(self._bank, plan.host, plan.port, _noting(tell))
        self.port = self._server.port

    def read(self) -> Seen | None:
        """The process image: what has arrived by now."""
        return self._bank.look()

    def write(self, words: Sequence[int]) -> None:
        """Publish P100-P119."""
        self._bank.speak(words)

    def drop(self, for_ns: int, *, clear: bool) -> None:
        """Close all connections and refuse new ones for that long; `clear` the registers too."""
        self._server.drop(for_ns)
        if clear:
            self._bank.clear()

    def close(self) -> None:
        """Stop serving."""
        self._server.close()


class Polled:
    """The wire to a station that is a Modbus server: the PLC polls it once a scan."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._plan, self._note = plan, _noting(tell)
        self._client: Client | None = None
        self._arrivals = Arrivals()
        self._not_before_ns = 0
        self._said = ""
        self.port = plan.port

    def read(self) -> Seen | None:
        """Poll block D and the discrete inputs; None when the station cannot be reached."""
        try:
            client = self._connected()
            if client is None:
                return None
            words = client.read_words(self._plan.d_base, D_WORDS)
            self._arrivals.note(words[D_RES_SEQ], time.monotonic_ns())
            bits = client.read_bits(0, BITS) if self._plan.read_bits else None
        except LinkError as error:
            self._lose(error)
            return None
        return Seen(words, bits, self._arrivals.stamps_ns[:])

    def write(self, words: Sequence[int]) -> None:
        """Write P100-P119 to the station."""
        if self._client is not None:
            try:
                self._client.write_words(self._plan.p_base, words)
            except LinkError as error:
                self._lose(error)

    def drop(self, for_ns: int, *, clear: bool) -> None:
        """Hang up for that long; `clear` forgets what was seen."""
        self.close()
        self._say("refusing")
        self._not_before_ns = time.monotonic_ns() + for_ns
        if clear:
            self._arrivals = Arrivals()

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> Client | None:
        if self._client is None and time.monotonic_ns() >= self._not_before_ns:
            plan = self._plan
            timeout_s = plan.poll_timeout_ms / 1000
            self._client = Client(plan.host, plan.port, plan.unit_id, timeout_s)
            self._say("connected", peer=f"{plan.host}:{plan.port}")
        return self._client

    def _lose(self, error: LinkError) -> None:
        self._say("disconnected" if self._client is not None else "unreachable", error=str(error))
        self.close()
        self._not_before_ns = time.monotonic_ns() + _RETRY_NS

    def _say(self, what: str, **keys: object) -> None:
        if what != self._said:  # a station that stays away is told once
            self._said = what
            self._note(what, **keys)


class Simulator:
    """One run of a plan; `ended` and `rush` may be set at any time, by a signal handler too."""

    def __init__(self, plan: Plan) -> None:
        truth = truths(plan)
        truth(plan.first_id)  # sections that cannot tell must fail before the run
        self._plan = plan
        self.diary = Diary(plan.journal, truth)
        self.program = Program(plan, self.diary.tell)
        try:
            wire = Served if plan.station == "client" else Polled
            self.wire: Served | Polled = wire(plan, self.diary.tell)
        except BaseException:
            self.diary.close()
            raise
        self._scan_ns = round(plan.scan_ms * NS_PER_MS)
        self._parent = os.getppid()
        self.ended = self.rush = False
        self.scans = self.missed_scans = 0
        self._finished_ns: int | None = None

    def run(self) -> str:
        """Scan until the run is over; returns why it ended."""
        self._start_ns = self._next_ns = self._moved_ns = time.monotonic_ns()
        plan = self._plan.model_dump(mode="json")
        self.diary.tell("start", self._start_ns, plan=plan, port=self.wire.port, pid=os.getpid())
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
        if self.rush:
            self.rush = False
            self.program.rush(now_ns)
        self.wire.write(self.program.scan(seen, now_ns))
        self.program.published(time.monotonic_ns())
        if len(self.program.belt):
            self._moved_ns = now_ns
        if self.program.step is not None:
            self._carry_out(self.program.step)

    def close(self) -> None:
        """End the wire, then write the journal to its end."""
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
            (os.getppid() != self._parent, "orphan"),
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
        since_ns = self._finished_ns if self._finished_ns is not None else now_ns
        return now_ns - since_ns >= self._plan.drain_ms * NS_PER_MS

    def _pace(self) -> None:
        """Sleep to the next scan on the absolute grid; scans that were missed are skipped."""
        self._next_ns += self._scan_ns
        late_ns = time.monotonic_ns() - self._next_ns
        if late_ns > 0:
            missed = late_ns // self._scan_ns
            self.missed_scans += missed
            self._next_ns += missed * self._scan_ns
        else:
            time.sleep(-late_ns / 1e9)

    def _carry_out(self, step: Step) -> None:
        for_ns = round(step.for_ms * NS_PER_MS)
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
        self._next_ns = self._moved_ns = time.monotonic_ns()


def main(arguments: Sequence[str]) -> int:
    """Run the plan given as the one argument; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when the judge stops
    try:
        simulator = Simulator(Plan.model_validate_json("".join(arguments)))
    except (ValueError, GonogoError, OSError) as error:
        sys.stderr.write(f"PLC simulator: {error}\n")
        return EXIT_FAILED
    return _run(simulator)


def _run(simulator: Simulator) -> int:
    def end(_signal: int, _frame: object) -> None:
        simulator.ended = True

    def rush(_signal: int, _frame: object) -> None:
        simulator.rush = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGUSR1, rush)
    sys.setswitchinterval(0.0005)  # the default 5 ms would let a thread hold up a scan
    gc.freeze()
    try:
        sys.stdout.write(f"ready {simulator.wire.port}\n")
        sys.stdout.flush()
        why = simulator.run()
    finally:
        simulator.close()
    if simulator.diary.error is not None:
        sys.stderr.write(f"PLC simulator: journal not written: {simulator.diary.error}\n")
        return EXIT_FAILED
    return EXIT_STALLED if why in {"no permit", "stalled"} else 0


def _noting(tell: Tell) -> Callable[..., None]:
    def note(what: str, **keys: object) -> None:
        tell("link", time.monotonic_ns(), what=what, **keys)

    return note


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
