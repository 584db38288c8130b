"""Which slot GRUB starts: held against what a real GRUB has taken, and a model of its script."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.flash.counters import TRIES, counters, on_trial, other, unfinished
from gonogo.tests.flashed.counters import CASES, Case

SCRIPT = Path(__file__).parents[3] / "packaging" / "box" / "grub" / "grub.cfg"
BITS, COUNTS = st.sampled_from(["0", "1"]), st.sampled_from(["0", "1", "2", "3"])
ENVS = st.fixed_dictionaries(
    {"ORDER": st.sampled_from(["A B", "B A"]), "A_OK": BITS, "A_TRY": COUNTS, "B_OK": BITS,
     "B_TRY": COUNTS}
)  # fmt: skip


def started(env: dict[str, str]) -> dict[str, str]:
    """The counters once GRUB has started what it takes: as its script saves them."""
    left = [each for each in ("A", "B") if env[f"{each}_OK"] == "1" and env[f"{each}_TRY"] != "3"]
    begun = env if left else {**env, "A_TRY": "0", "B_TRY": "0"}
    slot = counters(env).active
    return {**begun, f"{slot}_TRY": str(min(int(begun[f"{slot}_TRY"]) + 1, TRIES))}


@pytest.mark.parametrize("case", [each for each in CASES if each.counters], ids=str)
def test_active_is_what_a_real_grub_took(case: Case) -> None:
    """Start after start, none healthy: the rehearsal in QEMU holds GRUB to the same table."""
    env = dict(each.split("=") for each in case.counters)
    taken = []
    for _ in case.takes:
        slot = counters(env).active
        env = started(env)
        taken.append(slot + env[f"{slot}_TRY"])
    assert tuple(taken) == case.takes


def test_a_slot_has_as_many_tries_as_the_script_gives_it() -> None:
    """One number in both."""
    script = SCRIPT.read_text(encoding="utf-8")
    assert f'"${{A_TRY}}" != "{TRIES}"' in script
    assert f'"${{B_TRY}}" != "{TRIES}"' in script


@given(ENVS)
def test_a_slot_on_trial_has_its_tries_and_then_the_other_one_comes_back(
    env: dict[str, str],
) -> None:
    """Whatever the counters were; while it is written, the old one starts."""
    old = counters(env).active
    new = other(old)
    env = {**env, **unfinished(new)}
    assert counters(env).active == old
    env = {**env, f"{old}_OK": "1", f"{old}_TRY": "0", **on_trial(new)}
    for _ in range(TRIES):
        assert counters(env).active == new
        env = started(env)
    assert counters(env).active == old


def test_a_slot_that_was_begun_and_is_not_healthy_yet_still_starts() -> None:
    """A box that was switched off while it started: its slot is not the one to be written."""
    env = {"ORDER": "A B", "A_OK": "1", "A_TRY": "2", "B_OK": "1", "B_TRY": "0"}
    assert counters(env).active == "A"


@pytest.mark.parametrize(
    ("env", "active"),
    [({}, "A"), ({"A_OK": "0"}, "B"), ({"ORDER": "B"}, "B"), ({"ORDER": "C A"}, "A"),
     ({"ORDER": "B A", "A_OK": "no", "B_OK": "no"}, "B"), ({"A_OK": "0", "B_OK": "0"}, "A")],
)  # fmt: skip
def test_what_a_block_does_not_say_is_as_grub_has_it(env: dict[str, str], active: str) -> None:
    """Its script begins with both slots good, and starts something in any case."""
    assert counters(env).active == active
