"""`gonogo update` on a machine that is no box: each says so, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.build.update.kept import load
from gonogo.build.update.places import Places
from gonogo.commands.update import update

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(Places().state.exists(), reason="this is a box")


def test_status_says_that_there_was_none() -> None:
    """For people and for programs."""
    said = CliRunner().invoke(update, ["status"])
    assert (said.exit_code, said.output) == (0, "no update yet\n")
    assert json.loads(CliRunner().invoke(update, ["status", "--json"]).output) is None


@pytest.mark.parametrize("words", [["install", "no.raucb"], ["switch"], ["cancel"]])
def test_a_machine_without_a_data_partition_takes_no_update(
    words: list[str], tmp_path: Path
) -> None:
    """By its number, before anything is looked at."""
    done = CliRunner().invoke(update, words)
    assert type(done.exception).__name__ == "UpdateNotKept"
    assert load(tmp_path) is None


def test_a_box_without_a_server_cannot_ask_it() -> None:
    """The file that would name it is told."""
    done = CliRunner().invoke(update, ["poll"])
    assert "/data/box/update.toml is not there" in str(done.exception)
