"""Recipes in a station file: what must fit together, and what is said when it does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from gonogo.base.errors import StationFileError
from gonogo.base.scores import ScoreLimits
from gonogo.base.words import VerdictKind
from gonogo.config.station import Station, load_station
from gonogo.runtime.changeover import Changeover, Judges
from gonogo.runtime.decide import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"


def demo_with(*recipes: dict[str, Any]) -> Station:
    """The demo station with these recipes."""
    return Station.model_validate(load_station(DEMO).model_dump() | {"recipe": recipes})


def recipe(number: int = 2, **view: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the view
    """A recipe that judges the demo's view by one of its rules and its engine."""
    top = load_station(DEMO).view[0]
    judged = {"name": "top", "engine": top.engine, "rule": top.rule[:1]} | view
    return {"number": number, "name": f"number {number}", "view": (judged,)}


@pytest.mark.parametrize(
    ("recipes", "problem"),
    [
        ((recipe(2), recipe(2)), "expected a number of its own for every [[recipe]], got [2, 2]"),
        ((recipe(2, name="side"),), "expected a [[recipe.view]] for each of ['top'], got ['side']"),
        ((recipe(2, engine=None),), "expected an engine for the same views as in [[view]]"),
        ((recipe(1),), "greater than or equal to 2"),
        ((recipe(2) | {"view": ()},), "at least 1 item"),
    ],
)
def test_recipes_that_do_not_fit_are_refused(
    recipes: tuple[dict[str, Any], ...], problem: str
) -> None:
    """The very thing, by number and name."""
    with pytest.raises(ValidationError, match=re.escape(problem)):
        demo_with(*recipes)


class FakeLine:
    """A line without devices; `engines` is itself. Not simulated: anything but the outcome."""

    def __init__(self, *, needed: bool) -> None:
        self.engines: Any = self
        self.needed, self.epoch, self.failed, self.whole = needed, 5, False, True
        self.adopted: list[int] = []
        self.policy: Any = "the policy in force"
        self.believed: list[Any] = []
        self.shunned: list[int] = []

    def believe(self, policy: Policy) -> None:
        """Remember whom."""
        self.believed.append(policy)

    def shun(self) -> None:
        """Remember whom."""
        self.shunned.append(self.epoch)

    def adopt(self, number: int, judges: Judges) -> None:
        """Remember."""
        self.judges = judges
        self.adopted.append(number)


def changeover(told: list[int]) -> Changeover:
    """One that knows recipes 1 and 2; 3 cannot be bound."""

    def make(number: int) -> Judges:
        if number == 3:
            raise StationFileError("rule 'x': no such file")
        rules: Any = {1: None, 2: None}[number]
        policy: Any = f"the policy of {number}"
        return Judges(rules, policy)

    return Changeover(1, make, told.append)


def test_changeover_without_an_engine_is_done_in_two_turns() -> None:
    """Bound in one, in force in the next."""
    told: list[int] = []
    change, line = changeover(told), FakeLine(needed=False)
    change.turn(line, 2, 0)
    assert (change.changing, change.active) == (2, 1)
    change.turn(line, 2, 1)
    assert (change.changing, change.active, line.adopted, told) == (0, 2, [2], [2])


def test_changeover_waits_for_the_new_engine_and_for_no_other() -> None:
    """The old one that still serves counts for nothing; nor does a new one not yet proven."""
    told: list[int] = []
    change, line = changeover(told), FakeLine(needed=True)
    change.turn(line, 2, 0)
    change.turn(line, 2, 1)
    assert line.adopted == []
    line.epoch, line.whole = 6, False
    change.turn(line, 2, 2)
    assert line.adopted == []
    line.whole = True
    change.turn(line, 2, 3)
    assert line.adopted == [2]


def failing(line: FakeLine) -> int:
    """The new engine says that it cannot."""
    line.epoch, line.failed, line.whole = 6, True, False
    return 1


def silent(_: FakeLine) -> int:
    """Nothing comes for very long."""
    return 10**12


@pytest.mark.parametrize("how", [failing, silent])
def test_changeover_gives_up_and_asks_for_the_old_engine_again(
    how: Callable[[FakeLine], int],
) -> None:
    """Told once; not tried again until it is asked for anew."""
    told: list[int] = []
    change, line = changeover(told), FakeLine(needed=True)
    change.turn(line, 2, 0)
    now_ns = how(line)
    for _ in range(3):
        change.turn(line, 2, now_ns)
    assert (change.active, change.changing, change.failed) == (1, 0, 2)
    assert (line.adopted, told, line.shunned) == ([], [2, 1], [line.epoch])
    assert line.believed == ["the policy of 2", "the policy in force"], "whose scores are trusted"
    change.turn(line, 0, now_ns)
    change.turn(line, 2, now_ns)
    assert (change.changing, told) == (2, [2, 1, 2])


@pytest.mark.parametrize(("number", "why"), [(3, "no such file"), (9, "no [[recipe]] of that")])
def test_changeover_to_what_cannot_be_bound_touches_nothing(
    number: int, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The engine is not even told."""
    told: list[int] = []
    change = changeover(told)
    change.turn(FakeLine(needed=True), number, 0)
    assert (change.changing, change.failed, told) == (0, number, [])
    assert why in caplog.text


def test_word_of_a_policy_is_never_nothing_and_follows_its_engines() -> None:
    """0 in D8 would look like a station that says nothing."""
    one = Policy((ScoreLimits(1.0, 2.0, 7),), VerdictKind.ACCEPT, 1)
    limits = (ScoreLimits(1.0, 2.0, 8), ScoreLimits(1.0, 2.5, 7))
    others = [one._replace(limits=(each,)) for each in limits] + [one._replace(checksum=2)]
    words = {policy.word for policy in (one, *others)}
    assert len(words) == 4
    assert all(0 < word <= 0xFFFF for word in words)
    assert all(0 < one._replace(checksum=k).word <= 0xFFFF for k in range(5000))
