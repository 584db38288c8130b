"""`gonogo doctor` as a technician types it, and as a program reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.base.errors import ClockWrong, PortInUse
from gonogo.base.runtime_dir import user_name
from gonogo.commands.cli import main
from gonogo.commands.doctor.command import as_json, exit_code, page
from gonogo.commands.doctor.finding import Fine, Ill

DEMO = Path(__file__).parents[3] / "stations" / "demo.toml"
USER = f"; looked at as user {user_name(os.geteuid())}"
FINE = Fine("clock", "2026-11-18 09:06 UTC")
WRONG = Ill("clock", ClockWrong, "no clock chip", "it goes on where it stopped")
STOPS = Ill("ports", PortInUse, "502 is taken", "no PLC", ("ss -ltnp", "kill 7"), stops=True)


@pytest.mark.parametrize(
    ("found", "code"),
    [([], 0), ([FINE], 0), ([FINE, WRONG], 4), ([WRONG, STOPS], 1), ([STOPS], 1)],
)
def test_exit_code_says_whether_a_station_is_stopped(found: list[Ill | Fine], code: int) -> None:
    """0 nothing, 1 stopped, 4 something."""
    assert exit_code(found) == code


def test_page_has_a_line_a_thing_and_what_stops_first() -> None:
    """What is right only where it is asked for."""
    found: list[Ill | Fine] = [WRONG, FINE, STOPS]
    short = list(page(found, verbose=False))
    assert short == [
        "STOPS  ports: GN410: 502 is taken; no PLC; do: ss -ltnp && kill 7",
        "WRONG  clock: GN675: no clock chip; it goes on where it stopped",
        f"1 of 2 finding(s) keep a station from judging parts{USER}",
    ]
    assert list(page(found, verbose=True))[2] == "fine   clock: 2026-11-18 09:06 UTC"
    assert list(page([FINE], verbose=False)) == [f"nothing wrong found{USER}"]


def test_program_gets_all_of_it_in_its_stated_form() -> None:
    """Findings with area, number and commands; what is right beside them."""
    assert as_json(None, [STOPS, FINE]) == {
        "schema": 1,
        "file": None,
        "ok": False,
        "findings": [
            {
                "area": "ports", "number": "GN410", "stops": True, "text": "502 is taken",
                "means": "no PLC", "commands": ["ss -ltnp", "kill 7"],
            }
        ],
        "fine": [{"area": "clock", "what": "2026-11-18 09:06 UTC"}],
    }  # fmt: skip


def test_command_looks_at_this_box_for_a_station() -> None:
    """The demo needs nothing that is not here; one object on one line."""
    ran = CliRunner().invoke(main, ["doctor", str(DEMO), "--json"])
    found = json.loads(ran.stdout)
    assert ran.stdout.count("\n") == 1
    assert (found["schema"], found["file"]) == (1, str(DEMO))
    assert ran.exit_code in {0, 1, 4}
    assert found["ok"] == (not found["findings"]) == (ran.exit_code == 0)
    assert {"versions", "disk", "memory", "kernel"} <= {each["area"] for each in found["fine"]}
