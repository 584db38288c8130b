"""The bench of disturbances: it times the line that names one, and says when none came."""

from __future__ import annotations

import pytest

from gonogo.proving.bench.disturb import CASES, WITHIN_MS, named_ms

GIVE_UP_S = 1.0


@pytest.mark.parametrize("name", ["no Modbus", "refused"])
def test_disturbance_is_named(name: str) -> None:
    """By its own words in the log; how soon is a matter of the bench."""
    assert 0 < named_ms(CASES[name]) < 30_000


def test_disturbance_that_nobody_names_takes_for_ever() -> None:
    """Words that no line has: the whole patience, and no guess."""
    unnamed = CASES["no Modbus"]._replace(words="a word that no log has")
    assert named_ms(unnamed, GIVE_UP_S) == 1000 * GIVE_UP_S
    assert WITHIN_MS >= 1000 * GIVE_UP_S
