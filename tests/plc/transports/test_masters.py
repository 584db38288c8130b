"""Who is the PLC, and whether there are two: in simulated time, no sockets."""

from __future__ import annotations

import pytest

from gonogo.plc.disturbance import TWO_MASTERS, Disturbances
from gonogo.plc.transports.masters import LIFE_NS, SIGNS_NS, Asker, Masters

MS = 1_000_000
A, B = "10.0.0.1", "10.0.0.2"


class Scene:
    """Masters, and time that passes 20 ms for each write."""

    def __init__(self) -> None:
        self.masters = Masters(Disturbances("modbus server"))
        self.now_ns = 10**12

    def write(self, asker: Asker, heart: int | None = None, after_ms: float = 20) -> bool:
        """A write, of PLC_HEART where one is given; whether it was let in."""
        self.now_ns += round(after_ms * MS)
        heart = heart if heart is None else heart & 0xFFFF
        taken = self.masters.takes(asker, self.now_ns, 16, "P100", heart)
        if taken and heart is not None and self.masters.beat(asker, heart, self.now_ns):
            self.masters.life(asker, self.now_ns)
        return taken

    @property
    def fault(self) -> bool:
        """Whether two masters are seen now."""
        found = self.masters.faults(self.now_ns)
        assert found in {0, TWO_MASTERS}
        return bool(found)


def proven(scene: Scene) -> Asker:
    """A PLC whose heart has advanced often enough."""
    plc = Asker(A, f"{A}:5000")
    assert all(scene.write(plc, heart) for heart in range(10))
    return plc


def test_single_write_from_elsewhere_is_refused_and_no_fault() -> None:
    """Named in the log, and without any effect."""
    scene = Scene()
    plc = proven(scene)
    assert not scene.write(Asker(B))
    assert scene.write(plc, 11)
    assert not scene.fault


def test_screen_that_writes_all_the_time_is_refused_and_no_fault() -> None:
    """It has no heart, or one that stands still: a nuisance, but no second PLC."""
    scene = Scene()
    plc, screen = proven(scene), Asker(B)
    for n in range(200):
        assert not scene.write(screen, 5 if n % 2 else None, after_ms=1)
        assert scene.write(plc, 20 + n, after_ms=1)
    assert not scene.fault


def test_second_master_elsewhere_is_a_fault_within_four_writes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first one goes on being heard; both are named; the fault ends when it is off."""
    scene = Scene()
    plc, other = proven(scene), Asker(B, f"{B}:6000")
    for n in range(4):
        assert not scene.write(other, n)
        assert scene.write(plc, 20 + n)
    assert scene.fault
    (line,) = [text for text in caplog.messages if "two PLCs" in text]
    assert f"{A} and {B} seen as two PLCs, {A}:5000 and {B}:6000" in line
    assert scene.write(plc, 30, after_ms=1001)
    assert not scene.fault


def test_plc_that_takes_over_for_a_dead_one_gets_in() -> None:
    """Half a second after the last beat, which the link calls a lost PLC; and without a fault."""
    scene = Scene()
    proven(scene)
    spare = Asker(B)
    assert not scene.write(spare, 1, after_ms=LIFE_NS / MS - 30)
    assert scene.write(spare, 2, after_ms=40)
    assert all(scene.write(spare, heart) for heart in range(3, 9))
    assert not scene.write(Asker(A), 99)  # now this one is the stranger
    assert not scene.fault


def test_write_before_the_plc_comes_does_not_keep_it_out() -> None:
    """Whoever only wrote, and shows no life, gives way at once."""
    scene = Scene()
    assert scene.write(Asker(B))
    proven(scene)
    assert not scene.fault


def test_two_that_start_together_are_a_fault_though_neither_is_proven() -> None:
    """They take the place from each other."""
    scene = Scene()
    one, other = Asker(A), Asker(B)
    for n in range(5):
        scene.write(one, n)
        scene.write(other, n)
    assert scene.fault


@pytest.mark.parametrize("behind", [1, 7, 300, 5000, 40_000])
def test_two_masters_at_one_address_are_a_fault(behind: int) -> None:
    """Two programs on one computer, each with a heart of its own, however far apart."""
    scene = Scene()
    one, other = Asker(A, f"{A}:1"), Asker(A, f"{A}:2")
    for n in range(65_530, 65_538):  # over the end of 16 bits
        scene.write(one, n)
        scene.write(other, n - behind)
    assert scene.fault


def test_two_hearts_of_different_pace_at_one_address_are_a_fault() -> None:
    """Three writes of the one for each of the other."""
    scene = Scene()
    one, other = Asker(A), Asker(A)
    for n in range(10):
        for k in range(3):
            scene.write(one, 3 * n + k + 100)
        scene.write(other, n)
    assert scene.fault


@pytest.mark.parametrize("hearts", [
    range(200),  # counts scans
    [k % 2 for k in range(200)],  # blinks
    [k % 10 for k in range(200)],
    [100 * k for k in range(200)],  # a clock in milliseconds
    [k // 4 for k in range(200)],  # a scan slower than the polls
    [*range(60_000, 60_050), *range(50)],  # a PLC that starts anew
], ids=["counts", "blinks", "ten", "clock", "slow", "restart"])  # fmt: skip
@pytest.mark.parametrize("connections", [1, 2, 3, 10])
def test_one_plc_over_many_connections_is_no_fault(hearts: list[int], connections: int) -> None:
    """It has one heart, whichever connection it uses."""
    scene = Scene()
    askers = [Asker(A) for _ in range(connections)]
    for k, heart in enumerate(hearts):
        assert scene.write(askers[k % connections], heart)
        assert not scene.fault


def test_connection_for_each_write_is_no_fault() -> None:
    """A PLC that keeps none open."""
    scene = Scene()
    for heart in range(200):
        assert scene.write(Asker(A), heart)
    assert not scene.fault


def test_signs_far_apart_are_no_fault() -> None:
    """A stray write every second is named, and nothing more."""
    scene = Scene()
    plc, other = proven(scene), Asker(B)
    for n in range(600):
        scene.write(plc, 20 + n)
        if n % 50 == 0:
            assert not scene.write(other)
        assert not scene.fault
    assert 50 * 20 * MS >= SIGNS_NS
