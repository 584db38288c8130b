"""A change of recipe: when it begins, when it is in force, and when it is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import StationFileError
from gonogo.runtime.changeover import Changeover
from gonogo.runtime.judging import Judging

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeEngine:
    """An engine without a process; `host` is itself. Not simulated: anything but the outcome."""

    def __init__(self, *, needed: bool) -> None:
        self.host = self
        self.needed, self.epoch, self.failed, self.proven = needed, 5, False, True
        self.shunned: list[int] = []

    def shun(self) -> None:
        """Remember whom."""
        self.shunned.append(self.epoch)


IN_FORCE: Any = Judging(None, "the policy in force")  # type: ignore[arg-type]  # only handed on


def believed(change: Changeover) -> Any:  # noqa: ANN401 - a policy by its name
    """Whose engines' scores are to be trusted."""
    return change.policy(IN_FORCE)


def advance(change: Changeover, engine: FakeEngine, wanted: int, now_ns: int) -> int:
    """One turn between two parts under recipe 1; what is in force from now on, 0: as before."""
    engines: Any = engine
    found = change.advance(1, wanted, engines, now_ns, proven=engine.proven)
    return 0 if found is None else found.recipe


def changeover(told: list[int]) -> Changeover:
    """One that knows recipes 1 and 2; 3 cannot be bound."""

    def make(number: int) -> Judging:
        if number == 3:
            raise StationFileError("rule 'x': no such file")
        rules: Any = {1: None, 2: None}[number]
        policy: Any = f"the policy of {number}"
        return Judging(rules, policy, number)

    return Changeover(make, told.append)


def test_changeover_without_an_engine_is_done_in_two_turns() -> None:
    """Bound in one, in force in the next."""
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=False)
    assert advance(change, engine, 2, 0) == 0
    assert change.changing == 2
    assert advance(change, engine, 2, 1) == 2
    assert (change.changing, told) == (0, [2])


def test_changeover_waits_for_the_new_engine_and_for_no_other() -> None:
    """The old one that still serves counts for nothing; nor does a new one not yet proven."""
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=True)
    assert [advance(change, engine, 2, now_ns) for now_ns in (0, 1)] == [0, 0]
    engine.epoch, engine.proven = 6, False
    assert advance(change, engine, 2, 2) == 0
    engine.proven = True
    assert advance(change, engine, 2, 3) == 2


def failing(engine: FakeEngine) -> int:
    """The new engine says that it cannot."""
    engine.epoch, engine.failed, engine.proven = 6, True, False
    return 1


def silent(_: FakeEngine) -> int:
    """Nothing comes for very long."""
    return 10**12


@pytest.mark.parametrize("how", [failing, silent])
def test_changeover_gives_up_and_asks_for_the_old_engine_again(
    how: Callable[[FakeEngine], int],
) -> None:
    """Told once; not tried again until it is asked for anew."""
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=True)
    assert believed(change) == "the policy in force", "whose scores are trusted"
    advance(change, engine, 2, 0)
    assert believed(change) == "the policy of 2"
    now_ns = how(engine)
    assert [advance(change, engine, 2, now_ns) for _ in range(3)] == [0, 0, 0]
    assert (change.changing, change.failed) == (0, 2)
    assert (told, engine.shunned) == ([2, 1], [engine.epoch])
    assert believed(change) == "the policy in force"
    advance(change, engine, 0, now_ns)
    advance(change, engine, 2, now_ns)
    assert (change.changing, told) == (2, [2, 1, 2])


@pytest.mark.parametrize(("number", "why"), [(3, "no such file"), (9, "no [[recipe]] of that")])
def test_changeover_to_what_cannot_be_bound_touches_nothing(
    number: int, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The engine is not even told."""
    told: list[int] = []
    change = changeover(told)
    advance(change, FakeEngine(needed=True), number, 0)
    assert (change.changing, change.failed, told) == (0, number, [])
    assert why in caplog.text


def test_changeover_to_the_recipe_in_force_is_none() -> None:
    """The PLC may go on asking for it."""
    told: list[int] = []
    change = changeover(told)
    advance(change, FakeEngine(needed=True), 1, 0)
    assert (change.changing, change.failed, told) == (0, 0, [])
