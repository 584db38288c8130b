"""How long a PLC takes to reply, against its own scan: measured, and said in one line.

`Timed` is any transport with a clock beside it; `gonogo plc probe` proposes the station file's
`scan_ms` and `timeout_ms` from it, and the running link says once what it found.

A reply that comes 40 or 200 ms late, again and again, waits for a clock that is not the PLC's
scan: the delayed acknowledgement of TCP. Some stack on the way sends header and body apart with
Nagle's algorithm on, and the peer it speaks to acknowledges late. We acknowledge at once
(gonogo.plc.transports.tcp), so it is the PLC and a gateway before it, or two gateways.
"""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.log.logger import get_logger
from gonogo.plc.register_map import PlcWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Callers, Inputs, ProcessImage, Transport

_log = get_logger("gonogo.plc")

FIRST_S, AGAIN_S = 10.0, 60.0  # after connecting, and after that
_KEPT = 256  # exchanges; to look through them takes the link's thread a tenth of a millisecond
_FEW = 50
_NS_PER_MS = 1e6
_HEART = PlcWords._fields.index("heart")
_WORD = 0xFFFF
_SCANS_MS = (0.2, 1000.0)  # a count beyond that is not one of scans
CLOCKS_MS = {40.0: "Linux", 200.0: "Windows and many small stacks"}
_EARLY, _LATE = 0.15, 0.3  # of the clock: timers of 10 ms round up, the reply takes its own time
_REQUESTS = 3  # in one exchange, at most
_SHARE = 0.2


class Reply(NamedTuple):
    """Replies in ms; `scan_ms` is from one count of PLC_HEART to the next, 0: not known."""

    trips_ms: tuple[float, ...]
    scan_ms: float

    def part_ms(self, share: float) -> float:
        """That share of the exchanges took no longer."""
        ordered = sorted(self.trips_ms)
        return ordered[min(math.ceil(share * len(ordered)), len(ordered)) - 1] if ordered else 0.0


class Timed:
    """A transport whose exchanges are timed; the first of a connection, longer than any, is not."""

    def __init__(self, inner: Transport, section: TransportSection, kept: int = _KEPT) -> None:
        self._inner = inner
        self._section = section
        self._kept = kept
        self._forget()

    def _forget(self) -> None:
        self._trips_ns: deque[int] = deque(maxlen=self._kept)
        self._first: tuple[int, int] | None = None  # PLC_HEART, and when it was read
        self._last = (0, 0)
        self._due_s = time.monotonic() + FIRST_S
        self._said: frozenset[str] | None = None  # kinds of trouble; None: nothing yet

    def open(self) -> None:
        """Connect, and forget what was measured."""
        self._inner.open()
        self._forget()

    def exchange(self, image: ProcessImage) -> Inputs:
        """As the transport does."""
        start_ns = time.monotonic_ns()
        inputs = self._inner.exchange(image)
        self._last = (inputs.words[_HEART], inputs.at_ns)
        # the first exchange of a connection writes everything, and takes longer than any other
        if self._first is None:
            self._first = self._last
        else:
            self._trips_ns.append(time.monotonic_ns() - start_ns)
        return inputs

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """As the transport does; another kind of exchange, which is not timed."""
        return self._inner.read_back(mark)

    def wait(self, timeout_s: float) -> None:
        """As the transport does; what was measured is said before, when it is time."""
        # before the wait: the exchange is done, and the next one not due
        if time.monotonic() >= self._due_s:
            self._say()
        self._inner.wait(timeout_s)

    def close(self) -> None:
        """Disconnect."""
        self._inner.close()

    @property
    def callers(self) -> Callers | None:
        """Who has come to a server of ours; None where we are the one who calls."""
        found: Callers | None = getattr(self._inner, "callers", None)
        return found

    @property
    def reply(self) -> Reply:
        """What was measured on this connection."""
        return Reply(tuple(ns / _NS_PER_MS for ns in self._trips_ns), self._scan_ms())

    def _scan_ms(self) -> float:
        """The time of one scan, where PLC_HEART counts scans."""
        if self._first is None or not self._section.has_program:
            return 0.0
        # modulo 65536: the PLC counts in one word
        counted = (self._last[0] - self._first[0]) & _WORD
        scan_ms = (self._last[1] - self._first[1]) / _NS_PER_MS / counted if counted else 0.0
        return scan_ms if _SCANS_MS[0] <= scan_ms <= _SCANS_MS[1] else 0.0

    def _say(self) -> None:
        """A line for each connection, and again when something else is to be said of it."""
        self._due_s = time.monotonic() + AGAIN_S
        if len(self._trips_ns) < _FEW:
            return
        found = troubles(self.reply, self._section)
        if self._said != found.keys():
            _log.info(
                "plc_replies", text="plc replies: %(how)s", how=in_words(self.reply, self._section)
            )
        for kind in found.keys() - (self._said or ()):
            _log.warning("plc_replies_badly", text="plc replies: %(why)s", why=found[kind])
        self._said = frozenset(found)
        self._first = self._last  # a count of 16 bits must not wrap unseen


# -- in words ----------------------------------------------------------------------------


def in_words(reply: Reply, section: TransportSection) -> str:
    """What was measured, for people."""
    said = []
    if not section.we_serve and reply.trips_ms:
        p50, p99, worst = reply.part_ms(0.5), reply.part_ms(0.99), max(reply.trips_ms)
        said.append(f"p50 {p50:.1f}, p99 {p99:.1f}, max {worst:.1f} ms")
    if reply.scan_ms:
        said.append(f"PLC_HEART counts every {reply.scan_ms:.1f} ms")
    return "; ".join([*said, f"plc.scan_ms = {section.scan_ms:g}"])


def troubles(reply: Reply, section: TransportSection) -> dict[str, str]:
    """What is wrong with the replies: kind of trouble, and one line of it."""
    if section.we_serve:
        return {}
    found = {"late": delayed(reply), "timeout": _tight(reply, section)}
    return {kind: line for kind, line in found.items() if line}


def delayed(reply: Reply) -> str:
    """Replies by the clock of delayed acknowledgement; '' where there are none."""
    found = {clock_ms: _by_clock(reply, clock_ms) for clock_ms in CLOCKS_MS}
    clock_ms = max(found, key=lambda each: found[each])
    if not found[clock_ms]:
        return ""
    return (
        f"{found[clock_ms]} of {len(reply.trips_ms)} replies come {clock_ms:.0f} ms late or a "
        f"multiple of it, by the clock of delayed acknowledgement ({CLOCKS_MS[clock_ms]}): the "
        "PLC's stack, or a gateway's, sends header and body apart and waits in between; switch on "
        "TCP_NODELAY there, or take the gateway out"
    )


def _by_clock(reply: Reply, clock_ms: float) -> int:
    """How many replies are late by that clock; 0 where they are few, or late in other ways, too."""
    if reply.scan_ms > clock_ms / 2:  # the PLC itself is as slow
        return 0
    quick_ms = min(reply.trips_ms, default=0.0)
    if quick_ms > clock_ms / 2:  # not one of them in time
        quick_ms = 0.0
    ticks = [(trip_ms - quick_ms) / clock_ms for trip_ms in reply.trips_ms]
    late = sum(tick > _LATE for tick in ticks)
    told = sum(_on_the_clock(tick) for tick in ticks)
    return told if told >= _SHARE * len(ticks) and 4 * (late - told) <= told else 0


def _on_the_clock(tick: float) -> bool:
    """Whether it is one whole tick, or one for each of several requests."""
    whole = math.floor(tick + _EARLY)
    return 1 <= whole <= _REQUESTS and tick - whole <= _LATE


def _tight(reply: Reply, section: TransportSection) -> str:
    """A timeout that an ordinary reply comes near."""
    timeout_ms, p99_ms = timeout_of(section), reply.part_ms(0.99)
    if not timeout_ms or 2 * p99_ms <= timeout_ms:
        return ""
    return (
        f"plc.timeout_ms = {timeout_ms} is little for replies that take {p99_ms:.1f} ms (p99); "
        "`gonogo plc probe` proposes what to set"
    )


def timeout_of(section: TransportSection) -> int:
    """How long a reply is waited for; 0 where we wait for none."""
    return 0 if section.we_serve else int(getattr(section, "timeout_ms", 0))


def proposals(
    section: TransportSection, reply: Reply, echo_ms: Sequence[float], wire_ms: float = 0.0
) -> list[str]:
    """Lines for [plc] in the station file, from what was measured and with it as a comment.

    `echo_ms`: from DEV_HEART to its echo, which is what a verdict takes: two scans, and twice
    `wire_ms` on a slow wire.
    """
    echoes = Reply(tuple(echo_ms), 0.0)
    echo_p99_ms = echoes.part_ms(0.99)
    scan_ms = max(echo_p99_ms / 2 - wire_ms, 1.0) if echo_ms else reply.scan_ms
    lines = []
    if scan_ms and section.has_program:
        why = f"an echo took {echo_p99_ms:.1f} ms (p99)" if echo_ms else "no echo"
        beat = f", PLC_HEART counts every {reply.scan_ms:.1f} ms" if reply.scan_ms else ""
        lines.append(f"scan_ms = {math.ceil(min(scan_ms, 1000.0))}  # {why}{beat}")
    if timeout_of(section) and reply.trips_ms:
        p99_ms, worst_ms = reply.part_ms(0.99), max(reply.trips_ms)
        least, most = _bounds(section)
        # three times the p99, or half as much again as the slowest, in round tens
        wanted_ms = 10 * math.ceil(max(3 * p99_ms, 1.5 * worst_ms) / 10)
        lines.append(
            f"timeout_ms = {min(max(wanted_ms, least), most)}  # replies: p50 "
            f"{reply.part_ms(0.5):.1f}, p99 {p99_ms:.1f}, max {worst_ms:.1f} ms"
        )
    return lines


def _bounds(section: TransportSection) -> tuple[int, int]:
    """What the station file takes as timeout_ms."""
    found = {"ge": 50, "le": 1000}
    for limit in type(section).model_fields["timeout_ms"].metadata:
        found |= {name: getattr(limit, name) for name in found if hasattr(limit, name)}
    return found["ge"], found["le"]
