"""The probe and the check of a station without a PLC, against a module of another maker's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import LinkRefused
from gonogo.base.words import VerdictKind
from gonogo.commands import check
from gonogo.commands.plc_probe import probe_plc
from gonogo.commands.plc_probe_order import ProbeOrder, ProbeTimes
from gonogo.commands.report import Report
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.tests.stations import small_station

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.plc.iomodule import ARM, COIL, EYE, FEEDBACK, STATE, TRIPPED, IoModule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.config.station import Station

WATCHDOG = {"state": STATE, "tripped": TRIPPED, "arm": [{"register_address": ARM, "value": 1}]}


@pytest.fixture
def module() -> Iterator[IoModule]:
    """A module that switches as it is told."""
    with IoModule() as module:
        yield module


def station(folder: Path, module: IoModule, *, on_means: str = "pass", **plc: Any) -> Station:  # noqa: ANN401 - keys of [plc]
    """A station of that module: a window of 50 ms."""
    keys = {"driver": "modbus-io", "host": "127.0.0.1", "port": module.port, "eject_coil": COIL}
    eject = {"distance_mm": 60.0, "window_mm": 10.0, "on_means": on_means}
    made = small_station(folder, trigger={"driver": "timer", "period_ms": 160})
    return made.model_copy(
        update={
            "plc": ModbusIoSection.model_validate(keys | {"timeout_ms": 500} | plc),
            "eject": EjectSection.model_validate(eject),
        }
    )


def probed(station: Station, drive: VerdictKind | None = None) -> tuple[int, str]:
    """Exit code and text; the module is watched and held for a shorter while."""
    said: list[str] = []
    order = ProbeOrder(drive=drive, times=ProbeTimes(watch_s=0.1, hold_s=0.1))
    return probe_plc(station, order, said.append), "\n".join(said)


def test_probe_of_a_right_module_reads_what_it_told(tmp_path: Path, module: IoModule) -> None:
    """Off, and off again at the end."""
    senses: dict[str, Any] = {"feedback": {"address": FEEDBACK}, "confirm": {"address": EYE}}
    code, said = probed(station(tmp_path, module, watchdog=WATCHDOG, **senses))
    assert code == 0, said
    assert "before anything was written its output reads off" in said
    assert "its watchdog has not tripped" in said
    assert "exchanges: p50" in said
    assert said.endswith("nothing wrong found")
    assert {on for _, on in module.switched} == {False}


@pytest.mark.parametrize(
    ("on_means", "kind", "on"),
    [
        ("pass", VerdictKind.ACCEPT, True),
        ("pass", VerdictKind.REJECT, False),
        ("eject", VerdictKind.ACCEPT, False),
        ("eject", VerdictKind.REJECT, True),
    ],
)
def test_probe_drives_the_coil_by_hand(
    tmp_path: Path,
    module: IoModule,
    on_means: str,
    kind: VerdictKind,
    on: bool,  # noqa: FBT001 - a parameter
) -> None:
    """As its verdict means, and off afterwards."""
    code, said = probed(station(tmp_path, module, on_means=on_means), kind)
    assert code == 0, said
    assert f"told {'on' if on else 'off'} ({kind.name}), it read so after" in said
    assert {True for _, seen in module.switched if seen} == ({True} if on else set())
    assert not module.output


def test_probe_finds_a_dead_output_before_the_first_part(tmp_path: Path, module: IoModule) -> None:
    """It acknowledges; a verdict by hand shows it."""
    module.dead = False
    assert probed(station(tmp_path, module))[0] == 0
    code, said = probed(station(tmp_path, module), VerdictKind.ACCEPT)
    assert code == 1
    assert "WRONG  GN420: the module does not switch" in said


def test_probe_finds_an_ejector_that_does_not_move(tmp_path: Path, module: IoModule) -> None:
    """Where there is a feedback."""
    module.feedback_stuck = False
    made = station(tmp_path, module, feedback={"address": FEEDBACK, "within_ms": 50})
    code, said = probed(made, VerdictKind.ACCEPT)
    assert code == 1
    assert "the ejector does not move" in said


def test_probe_writes_nothing_where_somebody_else_drives_the_output(
    tmp_path: Path, module: IoModule
) -> None:
    """Two stations on one output."""
    module.dead = True
    code, said = probed(station(tmp_path, module))
    assert (code, module.writes) == (1, 0)
    assert "another station or master drives it" in said


def test_probe_says_that_a_module_is_too_slow_for_the_window(
    tmp_path: Path, module: IoModule
) -> None:
    """A reply of 30 ms, a window of 50 ms."""
    module.reply_s = 0.03
    code, said = probed(station(tmp_path, module))
    assert code == 1
    assert "expected at most 25.0 ms (half of the ejector's window)" in said


def test_probe_of_a_module_that_cannot_be_armed_is_refused(
    tmp_path: Path, module: IoModule
) -> None:
    """As a station would be."""
    module.latched, module.armable = True, False
    with pytest.raises(LinkRefused, match="the module's watchdog stands tripped"):
        probed(station(tmp_path, module, watchdog=WATCHDOG))


def test_check_reads_the_module_once_and_writes_nothing(tmp_path: Path, module: IoModule) -> None:
    """Outputs that can be read, and how they stand; those that cannot are a finding."""
    said: list[str] = []
    report = Report(said.append)
    check._plc(report, station(tmp_path, module, watchdog=WATCHDOG))
    assert not report.findings
    assert "  its output reads off" in said
    assert "  its watchdog has not tripped" in said
    check._plc(report, station(tmp_path, module, watchdog=WATCHDOG | {"state": 77}))
    assert "exception 2 to the read of plc.watchdog.state at register 77" in report.findings[0]
    assert (module.writes, module.arms) == (0, 0)
