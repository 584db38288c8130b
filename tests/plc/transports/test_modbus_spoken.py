"""A PLC of bits alone, words beside it, and who only looks on: in simulated time, no sockets."""

from __future__ import annotations

import pytest

from gonogo.plc.disturbance import Disturbances
from gonogo.plc.register_map import (
    D_WORDS,
    P_WORDS,
    RES_SEQ_AT,
    SESSION_AT,
    Command,
    PlcWords,
    unpack_plc,
)
from gonogo.plc.transports.masters import LIFE_NS, Asker
from gonogo.plc.transports.modbus_bits import APART_NS
from gonogo.plc.transports.modbus_spoken import PROOF, UNPROVEN_NS, Spoken, Write

MS = 1_000_000
ACK, ENABLE = 0, 1
HEART, CTRL, PART = 1, 2, 3
RUN = 3
SESSION, RES_SEQ = 700, 40


class Scene:
    """What is spoken, and time; each call takes 20 ms."""

    def __init__(self) -> None:
        self.spoken = Spoken(Disturbances("modbus server"))
        self.now_ns = 10**12
        self.d = [0] * D_WORDS
        self.d[SESSION_AT], self.d[RES_SEQ_AT] = SESSION, RES_SEQ

    def let(self, after_ns: float = 20 * MS) -> int:
        """Time passes."""
        self.now_ns += round(after_ns)
        return self.now_ns

    def coil(self, asker: Asker, coil: int, value: int) -> None:
        """A coil is written."""
        self.spoken.write_coils(Write(asker, 5, coil, [value], self.let()), self.d)

    def read_bits(self, asker: Asker, times: int = 1) -> None:
        """Bits are read."""
        for _ in range(times):
            self.spoken.asked_bits(asker, self.d, self.let())

    def word(self, asker: Asker, at: int, *values: int) -> bool:
        """P words are written; whether that meant something."""
        return bool(self.spoken.write_words(Write(asker, 16, at, values, self.let())))

    @property
    def plc(self) -> PlcWords:
        """What counts."""
        return unpack_plc(self.spoken.words())

    @property
    def fault(self) -> int:
        """Two masters."""
        return self.spoken.masters.faults(self.now_ns)

    def lives(self, asker: Asker) -> bool:
        """Whether a request of this one advances the heart."""
        heart = self.plc.heart
        self.read_bits(asker)
        return self.plc.heart != heart


@pytest.fixture
def scene() -> Scene:
    """Nobody has spoken yet."""
    return Scene()


@pytest.fixture
def small(scene: Scene) -> Asker:
    """A PLC of bits that has enabled, and polls."""
    asker = Asker("10.0.0.1", "10.0.0.1:1")
    scene.coil(asker, ENABLE, 1)
    scene.read_bits(asker, 10)
    assert scene.plc.ctrl == RUN
    return asker


# -- words beside a PLC of bits ----------------------------------------------------------


@pytest.mark.parametrize("at", range(P_WORDS))
@pytest.mark.parametrize("address", ["10.0.0.1", "10.0.0.2"])
def test_no_single_word_ends_a_line_of_bits(
    scene: Scene, small: Asker, at: int, address: str
) -> None:
    """Whichever it is, and wherever it comes from: nothing changes, and bits go on."""
    before = scene.plc
    assert not scene.word(Asker(address), at, 7)
    assert scene.plc == before
    assert scene.lives(small)
    scene.d[RES_SEQ_AT] += 1
    scene.coil(small, ACK, 1)
    assert scene.plc.ack_seq == RES_SEQ + 1
    assert not scene.fault


def test_word_while_the_plc_of_bits_is_silent_changes_nothing(scene: Scene, small: Asker) -> None:
    """It proves no other PLC; the one of bits goes on where it was."""
    before = scene.plc
    scene.let(2 * LIFE_NS)
    for _ in range(2):
        assert not scene.word(Asker("10.0.0.1"), PART, 7)
    assert scene.plc == before
    assert scene.lives(small)


def test_word_that_came_before_the_plc_of_bits_does_not_keep_it_out(scene: Scene) -> None:
    """A word without a heart holds for a second; then the PLC that asks is heard, unasked."""
    small = Asker("10.0.0.1")
    scene.word(Asker("10.0.0.1"), PART, 7)
    scene.coil(small, ENABLE, 1)
    assert scene.plc.ctrl == 0
    scene.let(UNPROVEN_NS)
    scene.read_bits(small)
    assert scene.plc.ctrl == RUN


def test_word_that_is_written_all_the_time_does_not_keep_it_out(scene: Scene) -> None:
    """A screen that refreshes P105, and no heart with it."""
    small, screen = Asker("10.0.0.1"), Asker("10.0.0.1")
    for _ in range(100):
        scene.word(screen, 5, 3)
        scene.coil(small, ENABLE, 1)
        scene.read_bits(small)
    assert scene.plc.ctrl == RUN


def test_heart_beside_a_plc_of_bits_is_a_fault_and_bits_go_on(
    scene: Scene, small: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    """Two devices that both run: three beats, and both are named; bits count as before."""
    other = Asker("10.0.0.1", "10.0.0.1:2")
    for heart in range(2 * PROOF + 1):
        assert not scene.word(other, HEART, heart, 0)
        scene.read_bits(small)
    assert scene.fault
    assert any("10.0.0.1:1 and 10.0.0.1:2" in text for text in caplog.messages)
    assert scene.plc.ctrl == RUN


def test_plc_of_words_that_takes_over_from_a_dead_one_of_bits(scene: Scene, small: Asker) -> None:
    """Its heart advances, and the other one's does not; when it stops, bits count again."""
    words = Asker("10.0.0.1")
    scene.let(LIFE_NS)
    for heart in range(1, 9):
        scene.word(words, 0, 1, heart, 1, 50)
    assert (scene.plc.heart, scene.plc.ctrl, scene.plc.part_id) == (8, 1, 50)
    assert not scene.lives(small)
    assert not scene.fault
    scene.let(LIFE_NS)
    assert scene.lives(small)
    assert scene.plc.ctrl == RUN


def test_device_that_writes_both_is_one_of_words(scene: Scene, small: Asker) -> None:
    """Over the connection of its coils: once its heart has advanced, and for good."""
    for heart in range(1, 9):
        scene.word(small, 0, 1, heart, 1)
        scene.read_bits(small)
    assert scene.plc.ctrl == 1
    assert not scene.fault
    scene.let(100 * LIFE_NS)
    assert not scene.lives(small)  # its program has stopped, and its driver goes on asking


def test_plc_of_words_is_not_kept_alive_by_bits(scene: Scene) -> None:
    """Its heart stands still, a screen writes a coil and reads bits: nothing advances, for good."""
    words, screen = Asker("10.0.0.1"), Asker("10.0.0.1")
    for heart in range(1, 9):
        scene.word(words, 0, 1, heart, 3)
    for _ in range(1000):
        scene.coil(screen, ENABLE, 1)
        assert not scene.lives(screen)


def test_write_in_the_first_moment_of_a_plc_of_bits_does_not_keep_it_out(scene: Scene) -> None:
    """Before it is proven somebody else may write; its next coil is taken all the same."""
    small = Asker("10.0.0.1")
    scene.coil(small, ENABLE, 1)
    scene.word(Asker("10.0.0.2"), PART, 7)
    assert all(scene.lives(small) for _ in range(50))
    scene.d[RES_SEQ_AT] += 1
    scene.coil(small, ACK, 1)
    assert scene.plc.ack_seq == RES_SEQ + 1
    assert not scene.fault


# -- who only looks on -------------------------------------------------------------------


@pytest.mark.parametrize("address", ["10.0.0.1", "10.0.0.2"])
@pytest.mark.parametrize("before", [True, False])
def test_observer_keeps_no_dead_plc_alive(
    scene: Scene, small: Asker, address: str, *, before: bool
) -> None:
    """From elsewhere or from the same computer, there before the PLC died or not."""
    observer = Asker(address)
    if before:
        scene.read_bits(observer, 3)
        assert scene.lives(small)
    small.gone = True
    assert not any(scene.lives(observer) for _ in range(500))


def test_observer_on_a_line_without_any_plc_is_none(scene: Scene) -> None:
    """Who never writes a coil is nobody."""
    observer = Asker("10.0.0.1")
    assert not any(scene.lives(observer) for _ in range(10))


def test_who_wrote_before_the_plc_came_is_an_observer_now(scene: Scene) -> None:
    """A screen that has enabled once, from elsewhere; then the PLC took its place, and died."""
    screen, small = Asker("10.0.0.2"), Asker("10.0.0.1")
    scene.coil(screen, ENABLE, 1)
    scene.let(LIFE_NS)
    scene.coil(small, ENABLE, 1)
    scene.read_bits(small, 5)
    assert not any(scene.lives(screen) for _ in range(500))


def test_plc_that_reads_and_writes_over_two_connections_lives(scene: Scene) -> None:
    """As long as the one that it writes over stands."""
    writes, reads = Asker("10.0.0.1"), Asker("10.0.0.1")
    scene.coil(writes, ENABLE, 1)
    assert all(scene.lives(reads) for _ in range(1000))
    writes.gone = True
    assert not scene.lives(reads)


def test_plc_with_a_connection_for_each_request_lives_for_a_while(scene: Scene) -> None:
    """It must write a coil now and then."""
    writes = Asker("10.0.0.1")
    scene.coil(writes, ENABLE, 1)
    writes.gone = True
    scene.let(APART_NS - 30 * MS)
    assert scene.lives(Asker("10.0.0.1"))
    assert not scene.lives(Asker("10.0.0.1"))


def test_plc_that_connects_anew_lives_again_once_it_writes(scene: Scene, small: Asker) -> None:
    """Whoever reads from its address is not yet it."""
    small.gone = True
    again = Asker("10.0.0.1")
    assert not scene.lives(again)
    scene.coil(again, ENABLE, 1)
    assert scene.lives(again)


# -- coils -------------------------------------------------------------------------------


def test_enable_off_and_on_commands_to_clear_faults(scene: Scene, small: Asker) -> None:
    """A PLC of bits has no other way; writing the same again is none."""
    command = scene.plc.cmd_seq
    scene.coil(small, ENABLE, 1)
    scene.coil(small, ENABLE, 0)
    assert (scene.plc.cmd_seq, scene.plc.ctrl) == (command, 0)
    scene.coil(small, ENABLE, 1)
    assert (scene.plc.cmd_seq, scene.plc.cmd_code) == (command + 1, Command.CLEAR_FAULT)


def test_coils_written_against_each_other_are_a_fault(scene: Scene, small: Asker) -> None:
    """Two programs at one address, each with its own ack toggle; no result is new."""
    other = Asker("10.0.0.1")
    for _ in range(6):
        scene.coil(small, ACK, 1)
        scene.coil(other, ACK, 0)
    assert scene.fault


def test_acknowledgements_over_many_connections_are_no_fault(scene: Scene, small: Asker) -> None:
    """A PLC that opens one for each request; every result is new."""
    for n in range(1, 50):
        scene.d[RES_SEQ_AT] += 1
        scene.coil(Asker(small.address), ACK, n % 2)
        assert not scene.fault
    assert scene.plc.ack_seq == scene.d[RES_SEQ_AT]


def test_coils_from_elsewhere_are_refused(scene: Scene, small: Asker) -> None:
    """Nobody else acknowledges or disables, while the PLC lives."""
    before = scene.plc
    scene.coil(Asker("10.0.0.2"), ENABLE, 0)
    scene.coil(Asker("10.0.0.2"), ACK, 1)
    assert scene.plc == before
    assert scene.lives(small)
