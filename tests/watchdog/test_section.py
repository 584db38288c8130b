"""What the station file may say of its watchdogs and of maintenance."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.base.maintenance_key import lock_of
from gonogo.watchdog.section import MaintenanceSection, WatchdogSection


@pytest.mark.parametrize(
    ("key", "value"),
    [("timeout_s", 1), ("timeout_s", 301), ("growth_mb", -1), ("growth_mb", 100_001)],
)
def test_watchdog_section_keeps_its_bounds(key: str, value: float) -> None:
    """Beyond them it is refused when the file is read."""
    with pytest.raises(ValidationError, match=r"should be (greater|less) than or equal to"):
        WatchdogSection.model_validate({key: value})


def test_watchdog_section_arms_nothing_by_itself() -> None:
    """A device that is armed resets the box: only where the file names one."""
    section = WatchdogSection()
    assert (section.device, section.timeout_s, section.growth_mb) == (None, 10, 500.0)


def test_maintenance_section_takes_a_lock_and_no_key() -> None:
    """The key itself in a file that many may read would be none."""
    assert MaintenanceSection().key_scrypt is None
    lock = lock_of("a key that somebody remembers")
    assert MaintenanceSection(key_scrypt=lock).key_scrypt == lock
    with pytest.raises(ValidationError, match="should match pattern"):
        MaintenanceSection(key_scrypt="a key that somebody remembers")
