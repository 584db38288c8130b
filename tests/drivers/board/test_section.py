"""What the station file may say of the heat of its box."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.drivers.board.section import BoardSection


def test_section_needs_no_key() -> None:
    """An empty [board] watches everything, by what the kernel proposes."""
    section = BoardSection()
    assert (section.warn_c, section.shed_c, section.zones) == (None, None, ())
    assert (section.when_slowed, section.hysteresis_c, section.every_s) == ("warn", 5.0, 1.0)


@pytest.mark.parametrize("warn_c", [80.0, 80.1])
def test_section_wants_the_warning_before_the_loss(warn_c: float) -> None:
    """A warning that comes with it is none."""
    with pytest.raises(ValidationError, match=r"warn_c: expected less than the 80 degC of shed_c"):
        BoardSection(warn_c=warn_c, shed_c=80.0)
    assert BoardSection(warn_c=79.9, shed_c=80.0).warn_c == 79.9


@pytest.mark.parametrize(
    "keys",
    [
        {"shed_c": 19.9},
        {"shed_c": 150.1},
        {"hysteresis_c": 0.0},
        {"every_s": 5.0},  # it would count as silent in between
        {"when_slowed": "ignore"},
        {"zone": "cpu"},
    ],
)
def test_section_refuses_what_cannot_be_meant(keys: dict[str, object]) -> None:
    """Bounds are in the type."""
    with pytest.raises(ValidationError):
        BoardSection.model_validate(keys)
