"""By which station file a station runs."""

from __future__ import annotations

from pathlib import Path

from gonogo.commands.station_files import station_file


def test_station_file_is_the_one_that_was_typed() -> None:
    """Also where nothing is there yet: who reads it says so."""
    assert station_file("cells/gate3.toml") == Path("cells/gate3.toml")
