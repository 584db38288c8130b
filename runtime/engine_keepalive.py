"""Keeping an engine warm while no part comes, so that the next one is judged as fast as any.

After some silence caches and clocks have forgotten the model. Where the host found that
this costs time (gonogo.engines.serving.warming), the line has it score the last frames
again, now and then, between two parts, but not when by the last pitch the next part is about
to come. The scores are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.words import ViewCapture
    from gonogo.runtime.engine_client import EngineClient

EVERY_NS = 100 * NS_PER_MS  # of silence; what an engine forgets in it, a question brings back
CLEAR_NS = 50 * NS_PER_MS  # before a part that is due the engine is left free


class KeepAlive:
    """When an engine was last asked, and whether it shall be asked again."""

    def __init__(self) -> None:
        self._asked_ns = 0
        self._part_ns = 0
        self._pitch_ns = 0  # between the last two parts

    def judged(self, now_ns: int) -> None:
        """It has just judged a part."""
        self._pitch_ns, self._part_ns = now_ns - self._part_ns, now_ns
        self._asked_ns = now_ns

    def ask_if_due(
        self, engines: EngineClient, captures: Sequence[ViewCapture], now_ns: int
    ) -> None:
        """Between two parts: have it score these again, if it has rested too long; never waits."""
        # a part that comes when an answer is being made would wait for it; a belt that has stopped
        # (due long ago) has no next part to wait for
        due_in_ns = self._part_ns + self._pitch_ns - now_ns
        clear = not 0 <= due_in_ns < CLEAR_NS
        if engines.host.gains and clear and now_ns - self._asked_ns >= EVERY_NS:
            self._asked_ns = now_ns
            engines.between.ask_all(captures, now_ns + EVERY_NS)
