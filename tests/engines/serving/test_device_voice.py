"""What a chip says of itself, on its way to whoever watches the box."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gonogo.engines.backends.backend import DeviceHealth
from gonogo.engines.serving.device_voice import DeviceVoice
from gonogo.ipc.chip_health import ChipView, make_chip_health

if TYPE_CHECKING:
    import pytest

B = 1


class Chip:
    """A backend that has something to say, once. Not simulated: everything else."""

    def __init__(self, *said: DeviceHealth | None) -> None:
        self.said = list(said)

    def health(self) -> DeviceHealth | None:
        """The next word."""
        return self.said.pop(0)


def test_voice_hands_on_what_is_new(station: str) -> None:
    """Temperature, throttling and power, at its place; nothing new changes nothing."""
    make_chip_health(station)
    seen, voice = ChipView.attach(station, B), DeviceVoice(station, B)
    chip: Any = Chip(DeviceHealth(71.5, throttled=True), None, DeviceHealth(None, None, 2.5))
    voice.say([chip])
    first = seen.reading(time.monotonic_ns())
    assert first is not None
    assert first[1:] == (71.5, True, None)
    voice.say([chip])
    assert seen.reading(time.monotonic_ns()) == first
    voice.say([chip])
    second = seen.reading(time.monotonic_ns())
    assert second is not None
    assert second[1:] == (None, None, 2.5)
    voice.close()
    voice.close()
    seen.close()


def test_voice_of_a_backend_without_a_device_says_nothing(station: str) -> None:
    """One on the processor has no health of its own, and there need be no place for it."""
    plain: Any = object()
    DeviceVoice(station, B).say([plain])


def test_voice_that_nobody_listens_to_falls_silent(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A station of an older start has no such memory: told once, and no part suffers."""
    caplog.set_level("INFO")
    chip: Any = Chip(*(DeviceHealth(50.0) for _ in range(3)))
    voice = DeviceVoice(station, B)
    for _ in range(3):
        voice.say([chip])
    assert len(caplog.messages) == 1
