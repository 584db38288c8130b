"""Waiting for a station that inspects."""

from __future__ import annotations

import pytest

from gonogo.base.errors import FlashLineRuns, StationSilent, StationUnhealthy
from gonogo.build.flash.health import EVERY_S, demand_stopped, wait_for_health
from gonogo.build.flash.heard import Health

SILENT = Health(None, "the console does not answer")
STARTING = Health("starting", "no line judges yet", "0.3.0")
WELL = Health("judging", "all is well", "0.3.0")
ALONE = Health("rules-only", "GN310: the engine failed", "0.3.0")
OLD = Health("judging", "all is well", "0.2.0")


class Script:
    """A station that says one thing after another, the last one for ever."""

    def __init__(self, *said: Health) -> None:
        self._said = list(said)
        self.now_s = 0.0

    def health(self) -> Health:
        """The next one."""
        return self._said.pop(0) if len(self._said) > 1 else self._said[0]

    def close(self) -> None:
        """Nothing."""

    def sleep(self, seconds: float) -> None:
        """Time goes."""
        self.now_s += seconds

    def waited(self, wait_s: float = 60.0) -> Health:
        """As a flash waits for version 0.3.0."""
        clock = (lambda: self.now_s, self.sleep)
        return wait_for_health(self, "0.3.0", wait_s, lambda _: None, clock=clock)


def test_a_station_that_comes_up_is_waited_for() -> None:
    """Through its silence, and while it starts; no longer than it needs."""
    script = Script(SILENT, SILENT, STARTING, WELL)
    assert script.waited() == WELL
    assert script.now_s == 3 * EVERY_S


def test_silence_to_the_end_is_exit_code_8() -> None:
    """With what to look at."""
    script = Script(SILENT)
    with pytest.raises(StationSilent, match=r"no answer within 60 s.*is the box on") as caught:
        script.waited()
    assert caught.value.exit_code == 8
    assert script.now_s == 60.0


def test_rules_alone_are_not_healthy_and_that_is_exit_code_7() -> None:
    """With the station's own reason."""
    with pytest.raises(StationUnhealthy, match="rules-only: GN310: the engine failed") as caught:
        Script(SILENT, ALONE).waited()
    assert caught.value.exit_code == 7


def test_the_version_before_is_a_rollback_and_needs_no_more_waiting() -> None:
    """Healthy or not: it is not what was written."""
    script = Script(SILENT, OLD)
    with pytest.raises(StationUnhealthy, match=r"it runs 0\.2\.0, and 0\.3\.0 was written"):
        script.waited()
    assert script.now_s == EVERY_S


def test_a_station_is_asked_once_even_without_time() -> None:
    """--wait 0."""
    assert Script(WELL).waited(0.0) == WELL
    with pytest.raises(StationSilent):
        Script(SILENT).waited(0.0)


def test_a_line_that_runs_is_left_alone() -> None:
    """Unless somebody says that it stands."""
    runs = WELL._replace(line_runs=True)
    with pytest.raises(FlashLineRuns, match="PLC in RUN"):
        demand_stopped(runs, line_stopped=False)
    assert "somebody says" in demand_stopped(runs, line_stopped=True)
    assert demand_stopped(WELL._replace(line_runs=False), line_stopped=False) == "stopped"
    assert demand_stopped(SILENT, line_stopped=False).startswith("not known: the console")
