"""One line a frame for whoever turns a lens: the focus now, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.console.show.figures import Figures

COLUMNS = 79  # of a serial terminal of 80: in the last one some of them begin a new line
_CELLS = 24


class FocusLine:
    """Holds the peak: past the best the bar grows shorter, and full it is the best again."""

    def __init__(self) -> None:
        self._peak = 0.0

    def line(self, figures: Figures) -> str:
        """At most COLUMNS letters of ASCII."""
        self._peak = max(self._peak, figures.focus)
        filled = round(_CELLS * figures.focus / self._peak) if self._peak else 0
        bar = "#" * filled + "." * (_CELLS - filled)
        return (
            f"focus {figures.focus:5.2f} best {self._peak:5.2f} [{bar}] mean {figures.mean:3.0f} "
            f"sat {figures.saturated_pct:5.1f}% con {figures.contrast:3.0f}"
        )
