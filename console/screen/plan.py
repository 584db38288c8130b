"""What the screen's process is told at its start."""

from __future__ import annotations

from pathlib import Path

from gonogo.base.frame_shape import FrameShape
from gonogo.base.section import Section
from gonogo.config.access import AccessSection
from gonogo.config.screen import ScreenSection
from gonogo.records.dispositions.section import DispositionsSection


class ScreenView(Section):
    """One view: its name in the records, its frames, and the rules that look at it."""

    name: str
    height_px: int
    width_px: int
    channels: int
    rules: tuple[str, ...] = ()

    @property
    def geometry(self) -> FrameShape:
        """Of its frames."""
        return FrameShape(self.height_px, self.width_px, self.channels)


class ScreenPlan(Section):
    """The process's one argument.

    `records` and `shift_starts` are those of [records]; `audited`: pictures of a random sample
    of accepted parts are kept. `log`: where messages are kept, None where they are not.
    `why`: what the process that works out why is told, as JSON.
    """

    station: str
    screen: ScreenSection
    access: AccessSection = AccessSection()
    records: Path
    shift_starts: tuple[str, ...]
    views: tuple[ScreenView, ...]
    dispositions: DispositionsSection
    audited: bool
    log: Path | None = None
    why: str = ""
