"""The Hailo backend beside what every backend promises: late frames, lost chips, its device."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import AcceleratorLost, EngineTimeout, HefError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import DeviceHealth, health_of, prefer, run_until_of
from gonogo.engines.backends.hailo.backend import HailoBackend, interleave
from gonogo.engines.backends.hailo.device import PRIORITY_JUDGES, PRIORITY_WAITS
from gonogo.engines.backends.hailo.jobs import LATE_MAX
from gonogo.testing.backends import FRAME, bound, noise
from gonogo.testing.memory import growth_of
from gonogo.tests.engines import tiny
from gonogo.tests.vendors.hailo_fake.hef import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.engines.backends.backend import Outputs
    from gonogo.tests.vendors.hailo_fake.bench import Bench

LONG_NS = 60_000 * NS_PER_MS
SHORT_NS = 20 * NS_PER_MS


@pytest.fixture
def backend(bench: Bench, tmp_path: Path) -> Iterator[HailoBackend]:
    """One whose score is the brightest red."""
    del bench
    made = HailoBackend(compiled(tiny.brightest(tmp_path / "m.onnx")), FRAME, 1)
    yield made
    made.close()


def run(backend: HailoBackend, within_ns: int, slot: int = 0) -> None:
    """By a deadline, as the host runs it."""
    run_until_of(backend)(slot, time.monotonic_ns() + within_ns)


def grey(shade: int) -> np.ndarray:
    """A frame of one colour."""
    return np.full(FRAME.shape, shade, np.uint8)


def missed(backend: HailoBackend, slot: int = 0) -> None:
    """One frame that has no answer in time."""
    with pytest.raises(EngineTimeout, match=r"GN311: Hailo, slot \d: no answer in time"):
        run(backend, SHORT_NS, slot)


def settled(bench: Bench, outputs: Outputs, backend: HailoBackend) -> float:
    """Once the chip works again: the score of a frame that comes after all that were late."""
    bench.play(hung=False)
    run(backend, LONG_NS)
    return float(outputs.score[0])


def test_backend_leaves_a_late_answer_out_of_the_ring(backend: HailoBackend, bench: Bench) -> None:
    """It comes when the next part has long been judged, and is written nowhere that matters."""
    pixels = grey(10)
    outputs = bound(backend, pixels)
    bench.play(hung=True)
    missed(backend)
    assert outputs.score[0] == 0, "what was there before"
    pixels.fill(99)  # the next part, in the same slot
    assert settled(bench, outputs, backend) == 99
    assert (outputs.anomaly_map[:256] == 99).all()


def test_backend_outlives_a_chip_that_is_slow_for_as_long_as_it_answers(
    backend: HailoBackend, bench: Bench
) -> None:
    """Throttled, each answer is late, and none is lost: it is not the end of the process."""
    outputs = bound(backend, grey(7))
    for _ in range(2 * LATE_MAX):
        bench.play(hung=True)
        missed(backend)
        assert settled(bench, outputs, backend) == 7


def test_backend_gives_up_a_chip_that_never_answers(backend: HailoBackend, bench: Bench) -> None:
    """After a few frames it is lost, and no more buffers are left with it."""
    for slot in range(3):
        bound(backend, grey(slot), slot)
    bench.play(hung=True)
    for k in range(LATE_MAX):
        missed(backend, k % 3)
    with pytest.raises(AcceleratorLost, match=r"GN312.*the chip hangs"):
        run(backend, SHORT_NS)


def test_backend_is_lost_with_the_driver(backend: HailoBackend, bench: Bench) -> None:
    """What the callback hears of, waiting does not say: garbage must not pass for a score."""
    outputs = bound(backend, grey(5))
    bench.play(lost=True)
    with pytest.raises(AcceleratorLost, match="HailoRTPCIeDriverException: PCIe driver failure"):
        run(backend, LONG_NS)
    assert outputs.score[0] == 0, "garbage got into the ring"


def test_backend_tells_its_chip_who_judges(backend: HailoBackend, bench: Bench) -> None:
    """It begins behind whatever judges, and goes before it once it does."""
    prefer(backend, judges=True)
    prefer(backend, judges=False)
    assert bench.priorities("net") == [PRIORITY_WAITS, PRIORITY_JUDGES, PRIORITY_WAITS]


def test_backend_says_how_its_chip_fares_once_a_second(backend: HailoBackend, bench: Bench) -> None:
    """Asked twice in a row, the second time there is nothing new."""
    bench.play(temperature_c=88.5, throttled=True, power_w=3.25)
    assert health_of(backend) == DeviceHealth(88.5, throttled=True, power_w=3.25)
    assert health_of(backend) is None


def test_two_backends_share_the_device_of_their_process(
    backend: HailoBackend, bench: Bench, tmp_path: Path
) -> None:
    """The second is loaded beside the first; the chip is let go with the last of them."""
    second = HailoBackend(compiled(tiny.brightest(tmp_path / "n.onnx"), net="other"), FRAME, 1)
    one, other = bound(backend, grey(1)), bound(second, grey(2))
    backend.run(0)
    second.run(0)
    assert (one.score[0], other.score[0]) == (1, 2)
    backend.close()
    second.run(0)
    assert bench.events.count("released") == 0
    second.close()
    assert (bench.events.count("opened"), bench.events.count("released")) == (1, 1)


def test_backend_that_cannot_be_configured_lets_the_chip_go(bench: Bench, tmp_path: Path) -> None:
    """Made for another chip: said with what to do, and the next one finds the chip free."""
    wrong = compiled(tiny.brightest(tmp_path / "m.onnx"), arch="hailo8l")
    with pytest.raises(HefError, match=r"GN385: .*m\.hef: this chip does not take it.*hailortcli"):
        HailoBackend(wrong, FRAME, 1)
    assert bench.events[-1] == "released"
    HailoBackend(compiled(tiny.brightest(tmp_path / "m.onnx")), FRAME, 1).close()


def test_backend_keeps_nothing_of_a_frame(backend: HailoBackend) -> None:
    """In steady state nothing grows, the stand-in's own thread included."""
    bound(backend, noise())
    plane_bytes = FRAME.height_px * FRAME.width_px
    assert growth_of(lambda: backend.run(0), plane_bytes).kept_bytes < plane_bytes


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_interleave_orders_planes_as_the_chip_has_them(
    dtype: type[np.generic], depth: int, channels: int
) -> None:
    """Blue-green-red becomes red, green, blue; grey fills all; colour becomes luma."""
    frame = FrameShape(2, 2, depth)
    small = np.zeros(frame.shape, np.uint8)
    small[..., 0] = 200  # blue, or grey
    image = np.empty((2, 2, channels), dtype)
    interleave(small, image)
    if depth == 1:
        small[:] = 200
        interleave(small, image)
        assert (image == 200).all()
    elif channels == 1:
        assert (image == 23).all()  # of blue alone (ITU-R BT.601)
    else:
        assert image[0, 0].tolist() == [0, 0, 200]
