"""What the section of a transport says by itself, where its driver says nothing else."""

from __future__ import annotations

from math import inf
from typing import Literal

import pytest

from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.section import TransportSection


class BusSection(TransportSection):
    """The least that a driver's section may be."""

    driver: Literal["bus"]
    poll_ms: int = 4
    scan_ms: float = 10.0

    @property
    def place(self) -> str:
        """Somewhere."""
        return "bus 1"


class CoillessSection(BusSection):
    """A wire that has no coil for an ejector."""

    @property
    def eject_problem(self) -> str:
        """Why."""
        return "eject: no coil"


def test_section_is_that_of_a_fast_client_by_default() -> None:
    """A verdict waits for a poll, and the wire sets no limit."""
    section = BusSection(driver="bus")
    assert not section.we_serve
    assert (section.delivery_ms, section.poll_cycle_ms) == (4.0, 0.0)
    assert (section.pace, section.parts_per_s_max) == ("", inf)


@pytest.mark.parametrize("eject", [None, EjectSection(distance_mm=400)])
def test_coil_is_missed_only_by_a_station_that_ejects(eject: EjectSection | None) -> None:
    """Whatever its trigger is."""
    assert BusSection(driver="bus").problem(eject, "timer") == ""
    expected = "" if eject is None else "eject: no coil"
    assert CoillessSection(driver="bus").problem(eject, "plc") == expected


def test_section_must_say_where_its_plc_is() -> None:
    """For people, in every message: it is abstract."""
    assert TransportSection.__abstractmethods__ == {"place"}
