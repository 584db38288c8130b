"""What a rehearsal makes of its figures: passed, failed, or inconclusive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import NotSimulated
from gonogo.proving.figures import whose
from gonogo.proving.plcsim.blame import BOUND_MS
from gonogo.proving.rehearse import exit_code, inconclusive, passed, simulated_plc
from gonogo.tests.plc.sim.onepart import behind, hang_up, record, run, session
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


def found(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any figure
    """Figures of a rehearsal of ten parts without a fault."""
    figures: dict[str, Any] = {"asked": 10, "parts": 10, "verdicts": 10, "interrupted": False}
    figures |= {"late": 0, "missing": 0, "wrong_part": 0, "doubled": 0}
    figures["worth"] = {"enough": True}
    figures |= {"by_station": {"late": 0, "missing": 0}, "by_judge": {"late": 0, "missing": 0}}
    return figures | changes


def late(station: int, judge: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as found
    """So many parts late by each side."""
    count = station + judge
    return found(
        verdicts=10 - count,
        late=count,
        missing=count,
        by_station={"late": station, "missing": station},
        by_judge={"late": judge, "missing": judge},
        **changes,
    )


def test_station_with_a_photo_eye_of_its_own_is_not_rehearsed(tmp_path: Path) -> None:
    """Nothing would ever cover it; the message names what can be rehearsed."""
    trigger = {"driver": "gpio", "chip": "eye", "line": "17"}
    with pytest.raises(NotSimulated, match=r"'gpio' cannot be rehearsed: .*driver plc or timer"):
        simulated_plc(small_station(tmp_path, trigger=trigger))
    assert simulated_plc(small_station(tmp_path)).driver == "modbus-client"


def test_exit_code_of_a_clean_rehearsal_is_0() -> None:
    """Passed, and not inconclusive."""
    assert (exit_code(found()), passed(found()), inconclusive(found())) == (0, True, False)


@pytest.mark.parametrize(("enough", "code"), [(True, 0), (None, 0), (False, 4)])
def test_exit_code_is_4_where_all_was_in_time_and_too_much_was_wrong(
    *, enough: bool | None, code: int
) -> None:
    """What nobody knows is no failure; lateness comes first."""
    assert exit_code(found(worth={"enough": enough})) == code
    assert exit_code(late(1, 0, worth={"enough": enough})) == 2
    assert exit_code(late(0, 1, worth={"enough": enough})) == 3


def test_exit_code_is_3_where_only_the_judge_was_late() -> None:
    """Neither passed nor failed."""
    figures = late(0, 2)
    assert (exit_code(figures), passed(figures), inconclusive(figures)) == (3, False, True)


@pytest.mark.parametrize(
    "figures",
    [
        late(1, 0),
        late(1, 5),
        late(0, 2, wrong_part=1),
        late(0, 2, doubled=1),
        late(0, 2, interrupted=True),
        late(0, 2, asked=11),
        found(wrong_part=1),
        found(doubled=1),
        found(interrupted=True),
        found(asked=11),
        found(asked=0, parts=0, verdicts=0),
        found(verdicts=9, missing=1, by_station={"late": 0, "missing": 1}),
    ],
)
def test_exit_code_is_2_where_anything_else_was_wrong(figures: dict[str, Any]) -> None:
    """However late the judge was; a run that did not come to its last part proves nothing."""
    assert (exit_code(figures), passed(figures), inconclusive(figures)) == (2, False, False)


def test_whose_tells_part_by_part_with_both_times() -> None:
    """One that came late, by the judge."""
    figures = whose(run(behind("reply", 1040, 1115), record(1117, 1120)))
    assert figures["by_judge"] == {"late": 1, "missing": 1}
    assert figures["by_station"] == {"late": 0, "missing": 0}
    assert figures["untimely"] == [
        {"part": 1, "part_id": 7, "late_ms": 20.0, "judge_late_ms": 75.0, "by": "judge"}
    ]
    assert figures["judge"] == {
        "times_late": 1,
        "late_ms": 75.0,
        "worst_ms": 75.0,
        "bound_ms": BOUND_MS,
        "rank": 38,
    }


def test_whose_tells_of_a_verdict_that_never_came() -> None:
    """Lost with the link, by the judge; without that, by the station."""
    events = behind("reply", 1050, 1140), hang_up(1140.5), session(1300)
    (lost,) = whose(run(*events))["untimely"]
    assert (lost["late_ms"], lost["by"]) == (None, "judge")
    assert lost["judge_late_ms"] == 50.0  # of the time to its decision point
    (silent,) = whose(run())["untimely"]
    assert (silent["late_ms"], silent["judge_late_ms"], silent["by"]) == (None, 0.0, "station")


def test_whose_of_a_clean_run_names_nobody() -> None:
    """And a judge that was never late."""
    figures = whose(run(record(1050)))
    assert figures["untimely"] == []
    assert (figures["judge"]["times_late"], figures["judge"]["worst_ms"]) == (0, 0.0)
