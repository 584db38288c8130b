"""A verdict written and acknowledged against a stack that sends header and body apart, Nagle on.

The control is the same third-party server through the same pipe, which hands on whole replies
at once. Without acknowledgements of ours that come at once, each reply is 40 ms late.
"""

from __future__ import annotations

import contextlib
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.proving.bench import wire
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import percentile
from gonogo.proving.peers.apart import MBAP, TPKT, Apart, Gateway

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS, TURNS = 300, 3  # exchanges a turn: 40 ms each, were it not for our acknowledgements
NAMES = ("verdict_to_ack_apart_modbus", "verdict_to_ack_apart_s7")
LIMIT = 2.0  # header and body apart cost a segment, and not a timer


def measure() -> list[Row]:
    """One row a protocol."""
    return [
        _row(NAMES[0], MBAP, wire.libmodbus, "libmodbus (gcc and libmodbus-dev)"),
        _row(NAMES[1], TPKT, wire.libsnap7, "native libsnap7 (tests/peers/install.sh)"),
    ]


def _row(
    name: str, head: int, server: Callable[[ExitStack], wire.Server | None], needs: str
) -> Row:
    with ExitStack() as stack:
        found = server(stack)
        if found is None:
            return Row(name, None, None, "lower", "us", LIMIT, f"not run: needs {needs}")
        apart, polite = [], []
        # in turns: both sides see the same minutes of a shared box
        for _ in range(TURNS):
            apart += through(Apart, found, head)
            polite += through(Gateway, found, head)
    # half of the 40 ms for which a kernel holds an acknowledgement back
    late = sum(us > 20_000 for us in apart)
    note = f"p50 of {len(apart)} exchanges against {needs}; {late} of them 20 ms late or more; "
    note += f"p99 {percentile(apart, 99):.0f} us over {percentile(polite, 99):.0f} us"
    return Row(name, percentile(apart, 50), percentile(polite, 50), "lower", "us", LIMIT, note)


def through(
    pipe: Callable[[int, int], Gateway], server: wire.Server, head: int, runs: int = RUNS
) -> list[float]:
    """Microseconds of each exchange through that pipe; the first ones are not counted."""
    # through the same kind of pipe both times: its own cost is in both
    with contextlib.closing(pipe(server.port, head)) as between:
        return wire.exchanges(server.section(between.port), runs)
