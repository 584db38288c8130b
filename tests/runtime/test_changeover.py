"""A change of recipe: when it begins, when it is in force, and when it is given up."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import StationFileError
from gonogo.plc.handshake.state import Condition
from gonogo.runtime.changeover import Changeover
from gonogo.runtime.judging import Judging
from gonogo.tests.fakes import S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class FakeEngine:
    """An engine without a process; `host` is itself. Not simulated: anything but the outcome.

    `told`: what the host can read, whenever it is shunned.
    """

    def __init__(self, told: Sequence[int] = (), *, needed: bool) -> None:
        self.host = self
        self.needed, self.epoch, self.failed, self.proven = needed, 5, False, True
        self.told = told
        self.shunned: list[tuple[int, list[int]]] = []

    def shun(self) -> None:
        """Remember whom, and what it had been told until then."""
        self.shunned.append((self.epoch, list(self.told)))


IN_FORCE: Any = Judging(None, "the policy in force")  # type: ignore[arg-type]  # only handed on


def believed(change: Changeover) -> Any:  # noqa: ANN401 - a policy by its name
    """Whose engines' scores are to be trusted."""
    return change.policy(IN_FORCE)


def advance(change: Changeover, engine: FakeEngine, wanted: int, now_ns: int) -> int:
    """One turn between two parts under recipe 1; what is in force from now on, 0: as before."""
    engines: Any = engine
    found = change.advance(1, wanted, engines, now_ns, proven=engine.proven)
    return 0 if found is None else found.recipe


def changeover(told: list[int], *engines: FakeEngine) -> Changeover:
    """One that knows recipes 1 and 2; 3 cannot be bound."""

    def make(number: int) -> Judging:
        if number == 3:
            raise StationFileError("rule 'x': no such file")
        rules: Any = {1: None, 2: None}[number]
        policy: Any = f"the policy of {number}"
        return Judging(rules, policy, number)

    clients: Any = engines
    return Changeover(make, told.append, clients)


def shown(change: Changeover) -> tuple[int, int, int]:
    """What the PLC sees: the recipe in force, the one on its way, the one that failed."""
    condition = change.on(Condition(), 1)
    return condition.recipe, condition.changing, condition.failed


def test_changeover_without_an_engine_is_done_in_two_turns(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Bound in one, in force in the next, and a line of each."""
    caplog.set_level(logging.INFO)
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=False)
    assert advance(change, engine, 2, 0) == 0
    assert shown(change) == (1, 2, 0)
    assert advance(change, engine, 2, 1) == 2
    assert shown(change) == (1, 0, 0)
    assert told == [2]
    assert caplog.messages == ["recipe 2 is being loaded", "recipe 2 is in force"]


def test_changeover_of_a_line_with_one_recipe_knows_that_one() -> None:
    """Any other is refused as everywhere."""
    change, engine = Changeover.without(IN_FORCE._replace(recipe=4)), FakeEngine(needed=False)
    assert [advance(change, engine, wanted, 0) for wanted in (4, 4, 0, 2)] == [0, 4, 0, 0]
    assert shown(change) == (1, 0, 2)


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
    how: Callable[[FakeEngine], int], caplog: pytest.LogCaptureFixture
) -> None:
    """Told once; not tried again until it is asked for anew."""
    told: list[int] = []
    engine = FakeEngine(told, needed=True)
    change = changeover(told, engine)
    assert believed(change) == "the policy in force", "whose scores are trusted"
    advance(change, engine, 2, 0)
    assert believed(change) == "the policy of 2"
    now_ns = how(engine)
    assert [advance(change, engine, 2, now_ns) for _ in range(3)] == [0, 0, 0]
    assert shown(change) == (1, 0, 2)
    assert told == [2, 1]
    assert believed(change) == "the policy in force"
    advance(change, engine, 0, now_ns)
    assert shown(change) == (1, 0, 0), "taken back: no failure any more"
    assert caplog.messages == ["recipe 2: its engine could not be loaded; the one in force stays"]
    advance(change, engine, 2, now_ns)
    assert (change.changing, told) == (2, [2, 1, 2])


def test_changeover_trusts_no_process_that_was_there_before_it_told_the_recipe() -> None:
    """Of both slots: engines may be exchanged, and each serves its former recipe for a moment.

    Shunned first: one that begins right after that must find what it shall load.
    """
    told: list[int] = []
    judging, warm = FakeEngine(told, needed=True), FakeEngine(told, needed=True)
    warm.epoch = 11
    change = changeover(told, judging, warm)
    advance(change, judging, 2, 0)
    warm.epoch = 12
    advance(change, judging, 2, failing(judging))
    assert judging.shunned == [(5, []), (6, [2])]
    assert warm.shunned == [(11, []), (12, [2])]


def test_changeover_leaves_a_recipe_whose_engine_had_failed() -> None:
    """That the former one could not be loaded says nothing of the next, which is on its way."""
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=True)
    engine.failed, engine.proven = True, False
    for now_ns in range(3):
        advance(change, engine, 2, now_ns)
    assert shown(change) == (1, 2, 0)
    engine.epoch, engine.failed, engine.proven = 6, False, True
    assert advance(change, engine, 2, 3) == 2


def test_changeover_after_a_failed_one_shows_no_failure() -> None:
    """The PLC may ask for another without taking back its wish."""
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=True)
    assert [advance(change, engine, wanted, 0) for wanted in (3, 2)] == [0, 0]
    assert shown(change) == (1, 2, 0)


def test_changeover_waits_for_an_engine_for_a_minute() -> None:
    """From the moment at which it was asked for, on a clock that has run for a while."""
    told: list[int] = []
    change, engine = changeover(told), FakeEngine(needed=True)
    for late_ns, changing in ((0, 2), (60 * S, 2), (60 * S + 1, 0)):
        advance(change, engine, 2, 7 * S + late_ns)
        assert change.changing == changing


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
