"""What every trigger promises, checked on each one that needs no device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.drivers.triggers.catalogue import TRIGGERS
from gonogo.testing.triggers import TriggerContract

if TYPE_CHECKING:
    from gonogo.drivers.triggers.trigger import TriggerSection

KEYS: dict[str, dict[str, Any]] = {"plc": {}, "timer": {"period_ms": 2.0}}
# with a fake chip, or a camera's process: test_trigger.py in gpio/ and in by_camera/
BY_DEVICE = {"camera", "encoder", "gpio"}


def test_every_trigger_of_the_catalogue_is_held_to_the_contract() -> None:
    """One that is added has its keys here, or says where it is tried."""
    assert set(TRIGGERS.names) == set(KEYS) | BY_DEVICE


@pytest.mark.parametrize("driver", sorted(KEYS))
class TestTrigger(TriggerContract):
    """Each one of the catalogue that needs no device."""

    @pytest.fixture
    def section(self, driver: str) -> TriggerSection:
        """A part every 2 ms, or whenever the PLC says so."""
        made = TRIGGERS.section_of(driver).model_validate({"driver": driver, **KEYS[driver]})
        section: TriggerSection = made  # type: ignore[assignment]  # the catalogue is of triggers
        return section
