"""The probe on reply times: lines for the station file, and stacks that acknowledge late."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.plc_probe import probe_plc
from gonogo.commands.plc_probe_order import ProbeOrder, ProbeTimes
from gonogo.proving.peers.apart import Apart, Gateway
from gonogo.tests.stations import small_station

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.softplc import SoftPlc

if TYPE_CHECKING:
    from pathlib import Path

ATTEMPTS = 4  # a busy box is late by clocks of its own, and then the probe says nothing of 40 ms


def probed(plc: SoftPlc, port: int, folder: Path) -> list[str]:
    """What a probe says of that PLC over that port."""
    section = plc.section.model_copy(update={"port": port})
    station = small_station(folder).model_copy(update={"plc": section})
    said: list[str] = []
    probe_plc(station, ProbeOrder(30, times=ProbeTimes(least_s=1.0)), said.append)
    return said


def test_probe_proposes_scan_and_timeout_from_what_it_measured(tmp_path: Path) -> None:
    """Lines under a heading, with the figures behind them."""
    with SoftPlc() as plc:
        said = probed(plc, plc.section.port, tmp_path)
    at = said.index("measured; for [plc] in the station file:")
    assert said[at + 1].startswith("  scan_ms = ")
    assert "# an echo took " in said[at + 1]
    assert "PLC_HEART counts every " in said[at + 1]
    assert said[at + 2].startswith("  timeout_ms = ")
    assert "# replies: p50 " in said[at + 2]


def test_probe_names_a_stack_that_waits_for_an_acknowledgement(tmp_path: Path) -> None:
    """Behind a gateway; where we speak to that stack ourselves there is nothing to be said."""
    with (
        SoftPlc() as plc,
        contextlib.closing(Apart(plc.section.port)) as apart,
        contextlib.closing(Gateway(apart.port)) as gateway,
    ):
        for _ in range(ATTEMPTS):
            late, quick = (
                [line for line in probed(plc, port, tmp_path) if "acknowledgement" in line]
                for port in (gateway.port, apart.port)
            )
            if late and not quick:
                break
    (line,) = late
    assert line.startswith("  WRONG  replies: ")
    assert "40 ms late" in line
    assert quick == []
