"""What a person reads of an ejector that fails: where, which bound, which parts, what to do."""

from __future__ import annotations

import pytest

from gonogo.plc.link.chute import Found, Stray
from gonogo.plc.link.ejector_words import (
    Module,
    Told,
    answered_late,
    does_not_move,
    does_not_switch,
    tripped,
    unconfirmed,
)
from gonogo.plc.link.readback import Amiss
from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.modbus_senses import ModbusConfirmSection, ModbusFeedbackSection

SECTION = ModbusIoSection(driver="modbus-io", host="10.0.0.5")
MODULE = Module("10.0.0.5:502", "FC1 at 5", 50, SECTION.dead_hint, SECTION.slips_hint)
FEEDBACK = ModbusFeedbackSection(address=8, within_ms=200)
EYE = ModbusConfirmSection(address=9, within_ms=500)


@pytest.mark.parametrize(
    ("told", "how"),
    [
        (
            Told(on=True, amiss=Amiss.STANDS, stood_ms=60.4, part_ids=()),
            (
                "its output was told on and has read otherwise for 60 ms, plc.readback_ms: 50 ms "
                "(FC1 at 5); its watchdog may"
            ),
        ),
        (
            Told(on=False, amiss=Amiss.MISSED, stood_ms=0, part_ids=(7, 8)),
            (
                "its output was told on and off again and never read as it was told (FC1 at 5); "
                "parts at the nozzle meanwhile: 7, 8; its watchdog may"
            ),
        ),
        (
            Told(on=False, amiss=Amiss.SLIPS, stood_ms=0, part_ids=()),
            (
                "its output did not stay as it was told, 3 times in 10 s: another master writes "
                "it, or its watchdog is shorter than our refresh (FC1 at 5); its watchdog may"
            ),
        ),
    ],
)
def test_module_that_does_not_switch(told: Told, how: str) -> None:
    """In which of three ways."""
    said = does_not_switch(MODULE, told)
    assert said.startswith("the module does not switch: 10.0.0.5:502: " + how)
    assert said.endswith("or outputs are read elsewhere (plc.readback_address)")


@pytest.mark.parametrize(
    ("amiss", "how"),
    [
        (
            Amiss.STANDS,
            "has not followed the coil, which is on, for 210 ms (plc.feedback.within_ms: 200 ms)",
        ),
        (Amiss.MISSED, "never showed what the coil was told"),
    ],
)
def test_ejector_that_does_not_move(amiss: Amiss, how: str) -> None:
    """Where its sensor is read, and what to look at."""
    told = Told(on=True, amiss=amiss, stood_ms=210, part_ids=[7])
    assert does_not_move(FEEDBACK, told) == (
        f"the ejector does not move: its feedback (FC2 at 8) {how}; parts at the nozzle meanwhile: "
        "7; look at air, valve, wiring and the sensor itself"
    )


def test_module_that_answers_too_slowly() -> None:
    """The parts that were not ejected by their ids, and what measures it."""
    assert answered_late(MODULE, [3, 4]) == (
        "the module does not switch: 10.0.0.5:502: it answered too slowly to be told in time; "
        "not ejected: 3, 4; see `gonogo plc probe`"
    )


def test_module_whose_watchdog_has_tripped() -> None:
    """It says so itself."""
    assert tripped(MODULE) == (
        "the module does not switch: 10.0.0.5:502: its watchdog stands tripped"
    )


def test_reject_that_was_not_confirmed() -> None:
    """Missed, or one too many: either way a part may have passed."""
    missing = unconfirmed(EYE, Found(Stray.MISSING, 7))
    assert missing == (
        "the reject was not confirmed: the eye in the chute (FC2 at 9) did not see part 7 within "
        "500 ms after the ejector's window; the part may have passed"
    )
    extra = unconfirmed(EYE, Found(Stray.EXTRA, 0))
    assert "the eye in the chute (FC2 at 9) saw a part that was not to be ejected" in extra
    assert extra.endswith("look at eject.distance_mm, window_mm and lead_ms")
