"""The shift that runs: when it began, and how many parts of it the records already have."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsUnreadable
from gonogo.base.log.logger import get_logger
from gonogo.records.questions.files import Files
from gonogo.records.questions.sums import verdicts
from gonogo.records.shifts import shift_start_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = get_logger(__name__)


def began_at(wall_ms: int, starts: Sequence[str]) -> tuple[int, str]:
    """UTC ms at which the shift of a time began, and the same as the box's clock shows it."""
    began_ms = shift_start_ms(wall_ms, starts)
    return began_ms, datetime.fromtimestamp(began_ms / 1000).astimezone().strftime("%H:%M")


def counted_before(
    records: Path, since_ms: int, until_ms: int, run: str, serial: int
) -> dict[str, int] | None:
    """Parts of a time by verdict, without those of a run from a serial on; None: nobody can tell.

    Records that nobody has written yet have none.
    """
    files = Files(records)
    if not files.paths:
        return {}
    try:
        return dict(verdicts(files, since_ms, until_ms, (run, serial)))
    except RecordsUnreadable as error:
        log.warning("shift_uncounted", text="the shift's counters begin anew: %(why)s", why=error)
        return None
