"""The journal of the PLC simulator: what the judge reads.

The journal holds one JSON object a line, in the order of happening: `event`,
`t_ns` (CLOCK_MONOTONIC), and

    start       plan, port, pid, rank (its real-time priority; 0: it has none)
    link        what ("connected", "disconnected", "refusing", "listening", "unreachable",
                "image valid", "image invalid", "heart beats", "heart stands still"), peer or error
    session     session echoed, ack_seq that both sides count on from
    permit      on
    trigger     part (serial from 1), part_id, scan_ns, good, label
    heard       part_id: the station has read this PART_ID, for the first time
    behind      what, since_ns: the simulator was itself late, from then until t_ns. A "scan" that
                was due (or was held up), a "reply" to a request that lay in the socket, a "poll"
                whose reply lay there. Told from one missed scan, or from 10 ms, on; what a script
                or a station that does not answer holds up is not told
    record      part, part_id, seq, verdict, reason, score (0-10000), flags, latency_100us (0.1 ms),
                arrival_ns (RES_SEQ reached it here), scan_ns (the scan that saw it), bits
                (DI0-DI6 or null), taken ("timely", "late", "doubled", "lost", or "unplanned": of a
                part that a device trigger saw before the first or after the last of this run)
    wrong_part  the keys of record, for a part id that is not on the belt
    torn        seq expected, seq_a, seq_b: told once, read again at every scan
    astray      why ("session unknown", "sequence jumped"), res_seq, ack_seq: nothing is read
    resync      cmd_seq: that went on for a second, so a resync was commanded
    ack         seq, arrival_ns and scan_ns of its record; t_ns is when the ack was published
    pass, eject part, part_id, why (conveyor.Why), good, label
    fault       part, and the keys of the scripted step
    rush        for_ms: parts come faster for so long
    clear       cmd_seq: the operator commanded the station to clear its faults
    end         why ("complete", "asked", "orphan", "no permit", "stalled", "journal"), parts,
                scans, missed_scans
"""

from __future__ import annotations

import json
import queue
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.proving.plcsim.plan import PartTruth

    Tell = Callable[..., None]  # Diary.tell, or a test's: event, t_ns, and the event's keys

_WITH_TRUTH = frozenset({"trigger", "pass", "eject"})


class Diary:
    """The journal file, written by a thread of its own so that no scan waits for the disk.

    Whole lines only go to the file, so that a killed simulator leaves nothing but
    complete lines. `error` is set when writing failed; nothing is written after that.
    """

    def __init__(self, path: Path, truth: Callable[[int], PartTruth]) -> None:
        self._truth = truth
        # SimpleQueue.put never waits: the scan and the serving thread both tell here
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        # unbuffered: a killed process loses what is queued, and leaves no half line
        self._file = path.open("wb", buffering=0)
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def tell(self, event: str, t_ns: int, **keys: object) -> None:
        """Add an event; never waits."""
        self._queue.put({"t_ns": t_ns, "event": event, **keys})

    def close(self) -> None:
        """Write what is left; idempotent."""
        # after all that was told: the thread ends when it comes by
        self._queue.put(None)
        self._thread.join()
        self._file.close()

    def _run(self) -> None:
        try:
            while (event := self._queue.get()) is not None:
                self._write(event)
        # a full disk must not end the thread in silence: the simulator reads `error` at every scan
        except Exception as error:  # noqa: BLE001 - whatever it was, the run must say so
            self.error = error

    def _write(self, event: dict[str, Any]) -> None:
        if event["event"] in _WITH_TRUTH:
            # here and not in the scan: the first look at an image reads a file
            event["good"], event["label"] = self._truth(event["part_id"])
        left = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        while left:
            left = left[self._file.write(left) :]  # an unbuffered write may take a part only
