"""What a chip says of itself, and that it is not asked for more than it knows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gonogo.engines.backends.backend import DeviceHealth
from gonogo.engines.backends.hailo.health import EVERY_NS, ChipSense


class Physical:
    """A device whose control answers what it is told to. Not simulated: a second device."""

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401 - a value, or an error to raise
        self.answers, self.released, self.opened = answers, 0, 0
        self.asked: list[str] = []
        self.control: Any = self

    def get_physical_devices(self) -> list[Physical]:
        """Of a VDevice."""
        self.opened += 1
        return [self]

    def _answer(self, what: str) -> Any:  # noqa: ANN401 - as given
        self.asked.append(what)
        value = self.answers[what]
        if isinstance(value, Exception):
            raise value
        return value

    def get_chip_temperature(self) -> Any:  # noqa: ANN401 - a record
        """Of both sensors."""
        one, other = self._answer("temperature")
        return SimpleNamespace(ts0_temperature=one, ts1_temperature=other)

    def get_throttling_state(self) -> bool:
        """Whether it protects itself."""
        return bool(self._answer("throttling"))

    def power_measurement(self) -> float:
        """Watts."""
        return float(self._answer("power"))

    def release(self) -> None:
        """Let go."""
        self.released += 1
        if self.released > 1:
            raise RuntimeError("released twice")


def test_sense_takes_the_hotter_sensor_and_leaves_out_what_is_refused() -> None:
    """A board without a sensor of power is asked for it once."""
    device = Physical(temperature=(71.0, 69.5), throttling=True, power=RuntimeError("no opcode"))
    now_ns = [EVERY_NS]
    sense = ChipSense(device, lambda: now_ns[0])
    for _ in range(3):
        assert sense.read() == DeviceHealth(71.0, throttled=True, power_w=None)
        assert sense.read() is None, "within the same second"
        now_ns[0] += EVERY_NS
    assert device.asked.count("power") == 1
    assert device.asked.count("temperature") == 3
    assert device.opened == 1


def test_sense_of_a_chip_that_is_gone_says_that_it_knows_nothing() -> None:
    """No error gets out: a part must not suffer by what only watches."""
    gone = RuntimeError("PCIe driver failure")
    sense = ChipSense(Physical(temperature=gone, throttling=gone, power=gone), lambda: EVERY_NS)
    assert sense.read() == DeviceHealth(None, None, None)


def test_sense_lets_its_device_go_once() -> None:
    """Before the chip itself goes; one that was never asked has none."""
    device = Physical(temperature=(1.0, 2.0), throttling=False, power=1.5)
    sense = ChipSense(device, lambda: EVERY_NS)
    sense.close()
    assert device.released == 0
    assert sense.read() == DeviceHealth(2.0, throttled=False, power_w=1.5)
    sense.close()
    sense.close()
    assert device.released == 1
