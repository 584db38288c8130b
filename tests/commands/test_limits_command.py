"""`gonogo limits`: which of its commands a word means, when one of them may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.commands.implied import Implied
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

WORDS = [(), ("rules",)]


@pytest.mark.parametrize("words", WORDS)
def test_limits_of_a_station_file_are_those_of_its_rules(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """With `rules` or without it, as it was typed before there were others."""
    (tmp_path / "cell.toml").write_text(PLAIN_FILE)
    (tmp_path / "good").mkdir()
    for number, width in enumerate((200, 201, 202, 201, 200, 202)):
        frame = np.zeros((480, 640, 3), np.uint8)
        frame[100:300, 100 : 100 + width] = 220
        frame[0, 0] = number  # no two photographs are the same
        cv2.imwrite(str(tmp_path / "good" / f"{number}.png"), frame)
    typed = [*words, str(tmp_path / "cell.toml"), "--good", str(tmp_path / "good")]
    found = CliRunner().invoke(main, ["limits", *typed])
    assert found.exit_code == 0, found.output
    assert "# width: 6 measured" in found.output
    assert "\nlow = " in found.output


def test_implied_leaves_commands_and_help_as_they_are() -> None:
    """A word that is none of them goes to the one that is implied."""

    class Twice(Implied):
        implied = "double"

    group = Twice("twice")

    @group.command()
    @click.argument("number", type=int)
    def double(number: int) -> None:
        click.echo(2 * number)

    @group.command()
    def half() -> None:
        click.echo("half")

    for words, said in ((["4"], "8"), (["double", "4"], "8"), (["half"], "half")):
        assert CliRunner().invoke(group, words).output == f"{said}\n"
    assert "Commands:" in CliRunner().invoke(group, ["--help"]).output
