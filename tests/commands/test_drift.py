"""`gonogo drift`: how the charts stand, what alarms rest on, and beginning a reference anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gonogo.commands.cli import main
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.records.drift import restarts, saving
from gonogo.records.drift.overrides import Said, SaidOf
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.watch import DriftWatch, Restart
from gonogo.tests.records.drift.made import HOUR, TOP, Recorded, learnt
from gonogo.tests.records.drift.shifts import hour

if TYPE_CHECKING:
    from pathlib import Path

SIDE = TOP._replace(view="side")
NOBODY = SaidOf("", "", 3.6e3, Said(Signal.REVIEWS, 0.0, 0.0, 1.0, alarmed=True))


def gonogo(*words: object) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Records of some hours of a line."""
    line = Recorded(tmp_path / "records.sqlite")
    line.parts(2 * HOUR)
    line.close()
    return line.base


def kept(base: Path, watch: DriftWatch) -> None:
    """As the process leaves it."""
    saving.write(saving.beside_records(base), watch)


def drifted() -> DriftWatch:
    """Scores that have moved, and brightness that is known; parts 5 and 6 then, 9 now."""
    watch = learnt()
    charts = watch.watched[TOP].charts
    for k in range(8):
        moved = hour(HOURS + k, 0.6 * (k > 1))._replace(rejects=charts.learnt[0].rejects)
        charts.add(moved._replace(features=np.zeros(0, np.float32), parts=((1, 9),)))
    return watch


def test_drift_says_how_far_learning_is(base: Path) -> None:
    """Of each view, with the conditions that its charts are of."""
    watch = learnt()
    watch.take(learnt(SIDE, 12).watched[SIDE])
    kept(base, watch)
    found = gonogo("drift", "--station", base)
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    under = "engine 000000000000ab12, recipe 1, 500 us"
    assert lines[0] == f"view 'side', {under}: LEARNING, 12 of 160 h of production"
    assert lines[1].startswith(f"view 'top', {under}: 4 charts")


def test_drift_says_what_an_alarm_rests_on(base: Path) -> None:
    """Each chart with its limits; since when, and parts of then and now by the PLC's numbers."""
    watch = drifted()
    watch.said = (NOBODY,)
    watch.restart(Restart(SIDE, "M. Muster", "new lamp", 5.0))
    kept(base, watch)
    said = gonogo("drift", "--station", base).output
    (chart,) = [line for line in said.splitlines() if line.startswith("  scores of accepted parts")]
    assert " OUT since " in chart
    assert ", limit -" in chart
    assert "ALARM scores of accepted parts: for " in said
    assert "    now   part 9 at 2026-03-02" in said
    assert said.count("no picture") > 0
    assert "accepted scores of seven days: 5, 50, 95 % at" in said
    assert "ALARM all views: nobody has reviewed a reject" in said
    assert "M. Muster began the reference of view 'side'" in said


def test_drift_without_charts_says_what_was_expected(tmp_path: Path) -> None:
    """No station with that section, or no part yet; a damaged file has its own words."""
    line = Recorded(tmp_path / "records.sqlite")
    line.parts(1)
    line.close()
    found = gonogo("drift", "--station", line.base)
    assert (found.exit_code, found.output[:5]) == (1, "GN615")
    assert "expected a station with [records.drift]" in found.output
    saving.beside_records(line.base).write_bytes(b"{}")
    assert "not as it was written" in gonogo("drift", "--station", line.base).output


def test_drift_restart_asks_the_process_and_tells_the_trail(base: Path) -> None:
    """The request waits beside the state; who, what was given up, and why stand in the trail."""
    kept(base, learnt())
    found = gonogo("drift", "restart", "top", "--station", base, "--why", "new lamp")
    assert found.exit_code == 0, found.output
    (request,) = restarts.take(saving.beside_records(base), set())
    assert (request.view, request.why) == ("top", "new lamp")
    assert request.who
    told = list(rows_backwards(beside_records(base)))[::-1]
    assert [(row.what, row.state, row.why) for row in told] == [
        ("drift restart", "asked", "new lamp"), ("drift restart", "done", ""),
    ]  # fmt: skip
    assert told[0].old == {"view": "top", "learnt_h": [HOURS]}


@pytest.mark.parametrize(
    ("view", "words", "expected"),
    [("bottom", ("--why", "x"), "there are: 'top'"), ("top", (), "no --why was given")],
)
def test_drift_restart_refuses_what_nobody_could_account_for(
    base: Path, view: str, words: tuple[str, ...], expected: str
) -> None:
    """A view that is not there, or no reason: nothing is asked."""
    kept(base, learnt())
    found = gonogo("drift", "restart", view, "--station", base, *words)
    assert found.exit_code == 1
    assert found.output.startswith("GN628: ")
    assert expected in found.output
    assert restarts.take(saving.beside_records(base), set()) == []


def test_restart_is_of_the_station_that_stands_before_it(base: Path) -> None:
    """As with the charts themselves: not of whichever one runs."""
    kept(base, learnt())
    found = gonogo("drift", "--station", base, "restart", "top", "--why", "new lamp")
    assert found.exit_code == 0, found.output
    assert [row.what for row in rows_backwards(beside_records(base))][:1] == ["drift restart"]
