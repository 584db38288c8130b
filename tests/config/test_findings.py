"""Findings: one error of pydantic in our words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError, model_validator

from gonogo.base.section import Section
from gonogo.config.findings import Finding, findings_of
from gonogo.config.schema import shape_of


class Lamp(Section):
    """One lamp."""

    colour: Literal["red", "white"]
    wait_ms: Annotated[int, Field(ge=1, le=100)] = 1

    @model_validator(mode="after")
    def _rule(self) -> Lamp:
        if self.colour == "red" and self.wait_ms > 50:
            raise ValueError("wait_ms: expected at most 50 ms for a red lamp")
        return self


class Lamps(Section):
    """Some lamps."""

    lamp: Annotated[tuple[Lamp, ...], Field(min_length=1)]


def found(*lamps: Any) -> list[Finding]:  # noqa: ANN401 - tables of a file
    """What is wrong with these tables."""
    data = {"lamp": list(lamps)}
    with pytest.raises(ValidationError) as caught:
        Lamps.model_validate({"lamp": lamps}, strict=True)
    return findings_of(caught.value, shape_of(Lamps), data)


@pytest.mark.parametrize(
    ("lamp", "path", "text"),
    [
        ({"colour": "red", "wait_ms": 0}, "wait_ms", "expected 1 to 100 ms, got 0"),
        (
            {"colour": "red", "wait_ms": "x"},
            "wait_ms",
            'expected a whole number, 1 to 100 ms, got "x"',
        ),
        ({}, "colour", "expected one of 'red', 'white', got nothing"),
        (
            {"colour": "rde"},
            "colour",
            "expected one of 'red', 'white', got \"rde\", did you mean 'red'",
        ),
        (
            {"colour": "red", "wait": 1},
            "wait",
            "expected one of colour, wait_ms, got the unknown key 'wait', did you mean 'wait_ms'",
        ),
        ({"colour": "red", "wait_ms": 51}, "wait_ms", "expected at most 50 ms for a red lamp"),
    ],
)
def test_finding_says_where_and_what(lamp: dict[str, object], path: str, text: str) -> None:
    """The key path, with the number of the element."""
    assert found({"colour": "white"}, lamp) == [Finding(("lamp", 1, path), text)]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": 1}, "a table"),
        ([1, 2], "an array of 2 elements"),
        (["a"], "an array of 1 element"),
        (True, "true"),
        (1.5, "1.5"),
        ("x" * 80, f'"{"x" * 59}...'),
    ],
)
def test_finding_shows_a_value_as_it_could_stand_in_the_file(value: object, shown: str) -> None:
    """Cut to a length that fits a line."""
    (one,) = found({"colour": value})
    assert one.text == f"expected one of 'red', 'white', got {shown}"


def test_array_is_not_too_short_because_its_elements_are_wrong() -> None:
    """Pydantic leaves out the faulty ones and then counts too few."""
    assert [one.path for one in found({"colour": "blue"})] == [("lamp", 0, "colour")]
    assert [one.path for one in found()] == [("lamp",)]
