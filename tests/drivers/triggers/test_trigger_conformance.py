"""What every trigger promises, checked on each one that needs no device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.drivers.triggers.catalogue import TRIGGERS
from gonogo.testing.triggers import TriggerContract

if TYPE_CHECKING:
    from gonogo.drivers.triggers.trigger import TriggerSection

KEYS: dict[str, dict[str, Any]] = {"plc": {}, "timer": {"period_ms": 2.0}}


@pytest.mark.parametrize("driver", TRIGGERS.names)
class TestTrigger(TriggerContract):
    """Each one of the catalogue; one without keys here fails."""

    @pytest.fixture
    def section(self, driver: str) -> TriggerSection:
        """A part every 2 ms, or whenever the PLC says so."""
        made = TRIGGERS.section_of(driver).model_validate({"driver": driver, **KEYS[driver]})
        section: TriggerSection = made  # type: ignore[assignment]  # the catalogue is of triggers
        return section
