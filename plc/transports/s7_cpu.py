"""The state of an S7 CPU, asked for now and then, and said in the log when it changes.

A CPU in STOP goes on answering reads and writes: PLC_HEART decides, and this says why it stands.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

_log = get_logger("gonogo.plc")

CPU_STATE_NS = 1_000_000_000  # one request more than an exchange needs: once a second


class CpuWatch:
    """`ask` brings the state, None from a PLC that does not tell it; its LinkError passes."""

    def __init__(self, peer: str, ask: Callable[[], str | None]) -> None:
        self._peer = peer
        self._ask = ask
        self._said = ""  # said last; kept over connections, so that a flapping link is no flood
        self._due_ns: int | None = 0  # None: the PLC does not say

    def reconnected(self) -> None:
        """Another CPU may answer: it is asked at once."""
        self._due_ns = 0

    def ask_if_due(self) -> None:
        """Ask for the state when it is time, and say in the log when it changed."""
        now_ns = time.monotonic_ns()
        if self._due_ns is None or now_ns < self._due_ns:
            return
        # LinkError passes: then it is due again at once, on the next connection
        state = self._ask()
        self._due_ns = None if state is None else now_ns + CPU_STATE_NS
        said, self._said = self._said, state or "unknown"
        if self._said != said:
            self._say()

    def _say(self) -> None:
        if self._said == "RUN":
            _log.info("plc_cpu_runs", text="%(peer)s: the CPU is in RUN", peer=self._peer)
        elif self._said == "unknown":
            _log.info(
                "plc_cpu_untold",
                text="%(peer)s: does not tell its CPU state; PLC_HEART alone decides",
                peer=self._peer,
            )
        else:
            _log.warning(
                "plc_cpu_stopped",
                text=(
                    "%(peer)s: the CPU is in %(state)s, not in RUN: PLC_HEART stands still and "
                    "permit goes"
                ),
                peer=self._peer,
                state=self._said,
            )
