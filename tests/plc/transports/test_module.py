"""An output without a PLC: what its station must have, and how it stands in words."""

from __future__ import annotations

from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.module import ModuleSection, in_words


def test_module_names_what_its_station_lacks() -> None:
    """An ejector by time, and a trigger of the station's own."""
    section: ModuleSection = ModbusIoSection(driver="modbus-io", host="127.0.0.1")
    by_time = EjectSection(distance_mm=400)
    assert "expected an [eject]" in section.problem(None, "timer")
    assert "a module names no parts" in section.problem(by_time, "plc")
    assert not section.problem(by_time, "timer")
    assert not section.has_program


def test_module_says_all_that_it_found() -> None:
    """In the order in which it was read."""
    assert in_words({"output": True, "covered": False}) == [
        "its output reads ON",
        "the eye in the chute is free",
    ]
