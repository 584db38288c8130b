"""`gonogo plc probe` where there is no PLC: an output of our own, tried without any part."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple, cast

from gonogo.base.words import NS_PER_MS, VerdictKind
from gonogo.commands.measure import Spread
from gonogo.plc.link.probe import BEAT_NS
from gonogo.plc.link.proof import proof_of
from gonogo.plc.register_map import D_WORDS, DI_BITS, HEART_AT
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.module import in_words
from gonogo.plc.transports.transport import ProcessImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.commands.plc_probe_order import ProbeOrder
    from gonogo.config.station import Station
    from gonogo.plc.link.proof import Proof
    from gonogo.plc.reject_tracker import EjectSection
    from gonogo.plc.transports.module import Module, ModuleSection
    from gonogo.plc.transports.senses import Sensed

    Say = Callable[[str], None]

_SHARE = 0.5  # of the ejector's window: a coil that moves later catches the wrong part


class Drive(NamedTuple):
    """What came of telling the coil one thing: what is wrong, and times in ms."""

    wrong: str
    trips_ms: list[float]
    follows_ms: float | None


def probe_module(
    station: Station,
    section: ModuleSection,
    order: ProbeOrder,
    say: Say,
    make: Callable[[int], Module] | None = None,
) -> int:
    """0 when nothing is wrong, 1 otherwise; LinkError or GpioError says why it cannot be tried.

    `make` instead of what the station file names, from a wake descriptor.
    """
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    wire = section.of_station(station.station.name)
    transport = make(wake_fd) if make else cast("Module", make_transport(wire, wake_fd))
    try:
        transport.open()
        wrong = _watch(transport, section, order.times.watch_s, say)
        wrong = wrong or _try(transport, station, section, order, say)
    finally:
        transport.close()
        os.close(wake_fd)
    for finding in wrong:
        say(f"  WRONG  {finding}")
    say(f"{len(wrong)} finding(s)" if wrong else "nothing wrong found")
    return 1 if wrong else 0


def _watch(transport: Module, section: ModuleSection, for_s: float, say: Say) -> list[str]:
    """Whether somebody else switches it; nothing is written."""
    seen, end_s = [transport.found()], time.monotonic() + for_s
    for line in in_words(seen[0]):
        say(f"before anything was written {line}")
    while time.monotonic() < end_s:
        transport.wait(section.poll_ms / 1000)
        seen.append(transport.found())
    # at any moment: a foreign master may switch it for parts of its own
    on = any(found["output"] for found in seen)
    return [section.stranger] if on else []


def _try(
    transport: Module,
    station: Station,
    section: ModuleSection,
    order: ProbeOrder,
    say: Say,
) -> list[str]:
    eject, proof = station.eject, proof_of(section)
    if eject is None or proof is None:  # the station file was refused
        return []
    hold_s, kind = order.times.hold_s, order.drive
    # off first: that is what its ejector stands at while nothing passes
    drive = _drive(transport, proof, section, hold_s, on=False)
    trips = Spread.of(drive.trips_ms)
    say(f"{trips.number} exchanges: p50 {trips.p50:.2f}, p99 {trips.p99:.2f} ms")
    if drive.wrong:
        return [drive.wrong]
    say("told off, the output reads off; --drive accept or reject tries the other, too")
    if kind is not None:
        # what the coil says of such a part, on a machine that ejects with it on, or off
        on = (kind is VerdictKind.ACCEPT) is (eject.on_means == "pass")
        drive = _drive(transport, proof, section, hold_s, on=on)
        if drive.wrong:
            return [drive.wrong]
        say(f"told {_word(on=on)} ({kind.name}), it read so after {drive.follows_ms:.1f} ms")
    return _too_slow(transport, station.station.speed_mm_s, eject)


def _drive(
    transport: Module, proof: Proof, section: ModuleSection, hold_s: float, *, on: bool
) -> Drive:
    """Hold the coil for as long as it may take to follow, and believe what is read."""
    feedback_ms = section.feedback.within_ms if section.feedback is not None else 0.0
    # as long as the station itself would wait before it calls the output dead
    hold_ns = hold_s * 1e9 + (section.readback_ms + feedback_ms) * NS_PER_MS
    trips_ms: list[float] = []
    begin_ns, follows_ms, said = time.monotonic_ns(), None, ""
    while not said and time.monotonic_ns() - begin_ns < hold_ns:
        start_ns = time.monotonic_ns()
        sensed: Sensed | None = transport.exchange(_image(on=on)).sensed
        trips_ms.append((time.monotonic_ns() - start_ns) / NS_PER_MS)
        if sensed is not None:
            # the same proof as in service: what it finds here it would find with parts on the belt
            said = proof.judge(sensed)
            # the first time that it read so
            if follows_ms is None and sensed.output is on:
                follows_ms = (sensed.at_ns - begin_ns) / NS_PER_MS
        transport.wait(section.poll_ms / 1000)
    return Drive(said, trips_ms, follows_ms)


def _image(*, on: bool) -> ProcessImage:
    """A module has no words but a heart, which turns pulses over; the coil is the last bit."""
    words = [0] * D_WORDS
    words[HEART_AT] = time.monotonic_ns() // BEAT_NS & 0xFFFF
    return ProcessImage(words, (*(False,) * DI_BITS, on))


def _too_slow(transport: Module, speed_mm_s: float, eject: EjectSection) -> list[str]:
    begin_ms, end_ms = eject.window_ms(speed_mm_s)
    most_ms, reply_ms = _SHARE * (end_ms - begin_ms), transport.reply_ns / NS_PER_MS
    finding = (
        f"the module: a reply takes {reply_ms:.1f} ms, expected at most {most_ms:.1f} ms (half of "
        "the ejector's window): the coil would move for the wrong part; take a faster module, or "
        "a longer window_mm"
    )
    return [finding] if reply_ms > most_ms else []


def _word(*, on: bool) -> str:
    return "on" if on else "off"
