"""When a part has come into place, by the frames before and after it."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.drivers.triggers.by_camera.gate import Gate
from gonogo.tests.drivers.triggers.by_camera.gates import MS, section

WITHIN_NS = 40 * MS
NOBODY, PART, UNSURE = (False, False), (True, False), (True, True)


class Belt:
    """Frames of a belt, one every 10 ms, with a share of the gate covered."""

    def __init__(self, **keys: object) -> None:
        self.gate = Gate(section(**keys).gate, WITHIN_NS)
        self.now_ns = 1000 * MS
        self.doubts = 0

    def see(
        self, *shares_pct: int, channels: int = 1, every_ms: int = 10
    ) -> list[tuple[bool, bool]]:
        """Found, and unsure, in frames with so much of the gate covered, column by column."""
        found = []
        for share_pct in shares_pct:
            shape = (24, 32) if channels == 1 else (24, 32, channels)
            frame = np.full(shape, 60, np.uint8)
            frame[:, 8 : 8 + share_pct // 10] = 150
            self.now_ns += every_ms * MS
            seen = self.gate.look(frame, self.now_ns)
            self.doubts += seen.doubt
            found.append((seen.part, seen.unsure))
        return found

    def ready(self) -> None:
        """Somebody unsure has been through."""
        self.see(0, 100, 0)


@pytest.mark.parametrize("channels", [1, 3])
def test_gate_finds_a_part_once_as_it_comes_into_place(channels: int) -> None:
    """Not while it comes, nor while it stays, nor while it leaves."""
    belt = Belt()
    belt.ready()
    found = belt.see(0, 30, 40, 50, 90, 100, 100, 60, 40, 30, 0, channels=channels)
    assert found == [NOBODY] * 3 + [PART] + [NOBODY] * 7


def test_gate_finds_the_next_part_once_it_was_empty() -> None:
    """One that trembles at its edge is the same part."""
    belt = Belt()
    belt.ready()
    assert belt.see(50, 40, 50, 30, 60).count(PART) == 1
    assert belt.see(20, 50, 20, 50) == [NOBODY, PART, NOBODY, PART]


def test_gate_finds_darker_parts() -> None:
    """On a bright belt."""
    belt = Belt(part_is="darker")
    belt.see(100, 0, 100)
    assert belt.see(100, 60, 50, 0) == [NOBODY, NOBODY, PART, NOBODY]


def test_gate_looks_at_its_own_pixels_alone() -> None:
    """Whatever is beside it."""
    gate = Gate(section().gate, WITHIN_NS)
    frame = np.full((24, 32), 255, np.uint8)
    frame[4:14, 8:18] = 60
    assert gate.share(frame) == 0.0
    frame[:] = 60
    frame[4:14, 8:18] = 255
    assert gate.share(frame) == 1.0
    frame[4:9, 8:18] = 60
    assert gate.share(frame) == 0.5


def test_gate_of_a_colour_frame_looks_at_its_green() -> None:
    """Blue and red do not count."""
    gate = Gate(section().gate, WITHIN_NS)
    frame = np.zeros((24, 32, 3), np.uint8)
    frame[..., 0] = frame[..., 2] = 255
    assert gate.share(frame) == 0.0
    frame[..., 1] = 255
    assert gate.share(frame) == 1.0


def test_gate_that_is_large_is_looked_at_in_part() -> None:
    """Of every row and column some, over all of it."""
    gate = Gate(section(x_px=0, y_px=0, width_px=2000, height_px=1000).gate, WITHIN_NS)
    frame = np.zeros((1000, 2000), np.uint8)
    frame[:, :500] = 255
    assert gate.share(frame) == pytest.approx(0.25, abs=0.01)


def test_gate_that_is_filled_at_the_beginning_has_no_part() -> None:
    """When that one came nobody knows; the next is unsure, for others may have passed before."""
    belt = Belt()
    assert belt.see(100, 100, 0, 100, 0, 100) == [
        NOBODY, NOBODY, NOBODY, UNSURE, NOBODY, PART,
    ]  # fmt: skip
    assert belt.doubts == 1


def test_gate_doubts_after_a_look_that_came_late() -> None:
    """A part may have come and gone meanwhile, or left with the next one in its place."""
    belt = Belt()
    belt.ready()
    assert belt.see(0, 100, every_ms=40) == [NOBODY, PART]
    doubts = belt.doubts
    belt.see(0)
    belt.see(0, every_ms=41)
    assert belt.doubts == doubts + 1
    assert belt.see(0, 100, 0, 100) == [NOBODY, UNSURE, NOBODY, PART]
