"""A section that says nothing needs nothing of its box."""

from __future__ import annotations

from gonogo.base.holding import Holding


def test_holding_nothing_is_the_rule() -> None:
    """No device, no line, no right."""
    section = Holding()
    assert (section.devices, section.owned, section.chip_lines) == ((), (), ())
    assert (section.low_port, section.rights) == (False, "")
