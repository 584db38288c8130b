"""What the line says of itself to the PLC link: one place that sums up the last parts.

Three parts in a row without a trusted frame: the camera is not ok, and the permit
goes off until a frame can be trusted again (probed once a second between parts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.plc.state import Condition
from gonogo.runtime.parts import NS_PER_MS, Mode

if TYPE_CHECKING:
    from gonogo.runtime.parts import Verdict

CAMERA_STRIKES = 3
PROBE_EVERY_NS = 1000 * NS_PER_MS


class Health:
    """Follows verdicts; `judged` is whether any view has an engine."""

    def __init__(self, *, judged: bool) -> None:
        self._judged = judged
        self._strikes = 0
        self._silent = False
        self._probed_ns = 0

    def note(self, verdict: Verdict) -> None:
        """One part was inspected."""
        self._strikes = self._strikes + 1 if verdict.mode is Mode.SAFE else 0
        if verdict.mode is not Mode.SAFE:
            self._silent = verdict.mode is Mode.RULES_ONLY

    def seen(self) -> None:
        """A probe brought a trusted frame: the camera is back."""
        self._strikes = 0

    def probe_due(self, now_ns: int) -> bool:
        """Whether the cameras shall be tried without a part, now."""
        if self._strikes < CAMERA_STRIKES or now_ns - self._probed_ns < PROBE_EVERY_NS:
            return False
        self._probed_ns = now_ns
        return True

    def condition(self, *, engine_ready: bool) -> Condition:
        """For the PLC link, which shows it to the PLC."""
        engine_ok = not self._judged or (engine_ready and not self._silent)
        return Condition(
            tested=True,
            camera_ok=self._strikes < CAMERA_STRIKES,
            engine_ok=engine_ok,
            degraded=not engine_ok,
            time_valid=True,
        )
