"""Which slot GRUB starts: held against a model of the loop in its configuration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.flash.counters import counters, other, tried_once, unfinished

BITS = st.sampled_from(["0", "1"])
ENVS = st.fixed_dictionaries(
    {"ORDER": st.sampled_from(["A B", "B A"]), "A_OK": BITS, "A_TRY": BITS, "B_OK": BITS,
     "B_TRY": BITS}
)  # fmt: skip


def grub(env: dict[str, str]) -> str | None:
    """The loop of grub.cfg that RAUC's manual gives: the first that may be, and was not begun."""
    for slot in env["ORDER"].split():
        if env[f"{slot}_OK"] == "1" and env[f"{slot}_TRY"] == "0":
            return slot
    return None


def started(env: dict[str, str]) -> dict[str, str]:
    """The counters once GRUB has started what it takes."""
    slot = grub(env)
    return env if slot is None else {**env, f"{slot}_TRY": "1"}


@given(ENVS)
def test_active_is_what_grub_takes(env: dict[str, str]) -> None:
    """As long as it takes any; else what it takes once all are cleared."""
    taken = grub(env)
    if taken is not None:
        assert counters(env).active == taken
    elif "1" not in {env["A_OK"], env["B_OK"]}:
        assert counters(env).active is None


@given(ENVS.filter(lambda env: grub(env) is not None))
def test_a_slot_is_tried_once_and_then_the_other_one_comes_back(env: dict[str, str]) -> None:
    """Whatever the counters were: begun, not marked good, and the old one starts again."""
    old = counters(env).active
    assert old is not None
    new = other(old)
    env = {**env, **unfinished(new)}
    assert grub(env) == old
    env = {**env, **tried_once(new)}
    assert grub(env) == new
    assert grub(started(env)) == old


@pytest.mark.parametrize(
    ("env", "active"),
    [({}, None), ({"A_OK": "1"}, "A"), ({"ORDER": "B", "A_OK": "1", "B_OK": "1"}, "B"),
     ({"ORDER": "C A", "A_OK": "1", "A_TRY": "1"}, "A"), ({"A_OK": "yes"}, None)],
)  # fmt: skip
def test_what_a_block_does_not_say_may_not_be_started(
    env: dict[str, str], active: str | None
) -> None:
    """As in GRUB's own configuration, whose defaults are 0."""
    assert counters(env).active == active
