"""`why`: rules with value and limits at once, and the place that an engine saw most of."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.console.serial.why import LOOKING, Looking, why
from gonogo.tests.console.serial.explained import SPOT, explained
from gonogo.tests.console.serial.ran import at, begun
from gonogo.tests.console.serial.told import Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.console.serial.table import Answer, Errand
    from gonogo.tests.console.serial.told import Told

WAIT_S = 300.0


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station whose engine has patches of good parts, and two parts that it rejected."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("why")) as found:
        explained(found)
        yield found


def ended(errand: Errand | None) -> Answer:
    """What it says at its end."""
    assert errand is not None
    end_s = time.monotonic() + WAIT_S
    while (found := errand.finished()) is None:
        assert time.monotonic() < end_s, "it does not end"
        assert errand.tick(0.0, 0) == b""
        time.sleep(0.01)
    return found


def test_why_names_the_place_that_the_engine_saw_most_of(told: Told) -> None:
    """On the frame, in px, where the spot is; and how far it is from the nearest good patch."""
    first = why(at(told), ("1004",))
    assert first.lines == [
        "part 1004: REJECT ENGINE: the engine's score is above the reject limit", LOOKING,
    ]  # fmt: skip
    answer = ended(first.errand)
    view, rule, place = answer.lines
    assert view.startswith("  view     top: score 70 by engine ")
    assert rule == "  rule     width: FAIL, 40 mm (expected at most 30 mm)"
    assert place.startswith("  place    top: x ")
    assert "nearest good patch, of good " in place
    (found,) = answer.value["places"]
    top, left, bottom, right = found["place_px"]
    assert left <= SPOT[0] + 2 <= right
    assert top <= SPOT[1] + 2 <= bottom
    assert found["distance"] > 0
    assert answer.value["rules"][0]["low"] is None


def test_why_without_a_picture_says_what_the_records_know(told: Told) -> None:
    """At once: nothing is begun for it."""
    answer = why(at(told), ("1005",))
    assert answer.errand is None
    assert answer.lines[-1].startswith("  place    top: not known: part 1005: no picture of it")
    assert answer.value["places"][0]["place_px"] is None


def test_why_of_an_accepted_part_begins_nothing(told: Told) -> None:
    """A score below its limits has led to nothing that could be looked for."""
    answer = why(at(told), ("1001",))
    assert (answer.errand, answer.value["places"]) == (None, [])
    assert answer.lines[0].startswith("part 1001: ACCEPT")


def test_why_of_a_station_file_that_is_gone_is_answered(told: Told) -> None:
    """By the records, and with what is wrong in place of the place."""
    file = told.records.parent / "cell.toml"
    before = file.read_text()
    file.write_text(before + "# edited, and no copy is kept\n")
    try:
        answer = why(at(told), ("1004",))
    finally:
        file.write_text(before)
    assert answer.errand is None
    assert "it was edited since the station was started" in answer.lines[-1]


def test_why_says_of_an_engine_that_is_gone_that_the_place_is_not_known(told: Told) -> None:
    """Part 1002 was scored by another one than the station file names."""
    answer = ended(why(at(told), ("1002",)).errand)
    assert answer.lines[-1].startswith("  place    top: not known: ")
    assert answer.lines[-2].startswith("  view     top: score 9 ")


def test_why_is_given_up_with_what_the_records_know(told: Told) -> None:
    """Ctrl-C; what worked it out is ended."""
    cabinet = Cabinet(told.name)
    begun(told)
    assert cabinet.type(b"why 1004\r").endswith(f"{LOOKING}\n")
    said = cabinet.type(b"\x03")
    end_s = time.monotonic() + WAIT_S
    while cabinet.said.errand is not None:
        assert time.monotonic() < end_s
        said += cabinet.wait(0.01)
    assert "score 70" in said
    assert "place    top: " in said


def test_why_of_a_program_is_one_answer(told: Told) -> None:
    """A line of JSON, once all is known, and OK."""
    cabinet = Cabinet(told.name)
    said = cabinet.type(b"why 1004 --json\r")
    end_s = time.monotonic() + WAIT_S
    while cabinet.said.errand is not None:
        assert time.monotonic() < end_s
        said += cabinet.wait(0.01)
    value, okay = said.split("\n")[1:3]
    assert okay == "OK"
    assert json.loads(value)["places"][0]["view"] == "top"


def test_looking_is_cancelled_with_the_cable(told: Told) -> None:
    """Nobody is there any more: its process goes, and twice is once."""
    errand = why(at(told), ("1004",)).errand
    assert isinstance(errand, Looking)
    assert (errand.cancel(), errand.cancel()) == (b"", b"")
    ended(errand)
    assert not errand._explainer.works
