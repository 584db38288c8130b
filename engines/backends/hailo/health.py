"""What a Hailo chip says of its own temperature, throttling and power.

Only the process that has the chip can ask it, and the call holds up the interpreter for as long
as the chip takes to answer: so it is asked in idle time, and at most once a second.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import DeviceHealth
from gonogo.engines.backends.hailo.runtime import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

log = get_logger(__name__)

EVERY_NS = 1000 * NS_PER_MS


class ChipSense:
    """Asks the first physical device behind a VDevice; what it cannot say, it is not asked again.

    Most modules have no sensor of power, and refuse that question.
    """

    def __init__(
        self,
        device: Any,  # noqa: ANN401 - a VDevice
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._device = device
        self._clock_ns = clock_ns
        self._asked_ns = -EVERY_NS
        self._physical: Any = None
        self._mute: set[str] = set()

    def read(self) -> DeviceHealth | None:
        """What it says now; None when it was asked less than a second ago."""
        now_ns = self._clock_ns()
        if now_ns - self._asked_ns < EVERY_NS:
            return None
        self._asked_ns = now_ns
        return DeviceHealth(
            self._ask("temperature", _temperature_c),
            self._ask("throttling", lambda control: bool(control.get_throttling_state())),
            self._ask("power", lambda control: float(control.power_measurement())),
        )

    def close(self) -> None:
        """Let the physical device go, before its VDevice goes."""
        physical, self._physical = self._physical, None
        if physical is not None:
            try:
                physical.release()
            except Exception as error:  # noqa: BLE001 - a device that is gone refuses that, too
                log.warning(
                    "hailo_control_kept",
                    text="hailo: its control cannot be released: %(why)s",
                    why=one_line(error),
                )

    def _ask(self, what: str, question: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - of what is asked
        if what in self._mute:
            return None
        try:
            if self._physical is None:  # opened once: each one is a device of its own
                self._physical = self._device.get_physical_devices()[0]
            return question(self._physical.control)
        except Exception as error:  # noqa: BLE001 - whatever it raises, a part must not suffer by it
            self._mute.add(what)
            log.info(
                "hailo_unsaid",
                text="hailo: the chip does not say its %(what)s: %(why)s",
                what=what,
                why=one_line(error),
            )
            return None


def _temperature_c(control: Any) -> float:  # noqa: ANN401 - without types
    """The hotter one of its two sensors."""
    found = control.get_chip_temperature()
    return max(float(found.ts0_temperature), float(found.ts1_temperature))
