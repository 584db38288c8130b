"""What disturbs a station: it must have been at work, and it must end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gonogo.proving.bench.program import IdleDisturbance, program
from gonogo.tests.children import begun_since, children

WAIT_S = 30.0


def test_program_that_has_read_nothing_is_an_error() -> None:
    """The figure would be of no load."""
    with (
        pytest.raises(IdleDisturbance, match="'idle': it has read nothing"),
        program("idle", ["import time; time.sleep(60)"], []),
    ):
        pass


def test_program_that_ends_before_its_time_is_an_error(tmp_path: Path) -> None:
    """It has read, and then was no load any more; what it wrote is gone with it."""
    said = tmp_path / "said"
    text = (
        "import pathlib, sys, tempfile; print(7, flush=True); "
        "pathlib.Path(sys.argv[1]).write_text(tempfile.mkdtemp())"
    )
    beside, before = program("short", [text, str(said)], []), children()
    beside.__enter__()
    child, end_s = begun_since(before), time.monotonic() + WAIT_S
    while Path(f"/proc/{child}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < end_s
        time.sleep(0.02)
    with pytest.raises(IdleDisturbance, match="'short': it ended by itself"):
        beside.__exit__(None, None, None)
    assert not Path(said.read_text()).exists()
