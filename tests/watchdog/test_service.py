"""The systemd unit: what systemd itself says of it."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.watchdog.service import unit_text


def test_unit_restarts_what_a_restart_can_mend_and_lets_a_line_be_adopted(tmp_path: Path) -> None:
    """The keys on which the promises of the supervisor rest."""
    text = unit_text(Path("/opt/gonogo/bin/gonogo"), tmp_path / "a.toml", "gonogo")
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read_string(text)
    service = unit["Service"]
    assert service["ExecStart"] == f"/opt/gonogo/bin/gonogo run {tmp_path / 'a.toml'}"
    assert (service["Type"], service["KillMode"]) == ("notify", "process")
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("always", "1")
    assert "{" not in "".join(service.values())


def test_unit_is_accepted_by_systemd(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to complain of."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    station = tmp_path / "a.toml"
    station.touch()
    unit = tmp_path / "gonogo-test.service"
    unit.write_text(unit_text(Path(sys.executable), station, "root"), encoding="utf-8")
    found = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    ours = [line for line in found.stderr.splitlines() if "gonogo-test" in line]
    assert ours == [], found.stderr
