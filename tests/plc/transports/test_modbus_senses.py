"""Sections of what is read of an ejector over Modbus: what is no whole is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.plc.transports.modbus_client import ModbusClientSection
from gonogo.plc.transports.modbus_senses import ArmSection, ModuleWatchdogSection

FEEDBACK = {"address": 8}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"value": 1}, "expected either register_address"),
        ({"value": 1, "register_address": 1, "coil_address": 1}, "expected either"),
        ({"value": 2, "coil_address": 1}, "expected 0 or 1 for a coil, got 2"),
    ],
)
def test_arming_write_that_is_no_write_is_refused(keys: dict[str, int], expected: str) -> None:
    """Neither, both, or a coil with a number."""
    with pytest.raises(ValidationError, match=expected):
        ArmSection.model_validate(keys)


def test_state_without_what_it_reads_is_refused() -> None:
    """Half of it says nothing."""
    with pytest.raises(ValidationError, match="expected both state and tripped"):
        ModuleWatchdogSection(state=5)


def test_senses_of_an_ejector_that_is_not_there_are_refused() -> None:
    """A station whose PLC ejects."""
    plain = ModbusClientSection(driver="modbus-client", host="10.0.0.5")
    assert not plain.senseless(None)
    keys = {"feedback": FEEDBACK}
    with_feedback = ModbusClientSection.model_validate(plain.model_dump() | keys)
    assert "expected an [eject]" in with_feedback.senseless(None)
