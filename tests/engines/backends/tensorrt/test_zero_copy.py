"""In place or by copies: as wanted, or as measured on the box, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.tensorrt.zero_copy import RUNS, WARM_UPS, in_place_is_faster
from gonogo.testing import tiny_models
from gonogo.tests.engines.backends.tensorrt.boxes import QUICK, trt_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.engines.backends.tensorrt.zero_copy import ZeroCopy

AUTO = QUICK._replace(zero_copy="auto")


class Clock:
    """Each run takes as long as its way does, in turns; the first is in place."""

    def __init__(self, in_place_ns: int, copies_ns: int) -> None:
        self._steps = self._forever(in_place_ns, copies_ns)
        self.asked = 0

    @staticmethod
    def _forever(in_place_ns: int, copies_ns: int) -> Iterator[int]:
        now_ns = 0
        while True:
            for took_ns in (in_place_ns, copies_ns):
                yield now_ns
                now_ns += took_ns
                yield now_ns

    def __call__(self) -> int:
        """The next moment."""
        self.asked += 1
        return next(self._steps)


@pytest.mark.parametrize(("copies_ns", "in_place"), [(9, False), (10, True), (11, True)])
def test_zero_copy_is_what_is_measured_faster(
    tmp_path: Path, copies_ns: int, *, in_place: bool
) -> None:
    """By the median of each; of two that are equal the one that needs no copies."""
    with trt_box(tmp_path) as box:
        backend = box.open(tiny_models.brightest(tmp_path / "m.onnx"))
        clock, said = Clock(10, copies_ns), list[str]()
        with told_to(said.append):
            faster = in_place_is_faster(backend._device, backend._contract, "auto", clock)
        assert faster == in_place
        assert clock.asked == 4 * (WARM_UPS + RUNS)
        assert len(said) == 1
        assert said[0].startswith("in place:" if in_place else "by copies:")
        backend.close()


def test_zero_copy_is_not_measured_where_it_cannot_be(tmp_path: Path) -> None:
    """It says why."""
    with trt_box(tmp_path, can_register=False) as box:
        said: list[str] = []
        with told_to(said.append):
            backend = box.open(tiny_models.brightest(tmp_path / "m.onnx"), options=AUTO)
        assert any("cannot use memory of ours" in line for line in said)
        assert not backend._in_place
        backend.close()


@pytest.mark.parametrize("way", ["always", "never"])
def test_zero_copy_can_be_told(tmp_path: Path, way: ZeroCopy) -> None:
    """Without a measurement."""
    with trt_box(tmp_path, zero_copy=way) as box:
        backend = box.open(tiny_models.brightest(tmp_path / "m.onnx"))
        assert backend._in_place == (way == "always")
        backend.close()
