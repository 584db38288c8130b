"""What the supervisor is told, and when processes of one plan will do for another."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.ipc.identity import Seals
from gonogo.watchdog.plan import RowPlan, SupervisorPlan

SEALS = Seals(b"secret")
ROW = RowPlan(name="line", module="gonogo.runtime.line", argument="{1}", limit_ms=100.0)


def digest(*rows: RowPlan) -> int:
    """Of a plan with these rows."""
    return SupervisorPlan(station="cell", rows=rows).digest(SEALS)


def test_plan_travels_as_json() -> None:
    """What the supervisor reads is what the station file said."""
    plan = SupervisorPlan(station="cell", rows=(ROW,), refused_faults={"hang": "no engine"})
    assert SupervisorPlan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    "change",
    [{"argument": "{2}"}, {"limit_ms": 101.0}, {"module": "x"}, {"spare": True}, {"strikes": 1}],
)
def test_plan_that_would_start_other_processes_has_another_digest(
    change: dict[str, object],
) -> None:
    """Those that live were started from another one, and are not adopted."""
    assert digest(ROW.model_copy(update=change)) != digest(ROW)


def test_plan_counts_of_an_argument_what_must_be_alike() -> None:
    """The rest may change while the processes run (a recipe, say)."""
    rows = [ROW.model_copy(update={"argument": text, "alike": "same"}) for text in ("{1}", "{2}")]
    assert digest(rows[0]) == digest(rows[1]) != digest(ROW)


def test_plan_counts_the_order_and_the_number_of_rows() -> None:
    """The numbers of rows in shared memory follow from them."""
    other = ROW.model_copy(update={"name": "records"})
    assert len({digest(ROW), digest(other), digest(ROW, other), digest(other, ROW)}) == 4


def test_plan_refuses_what_it_does_not_know() -> None:
    """A supervisor of another version was told."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        SupervisorPlan.model_validate({"station": "cell", "rows": [], "restart": True})
