"""What the line says of itself to the PLC link."""

from __future__ import annotations

from gonogo.runtime.health import CAMERA_STRIKES, PROBE_EVERY_NS, Health
from gonogo.runtime.parts import Kind, Mode, Reason, Verdict


def verdict(mode: Mode) -> Verdict:
    """A verdict reached in a mode."""
    return Verdict(Kind.REJECT, Reason.CAMERA, 0, mode, Kind.NONE, Kind.NONE)


def test_health_forgives_fewer_camera_faults_than_three_in_a_row() -> None:
    """One bad frame rejects its part; it does not stop the station."""
    health = Health(judged=False)
    for mode in (Mode.SAFE, Mode.SAFE, Mode.FULL, Mode.SAFE, Mode.SAFE):
        health.note(verdict(mode))
    assert health.condition(engine_ready=False).camera_ok


def test_health_reports_a_lost_camera_until_a_probe_sees_something() -> None:
    """Three faults in a row are a lost camera; a trusted frame brings it back."""
    health = Health(judged=False)
    for _ in range(CAMERA_STRIKES):
        health.note(verdict(Mode.SAFE))
    assert not health.condition(engine_ready=False).camera_ok
    health.seen()
    assert health.condition(engine_ready=False).camera_ok


def test_health_probes_only_a_lost_camera_and_not_too_often() -> None:
    """Probing costs time between parts: once a second, and only when it is needed."""
    health = Health(judged=False)
    assert not health.probe_due(10 * PROBE_EVERY_NS)
    for _ in range(CAMERA_STRIKES):
        health.note(verdict(Mode.SAFE))
    assert health.probe_due(10 * PROBE_EVERY_NS)
    assert not health.probe_due(11 * PROBE_EVERY_NS - 1)
    assert health.probe_due(11 * PROBE_EVERY_NS)


def test_health_is_degraded_without_an_engine_that_answers() -> None:
    """An engine that serves but gave no trusted score is not ok either."""
    health = Health(judged=True)
    assert health.condition(engine_ready=False).degraded
    assert not health.condition(engine_ready=True).degraded
    health.note(verdict(Mode.RULES_ONLY))
    assert health.condition(engine_ready=True).degraded
    health.note(verdict(Mode.FULL))
    assert not health.condition(engine_ready=True).degraded


def test_health_of_a_station_without_engine_is_never_degraded() -> None:
    """Rules alone are then what the station is for."""
    assert not Health(judged=False).condition(engine_ready=False).degraded
