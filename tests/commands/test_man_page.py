"""The manual page, against the program, and against those who read such pages."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from gonogo.commands.cli import main
from gonogo.commands.man_page import escaped, page

FILE = Path(__file__).parents[2] / "packaging" / "man" / "gonogo.1"
JUDGES = {
    "groff": ("groff", "-man", "-Tutf8", "-ww", "-z"),
    "man": ("man", "--warnings=w", "--local-file"),
    "mandoc": ("mandoc", "-T", "lint", "-W", "warning"),
}


def test_page_is_what_the_program_says() -> None:
    """`make docs` makes it anew."""
    assert FILE.read_text(encoding="utf-8") == page()
    assert f'"gonogo {version("gonogo")}"' in page()


def test_every_command_and_option_is_on_the_page() -> None:
    """Also the one that is added next."""
    text = page()
    sections = [line for line in text.splitlines() if line.startswith(".SS gonogo ")]

    def commands(group: click.Group, path: str) -> list[str]:
        found = []
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                found += [] if command.hidden else commands(command, f"{path} {name}")
            elif not command.hidden:
                found.append(f"{path} {name}")
        return found

    every = commands(main, "gonogo")
    assert len(sections) == len(every)
    for section, path in zip(sections, every, strict=True):
        assert section.startswith(f".SS {escaped(path)}")


@pytest.mark.parametrize("judge", list(JUDGES))
def test_page_is_read_without_a_warning(judge: str) -> None:
    """By groff, man-db and mandoc, where they are installed."""
    command = JUDGES[judge]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{judge} is not installed")
    ran = subprocess.run([*command, str(FILE)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "roff"),
    [
        ("--why WHY", "\\-\\-why WHY"),
        (".png is written", "\\&.png is written"),
        ("'x' in quotes", "\\&'x' in quotes"),
        ("a\\b", "a\\eb"),
        ("`gonogo run`", "gonogo run"),
    ],
)
def test_text_means_nothing_to_roff(text: str, roff: str) -> None:
    """Hyphens that may be copied, no control lines, no escapes."""
    assert escaped(text) == roff
