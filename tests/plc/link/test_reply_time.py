"""Reply times against scan: what is proposed for the station file, what is said of late ones."""

from __future__ import annotations

import contextlib
import os
import random
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.plc.link.reply_time import Reply, Timed, delayed, in_words, proposals, troubles
from gonogo.plc.register_map import P_WORDS
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClientSection
from gonogo.plc.transports.modbus_server import ModbusServerSection
from gonogo.plc.transports.s7_section import S7Section
from gonogo.plc.transports.transport import Inputs, ProcessImage
from gonogo.proving.peers.apart import Apart, Gateway
from gonogo.tests.softplc import SoftPlc

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.plc.transports.section import TransportSection

CLIENT = ModbusClientSection(driver="modbus-client", host="plc")
SERVER = ModbusServerSection(driver="modbus-server")
IMAGE = ProcessImage((0,) * 96, (False,) * 7)


def drawn(draw: Callable[[random.Random], float], count: int = 400) -> tuple[float, ...]:
    """So many reply times in ms."""
    rng = random.Random(8)  # noqa: S311 - a seed makes the test repeatable
    return tuple(draw(rng) for _ in range(count))


# -- the clock of delayed acknowledgement --------------------------------------------------


@pytest.mark.parametrize(
    ("draw", "clock"),
    [
        (lambda _: 41.9, "40 ms"),  # each of them
        (lambda rng: rng.choice((0.4, 0.5, 42.0)), "40 ms"),
        (lambda rng: rng.choice((0.4, 41.5, 83.0, 124.0)), "40 ms"),  # two or three requests
        (lambda rng: 10 * rng.random() + rng.choice((0, 0, 0, 40)), "40 ms"),  # a scan of 10 ms
        (lambda rng: rng.choice((1.0, 201.0)), "200 ms"),
        (lambda rng: 200 + 10 * rng.random(), "200 ms"),
    ],
)
def test_replies_by_that_clock_are_recognised(
    draw: Callable[[random.Random], float], clock: str
) -> None:
    """The clock, how many of how many, and what to do."""
    said = delayed(Reply(drawn(draw), 10.0))
    assert clock in said
    assert "of 400 replies" in said
    assert "TCP_NODELAY" in said


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.random(),  # quick
        lambda rng: 12 * rng.random(),
        lambda rng: 60 * rng.random(),  # slow, but by no clock
        lambda rng: 52 * rng.random(),
        lambda rng: 45 * rng.random(),
        lambda rng: 250 * rng.random(),
        lambda rng: rng.expovariate(1 / 30),
        lambda rng: rng.choice((0.5, 20.0)),
        lambda rng: 70 + 5 * rng.random(),
        lambda rng: 0.5 if rng.random() < 0.95 else 41.0,  # now and then: a busy network
    ],
)
def test_other_replies_are_not_blamed_on_it(draw: Callable[[random.Random], float]) -> None:
    """Whatever is merely slow has another cause."""
    assert delayed(Reply(drawn(draw), 10.0)) == ""


def test_plc_whose_scan_is_as_slow_is_not_blamed() -> None:
    """It replies once a scan of 40 ms, and its heart says so."""
    assert delayed(Reply((40.5,) * 400, 40.0)) == ""
    assert delayed(Reply((40.5,) * 400, 10.0))
    assert delayed(Reply((), 0.0)) == ""


def test_gateway_before_a_stack_that_sends_apart_is_recognised() -> None:
    """Our own acknowledgements cannot help there."""
    with (
        SoftPlc() as plc,
        contextlib.closing(Apart(plc.section.port)) as apart,
        contextlib.closing(Gateway(apart.port)) as gateway,
    ):
        late = measured(plc.section.model_copy(update={"port": gateway.port}))
        in_time = measured(plc.section.model_copy(update={"port": apart.port}))
    assert "of 39 replies come 40 ms late" in delayed(late)
    assert delayed(in_time) == ""


def measured(section: ModbusClientSection) -> Reply:
    """Forty exchanges; the first is longer than any and does not count."""
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
    timed = Timed(make_transport(section, wake_fd), section)
    try:
        timed.open()
        for _ in range(40):
            timed.exchange(IMAGE)
        return timed.reply
    finally:
        timed.close()
        os.close(wake_fd)


# -- what is proposed ----------------------------------------------------------------------


def pasted(lines: list[str]) -> dict[str, int]:
    """The keys that a station file gets; the rest of each line is a comment."""
    pairs = (line.partition("#")[0].split("=") for line in lines)
    return {key.strip(): int(value) for key, value in pairs}


def test_proposals_follow_from_what_was_measured() -> None:
    """Half an echo for the scan, three times p99 for the timeout; lines that can be pasted."""
    reply = Reply((1.0,) * 98 + (30.0, 30.0), 20.0)
    lines = proposals(CLIENT, reply, [40.0] * 30)
    assert pasted(lines) == {"scan_ms": 20, "timeout_ms": 90}
    assert "an echo took 40.0 ms (p99), PLC_HEART counts every 20.0 ms" in lines[0]
    assert "p50 1.0, p99 30.0, max 30.0 ms" in lines[1]


@pytest.mark.parametrize(
    ("section", "reply", "echo_ms", "wire_ms", "found"),
    [
        (CLIENT, Reply((0.1,) * 9, 0.0), [], 0, {"timeout_ms": 50}),
        (CLIENT, Reply((0.1,) * 9, 7.2), [], 0, {"scan_ms": 8, "timeout_ms": 50}),
        (CLIENT, Reply((900.0,) * 9, 7.2), [], 0, {"scan_ms": 8, "timeout_ms": 1000}),
        (SERVER, Reply((0.1,) * 9, 5.0), [31.0], 0, {"scan_ms": 16}),
        (
            S7Section(driver="s7", host="plc", db=1),
            Reply((21.0,) * 9, 0.0), [12.0], 0, {"scan_ms": 6, "timeout_ms": 70},
        ),
        (
            ModbusIoSection(driver="modbus-io", host="io"),
            Reply((21.0,) * 9, 0.0), [], 0, {"timeout_ms": 70},
        ),
        (
            ModbusRtuClientSection(driver="modbus-rtu-client", device="/dev/x", timeout_ms=5000),
            Reply((1500.0,) * 9, 0.0), [80.0], 30, {"scan_ms": 10, "timeout_ms": 4500},
        ),
    ],
)  # fmt: skip
def test_proposals_keep_to_what_the_station_file_takes(
    section: TransportSection,
    reply: Reply,
    echo_ms: list[float],
    wire_ms: float,
    found: dict[str, int],
) -> None:
    """Within its bounds, and only what the driver has."""
    lines = proposals(section, reply, echo_ms, wire_ms)
    assert pasted(lines) == found
    type(section).model_validate(section.model_dump() | found)


# -- the running link ----------------------------------------------------------------------


class Slow:
    """A transport whose PLC counts its heart in each exchange; nothing is on a wire."""

    def __init__(self) -> None:
        self.heart = 0
        self.step = 1

    def open(self) -> None:
        """Nothing to do."""

    def read_back(self, _mark: int = 0) -> tuple[()]:
        """Nobody else can write here."""
        return ()

    def exchange(self, image: ProcessImage) -> Inputs:
        """One scan."""
        del image
        self.heart = self.heart + self.step & 0xFFFF
        words = [0] * P_WORDS
        words[1] = self.heart
        now_ns = time.monotonic_ns()
        return Inputs(words, now_ns, now_ns)

    def wait(self, timeout_s: float) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to do."""


def run(timed: Timed, exchanges: int) -> None:
    """That many, and a wait after which what is due is said."""
    for _ in range(exchanges):
        timed.exchange(IMAGE)
    timed._due_s = 0.0  # as if the time were over
    timed.wait(0)


def test_link_says_once_for_each_connection_what_it_measured(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Replies and scan beside what the station file says; nothing of a few exchanges."""
    caplog.set_level("INFO")
    timed = Timed(Slow(), CLIENT)
    timed.open()
    run(timed, 20)
    assert caplog.messages == []
    for _ in range(3):
        run(timed, 60)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("plc replies: p50 ")
    assert caplog.messages[0].endswith("plc.scan_ms = 10")


def test_scan_is_counted_by_the_heart() -> None:
    """Over the end of 16 bits, however many scans lie between two exchanges."""
    slow = Slow()
    slow.heart, slow.step = 65_530, 4
    timed = Timed(slow, CLIENT)
    timed.open()
    start_ns = time.monotonic_ns()
    for _ in range(50):
        timed.exchange(IMAGE)
        time.sleep(0.004)
    took_ms = (time.monotonic_ns() - start_ns) / 1e6
    assert 0 < timed.reply.scan_ms <= took_ms / (49 * 4)


def test_troubles_of_a_link_are_one_line_each() -> None:
    """Late by the clock, and too near to the timeout; a server has no replies to wait for."""
    late = Reply((41.0,) * 90, 10.0)
    said = troubles(late, CLIENT)
    assert said.keys() == {"late", "timeout"}
    assert said["timeout"].startswith("plc.timeout_ms = 80 is little for replies that take 41.0 ms")
    assert troubles(late, SERVER) == {}
    assert troubles(Reply((1.0,) * 90, 10.0), CLIENT) == {}
    assert in_words(late, SERVER) == "PLC_HEART counts every 10.0 ms; plc.scan_ms = 10"


def test_trouble_is_said_when_it_comes_and_not_again(caplog: pytest.LogCaptureFixture) -> None:
    """A link that became late on the way."""
    timed = Timed(Slow(), CLIENT)
    timed.open()
    run(timed, 60)
    timed._trips_ns.extend([41_000_000] * 200)
    run(timed, 1)
    run(timed, 1)
    assert sum("delayed acknowledgement" in text for text in caplog.messages) == 1
