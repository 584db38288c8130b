"""The one function that changes the mode: what is lost, when, and what brings it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.words import Mode, Reason, Verdict, VerdictKind
from gonogo.runtime.modes import LOSSES, PROBE_EVERY_NS, REST_NS, Input, Modes


def verdict(mode: Mode, reason: Reason = Reason.OK) -> Verdict:
    """A verdict reached in a mode."""
    return Verdict(VerdictKind.REJECT, reason, 0, mode, VerdictKind.NONE, VerdictKind.NONE)


def full(*, judged: bool = True) -> Modes:
    """A station on which everything has proven itself."""
    modes = Modes(judged=judged)
    modes.regained(Input.ENGINE)
    return modes


def test_modes_trust_no_engine_before_it_has_proven_itself() -> None:
    """At the start the rules decide, until the engine scored live frames in time."""
    modes = Modes(judged=True)
    assert (modes.mode, modes.ask_engine, modes.try_engine) == (Mode.RULES_ONLY, False, True)
    modes.regained(Input.ENGINE)
    assert (modes.mode, modes.ask_engine, modes.try_engine) == (Mode.FULL, True, False)


def test_modes_lose_an_engine_whose_process_ended() -> None:
    """At once, without a part; its return alone brings nothing back, a trial does."""
    modes = full()
    modes.tick(1, engine_ready=False)
    assert modes.mode is Mode.RULES_ONLY
    modes.tick(2, engine_ready=True)
    assert not modes.ask_engine
    modes.regained(Input.ENGINE)
    assert modes.ask_engine


def test_modes_lose_an_engine_by_one_part_without_a_trusted_score() -> None:
    """One miss: the next part is not asked to wait for it again."""
    modes = full()
    modes.inspected(verdict(Mode.RULES_ONLY, Reason.ENGINE_SILENT), 1)
    assert not modes.ask_engine
    assert modes.condition().degraded
    assert not modes.condition().engine_ok


def test_modes_forgive_fewer_camera_faults_than_three_in_a_row() -> None:
    """One bad frame rejects its part; it does not stop the station."""
    modes = full()
    for seen in (Mode.SAFE, Mode.SAFE, Mode.FULL, Mode.SAFE, Mode.SAFE):
        modes.inspected(verdict(seen, Reason.CAMERA), 1)
    assert modes.condition().camera_ok
    assert modes.mode is Mode.FULL


def test_modes_lose_a_camera_until_a_trial_frame_is_trusted() -> None:
    """SAFE, permit off; tried once a second and not more often."""
    modes = full()
    assert not modes.try_camera(10 * PROBE_EVERY_NS)
    for _ in range(LOSSES[Input.CAMERA].parts):
        modes.inspected(verdict(Mode.SAFE, Reason.CAMERA), 1)
    assert (modes.mode, modes.condition().camera_ok) == (Mode.SAFE, False)
    assert modes.try_camera(10 * PROBE_EVERY_NS)
    assert not modes.try_camera(11 * PROBE_EVERY_NS - 1)
    assert modes.try_camera(11 * PROBE_EVERY_NS)
    modes.regained(Input.CAMERA)
    assert (modes.mode, modes.condition().camera_ok) == (Mode.FULL, True)


def test_modes_are_safe_after_ten_overruns_in_a_row_until_a_second_of_rest() -> None:
    """A line that cannot keep its deadlines says so, and tries again after a rest."""
    modes = full()
    for _ in range(LOSSES[Input.TIME].parts):
        modes.inspected(verdict(Mode.FULL, Reason.DEADLINE), 1000)
    assert (modes.mode, modes.condition().in_time) == (Mode.SAFE, False)
    modes.tick(1000 + REST_NS, engine_ready=True)
    assert modes.mode is Mode.SAFE
    modes.tick(1001 + REST_NS, engine_ready=True)
    assert (modes.mode, modes.condition().in_time) == (Mode.FULL, True)


def test_modes_of_a_station_without_engine_are_never_degraded() -> None:
    """Rules alone are then what the station is for."""
    modes = Modes(judged=False)
    modes.inspected(verdict(Mode.FULL), 1)
    modes.tick(2, engine_ready=False)
    assert (modes.mode, modes.try_engine, modes.condition().engine_ok) == (Mode.FULL, False, True)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("note"), st.sampled_from(Mode), st.sampled_from(Reason)),
            st.tuples(st.just("tick"), st.booleans()),
            st.tuples(st.just("regained"), st.sampled_from(Input)),
        ),
        max_size=60,
    )
)
def test_modes_are_never_better_than_what_is_lost(happenings: list[tuple[object, ...]]) -> None:
    """Whatever happens: the mode is the worst of all losses, and FULL means nothing is lost."""
    modes = Modes(judged=True)
    for now_ns, (what, *rest) in enumerate(happenings):
        if what == "note":
            modes.inspected(verdict(*rest), now_ns)  # type: ignore[arg-type]  # as drawn above
        elif what == "tick":
            modes.tick(now_ns, engine_ready=bool(rest[0]))
        else:
            modes.regained(Input(rest[0]))  # type: ignore[arg-type]  # as drawn above
        condition = modes.condition()
        worst = Mode.FULL
        if not condition.engine_ok:
            worst = Mode.RULES_ONLY
        if not (condition.camera_ok and condition.in_time):
            worst = Mode.SAFE
        assert modes.mode is worst


@pytest.mark.parametrize("what", list(Input))
def test_every_input_names_how_it_is_found_and_regained(what: Input) -> None:
    """One state, one time, one rule."""
    loss = LOSSES[what]
    assert loss.mode is not Mode.FULL
    assert loss.parts >= 1
    assert loss.found
    assert loss.regain
