"""Rehearsals that fail by the station alone: a judge that was late proves nothing either way.

Import as `gonogo.tests.judged`. What is inconclusive is done again, and skipped by name where it
stays so: it is never taken as passed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.ipc.journal import JournalReader
from gonogo.proving.figures import Tally
from gonogo.proving.rehearse import inconclusive, rehearse
from gonogo.records.volumes import volumes

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.config.station import Station
    from gonogo.launch.running_station import RunningStation
    from gonogo.proving.plcsim.judge import Judgement

ATTEMPTS = 3
WAIT_S = 120.0  # only ends a test that fails


def rehearsed(station: Station, parts: int, view: Any = None, **plan: Any) -> dict[str, Any]:  # noqa: ANN401 - as rehearse
    """What a rehearsal found in which the judge was in time, or the station was not."""
    for _ in range(ATTEMPTS):
        found = rehearse(station, parts, view, **plan)
        if not inconclusive(found):
            return found
        for each in volumes(station.records.path):
            each.path.unlink()  # the next one begins anew
    pytest.skip(f"inconclusive {ATTEMPTS} times, the judge itself was late: {found['untimely']}")


def assert_timely(judged: Judgement) -> None:
    """Every part had one timely verdict of its own, as far as the judge was there."""
    if judged.inconclusive:
        late = [(row.part, row.late_ms, row.judge_late_ms) for row in judged.rows if row.by_judge]
        pytest.skip(f"inconclusive, the judge itself was late: {late}")
    assert (judged.late, judged.missing, judged.wrong_part, judged.doubled) == (0, 0, 0, 0)


class Watched:
    """The parts of a running station, as its journal has them."""

    def __init__(self, running: RunningStation) -> None:
        self._running, self._reader = running, JournalReader(running.journal)
        self.tally = Tally()

    def until(self, what: str, met: Callable[[], bool]) -> None:
        """Take what comes until something is so."""
        end_s = time.monotonic() + WAIT_S
        while not met():
            assert time.monotonic() < end_s, what
            self._running.wait(0.02)
            self.tally.take(self._reader)
