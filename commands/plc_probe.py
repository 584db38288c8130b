"""`gonogo plc probe`: connect to a station's PLC, measure it, say what is wrong, try a verdict."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkRefused, ProbeRefused
from gonogo.base.words import Mode, Part, Reason, Verdict
from gonogo.commands.measure import Spread
from gonogo.commands.plc_probe_module import probe_module
from gonogo.ipc.station_lock import StationLock
from gonogo.plc.handshake.state import Condition
from gonogo.plc.link.findings import findings, may_drive, pattern_says
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.link.probe import listen, look_first
from gonogo.plc.link.reply_time import Timed, delayed, proposals
from gonogo.plc.link.widest import narrowed
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.module import ModuleSection

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.commands.plc_probe_order import ProbeOrder
    from gonogo.config.station import Station
    from gonogo.plc.link.probe import Heard
    from gonogo.plc.link.reply_time import Reply
    from gonogo.plc.transports.section import TransportSection

    Say = Callable[[str], None]

# between two looks at whether the PLC has answered; the link has a thread of its own
TURN_S = 0.01
NS_PER_S = 1_000_000_000


def probe_plc(station: Station, order: ProbeOrder, say: Say) -> int:
    """0 when nothing is wrong, 1 otherwise; ProbeRefused, StationRunning, LinkError say why not.

    AnotherDevice: somebody else's heart beats in our words; nothing has been written then.
    """
    # the running station owns the PLC
    lock = StationLock(station.station.name, station.records.path.parent)
    try:
        # no program behind it that could answer: a module is tried in another way
        if isinstance(station.plc, ModuleSection):
            return probe_module(station, station.plc, order, say)
        heard, reply, wrong = _heard(station.plc, order, say)
        _tell(heard, say)
        # 0 but for serial lines, on which a round of all words takes longer than a scan
        wire_ms = station.plc.poll_cycle_ms
        _propose(proposals(station.plc, reply, heard.echo_ms, wire_ms), say)
        wrong += findings(heard, station.plc.scan_ms, wire_ms) + _delayed(reply, wire_ms)
        wrong += _pattern(order.pattern, say)
        for finding in wrong:
            say(f"  WRONG  {finding}")
        # nobody's ejector is moved through a link that is known to be wrong
        if not wrong:
            _drive(station, heard, order, say)
    finally:
        lock.close()
    say(f"{len(wrong)} finding(s)" if wrong else "nothing wrong found")
    return 1 if wrong else 0


def _heard(
    section: TransportSection, order: ProbeOrder, say: Say
) -> tuple[Heard, Reply, list[str]]:
    """What was heard, and what had to be changed for it to be heard at all."""
    try:
        return *_listen(section, order, say), []
    # a PLC that takes fewer registers in one write says so at the first one
    except LinkRefused as error:
        narrow = narrowed(section, error)
        if narrow is None:
            raise
    finding = (
        f"the PLC takes {narrow.max_words} words in one write at most: set max_words = "
        f"{narrow.max_words} in [plc], and leave atomic_writes out"
    )
    return *_listen(narrow, order, say), [finding]


def _listen(section: TransportSection, order: ProbeOrder, say: Say) -> tuple[Heard, Reply]:
    trips, times = order.trips, order.times
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    # times each reply on its way, so that a timeout can be proposed
    transport = Timed(make_transport(section, wake_fd), section, kept=trips)
    try:
        transport.open()
        poll_s = section.poll_ms / 1000
        # before anything is written: words of another station must not be written over
        if found := look_first(transport, times.first_s, poll_s):
            say(f"before the first write: {found}")
        heard = listen(transport, trips, times.least_s, times.most_s, poll_s)
        return heard, transport.reply
    finally:
        transport.close()
        os.close(wake_fd)


def _tell(heard: Heard, say: Say) -> None:
    trips = Spread.of(heard.trips_ms)
    quantiles = f"p50 {trips.p50:.2f}, p99 {trips.p99:.2f}, max {trips.most:.2f} ms"
    say(f"{trips.number} exchanges: {quantiles}")
    if heard.heart_gaps_ms:
        gaps = Spread.of(heard.heart_gaps_ms)
        say(f"PLC_HEART changes every {gaps.p50:.1f} ms (median), {gaps.most:.1f} ms at most")
    if heard.echo_ms:
        echoes = Spread.of(heard.echo_ms)
        say(f"DEV_HEART comes back after {echoes.p50:.1f} ms (median): two scans")
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
    # two registers are one number in the PLC: which of them it takes for the higher half is what
    # goes wrong
    words = pattern_says(shown)
    say(f"D24-D25 read {shown} in the PLC: {words}")
    return [] if words.endswith("is right") else [f"word order: {words}"]


def _drive(station: Station, heard: Heard, order: ProbeOrder, say: Say) -> None:
    """One record for the PLC's present part, as a running station would send it."""
    kind, within_s = order.drive, order.times.drive_s
    if kind is None:
        return
    # parts may be flowing: a verdict by hand would be of one of them
    refusal = may_drive(heard.plc)
    if refusal:
        raise ProbeRefused(refusal)
    link = PlcLink(station.plc, LinkedStation(round(within_s * NS_PER_S)))
    # as a station that is well: the PLC takes a verdict from no other
    link.condition = Condition(tested=True, camera_ok=True, engine_ok=True, time_valid=True)
    link.start()
    try:
        # only then are results of ours counted by it
        _await(link, lambda: link.synced, within_s, "the PLC did not follow our SESSION_ID")
        now_ns = time.monotonic_ns()
        later_ns = now_ns + round(within_s * NS_PER_S)
        part = Part(1, heard.plc.part_id, now_ns, later_ns, later_ns, later_ns)
        link.report(part, Verdict(kind, Reason.OK, 0, Mode.FULL, kind, kind))
        deliveries = []

        def acknowledged() -> bool:
            # what the link's thread has heard since the last time
            deliveries.extend(link.deliveries())
            return any(delivery.delivered for delivery in deliveries)

        otherwise = f"the record ({kind.name}) was not acknowledged (ACK_SEQ, P104)"
        _await(link, acknowledged, within_s, otherwise)
        delivery = next(each for each in deliveries if each.delivered)
        took_ms = (delivery.acked_ns - delivery.published_ns) / 1e6
        say(f"{kind.name} for part {delivery.part_id}: acknowledged after {took_ms:.1f} ms")
    finally:
        # what the probe has to say was said; a wire that is gone by now changes nothing of it
        with contextlib.suppress(OSError):
            link.close()


def _await(link: PlcLink, done: Callable[[], bool], within_s: float, otherwise: str) -> None:
    end_s = time.monotonic() + within_s
    while not done():
        # the link stops its heart when nobody feeds it, as for a line that hangs
        link.alive(time.monotonic_ns())
        if time.monotonic() > end_s:
            raise ProbeRefused(f"{otherwise} within {within_s:g} s")
        time.sleep(TURN_S)
