"""`gonogo plc probe`: connect to a station's PLC, measure it, say what is wrong, try a verdict."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import LinkRefused, ProbeRefused
from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.commands.plc_probe_module import probe_module
from gonogo.ipc.station_lock import StationLock
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.findings import findings, may_drive, pattern_says
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.link.probe import listen, look_first
from gonogo.plc.link.reply_time import Timed, delayed, proposals
from gonogo.plc.link.widest import narrowed
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.modbus_io import ModbusIoSection

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.config.station import Station
    from gonogo.plc.link.probe import Heard
    from gonogo.plc.link.reply_time import Reply
    from gonogo.plc.transports.section import TransportSection

    Say = Callable[[str], None]

LOOK_S = 1.0  # ten beats of whoever else is there
LEAST_S, MOST_S = 3.0, 30.0
DRIVE_S = 10.0
TURN_S = 0.01
NS_PER_S = 1_000_000_000


class ProbeOrder(NamedTuple):
    """How many round trips; the PLC's view of D24-D25; a verdict to drive by hand."""

    trips: int = 1000
    pattern: int | None = None
    drive: VerdictKind | None = None


def probe_plc(station: Station, order: ProbeOrder, say: Say) -> int:
    """0 when nothing is wrong, 1 otherwise; ProbeRefused, StationRunning, LinkError say why not.

    AnotherDevice: somebody else's heart beats in our words; nothing has been written then.
    """
    # the running station owns the PLC
    lock = StationLock(station.station.name, station.records.path.parent)
    try:
        if isinstance(station.plc, ModbusIoSection):
            return probe_module(station, station.plc, order.drive, say)
        heard, reply, wrong = _heard(station, order.trips, say)
        _tell(heard, say)
        wire_ms = station.plc.poll_cycle_ms
        _propose(proposals(station.plc, reply, heard.echo_ms, wire_ms), say)
        wrong += findings(heard, station.plc.scan_ms, wire_ms) + _delayed(reply, wire_ms)
        wrong += _pattern(order.pattern, say)
        for finding in wrong:
            say(f"  WRONG  {finding}")
        if order.drive is not None and not wrong:
            _drive(station, heard, order.drive, say)
    finally:
        lock.close()
    say(f"{len(wrong)} finding(s)" if wrong else "nothing wrong found")
    return 1 if wrong else 0


def _heard(station: Station, trips: int, say: Say) -> tuple[Heard, Reply, list[str]]:
    """What was heard, and what had to be changed for it to be heard at all."""
    try:
        return *_listen(station.plc, trips, say), []
    except LinkRefused as error:
        section = narrowed(station.plc, error)
        if section is None:
            raise
    finding = (
        f"the PLC takes {section.max_words} words in one write at most: set max_words = "
        f"{section.max_words} in [plc], and leave atomic_writes out"
    )
    return *_listen(section, trips, say), [finding]


def _listen(section: TransportSection, trips: int, say: Say) -> tuple[Heard, Reply]:
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    transport = Timed(make_transport(section, wake_fd), section, kept=trips)
    try:
        transport.open()
        poll_s = section.poll_ms / 1000
        if found := look_first(transport, LOOK_S, poll_s):
            say(f"before the first write: {found}")
        return listen(transport, trips, LEAST_S, MOST_S, poll_s), transport.reply
    finally:
        transport.close()
        os.close(wake_fd)


def _tell(heard: Heard, say: Say) -> None:
    p50, p99 = np.percentile(heard.trips_ms, [50, 99])
    worst = max(heard.trips_ms)
    say(f"{len(heard.trips_ms)} exchanges: p50 {p50:.2f}, p99 {p99:.2f}, max {worst:.2f} ms")
    if heard.heart_gaps_ms:
        gap_ms, longest = np.median(heard.heart_gaps_ms), max(heard.heart_gaps_ms)
        say(f"PLC_HEART changes every {gap_ms:.1f} ms (median), {longest:.1f} ms at most")
    if heard.echo_ms:
        say(f"DEV_HEART comes back after {np.median(heard.echo_ms):.1f} ms (median): two scans")
    plc = heard.plc
    say(f"map version {plc.map_version}, CTRL 0x{plc.ctrl:04x}, PART_ID {plc.part_id}")


def _propose(lines: list[str], say: Say) -> None:
    if lines:
        say("measured; for [plc] in the station file:")
    for line in lines:
        say(f"  {line}")


def _delayed(reply: Reply, wire_ms: float) -> list[str]:
    """A serial line has no acknowledgements."""
    found = "" if wire_ms else delayed(reply)
    return [f"replies: {found}"] if found else []


def _pattern(shown: int | None, say: Say) -> list[str]:
    if shown is None:
        say("word order: D24-D25 must read 305419896 (16#12345678) in the PLC, D26-D27 1.5")
        return []
    words = pattern_says(shown)
    say(f"D24-D25 read {shown} in the PLC: {words}")
    return [] if words.endswith("is right") else [f"word order: {words}"]


def _drive(station: Station, heard: Heard, kind: VerdictKind, say: Say) -> None:
    """One record for the PLC's present part, as a running station would send it."""
    refusal = may_drive(heard.plc)
    if refusal:
        raise ProbeRefused(refusal)
    link = PlcLink(station.plc, LinkedStation(round(DRIVE_S * NS_PER_S)))
    link.condition = Condition(tested=True, camera_ok=True, engine_ok=True, time_valid=True)
    link.start()
    try:
        _await(link, lambda: link.synced, "the PLC did not follow our SESSION_ID")
        now_ns = time.monotonic_ns()
        later_ns = now_ns + round(DRIVE_S * NS_PER_S)
        part = Part(1, heard.plc.part_id, now_ns, later_ns, later_ns, later_ns)
        link.report(part, Verdict(kind, Reason.OK, 0, Mode.FULL, kind, kind))
        deliveries = []

        def acknowledged() -> bool:
            deliveries.extend(link.deliveries())
            return any(delivery.delivered for delivery in deliveries)

        _await(link, acknowledged, f"the record ({kind.name}) was not acknowledged (ACK_SEQ, P104)")
        delivery = next(delivery for delivery in deliveries if delivery.delivered)
        took_ms = (delivery.acked_ns - delivery.published_ns) / 1e6
        say(f"{kind.name} for part {delivery.part_id}: acknowledged after {took_ms:.1f} ms")
    finally:
        with contextlib.suppress(OSError):
            link.close()


def _await(link: PlcLink, done: Callable[[], bool], otherwise: str) -> None:
    end_s = time.monotonic() + DRIVE_S
    while not done():
        link.alive(time.monotonic_ns())
        if time.monotonic() > end_s:
            raise ProbeRefused(f"{otherwise} within {DRIVE_S:g} s")
        time.sleep(TURN_S)
