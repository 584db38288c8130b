"""What a Modbus device is asked: neighbours at once, values where they belong, arming in order."""

from __future__ import annotations

from gonogo.plc.transports.modbus_reads import arm, grouped, spots_of
from gonogo.plc.transports.modbus_senses import ModuleWatchdogSection
from gonogo.tests.plc.modbus_wire import UNHURRIED_MS, Wire, section, sensing, values

FEEDBACK, CONFIRM = {"address": 8}, {"address": 9, "inverted": True}


def test_neighbours_are_asked_in_one_request() -> None:
    """Inputs that lie close together; an output by another function code, or far away, alone."""
    keys = {"feedback": FEEDBACK, "confirm": CONFIRM}
    watchdog = ModuleWatchdogSection(state=9, state_fc=2, tripped=1)
    groups = grouped(spots_of(section(**keys), watchdog))
    assert [[spot.name for spot in group.spots] for group in groups] == [
        ["output"],
        ["feedback", "covered"],
        ["tripped"],
    ]
    inputs = grouped(spots_of(section(readback_fc=2, **keys), None))
    assert [(group.first, group.size) for group in inputs] == [(5, 5)]
    far = grouped(spots_of(section(feedback={"address": 8}, confirm={"address": 24}), None))
    assert [(group.first, group.size) for group in far] == [(5, 1), (8, 1), (24, 1)]


def test_values_go_where_they_belong() -> None:
    """Inverted inputs, too."""
    keys = {"feedback": FEEDBACK, "confirm": CONFIRM}
    wire = Wire((1, 5), (2, 9))
    assert values(sensing(section(**keys), wire, UNHURRIED_MS).sense(0, told=True)) == (
        True, False, False, None
    )  # fmt: skip
    wire.on = {(2, 8)}
    assert values(sensing(section(**keys), wire, UNHURRIED_MS).sense(0, told=True)) == (
        False, True, True, None
    )  # fmt: skip


def test_arming_writes_registers_and_coils_in_their_order() -> None:
    """As the module's manual wants it."""
    writes = ({"register_address": 4385, "value": 48847}, {"coil_address": 4144, "value": 1})
    wire = Wire()
    arm(ModuleWatchdogSection.model_validate({"arm": writes}).arm, 1, wire)
    assert wire.written == [(6, 4385), (5, 4144)]
