"""The documents name what exists."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
import cv2
import numpy as np
import pytest

from gonogo.base import errors
from gonogo.base.words import Reason
from gonogo.commands import commands_page
from gonogo.commands.cli import main
from gonogo.commands.show.floors import floors
from gonogo.commands.show.station_page import page
from gonogo.plc.reject_tracker import EjectSection
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.plc.transports.modbus_io import ModbusIoSection

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PICTURES = sorted(each for each in (ROOT / "docs" / "pictures").iterdir() if each.is_file())
PICTURE = re.compile(r"(?:!\[[^\]]*\]\(|<img src=\")([^)\"]+\.(?:png|svg))")
PICTURE_MOST = 64 * 1024  # bytes
SVG = "{http://www.w3.org/2000/svg}"
FOLDERS = (
    *tuple(name for row in floors() for name in row),
    "docs",
    "stations",
    "tests",
    "requirements",
)
WRITTEN = sorted(
    path
    for folder in (".", "docs", *(name for row in floors() for name in row))
    for path in (ROOT / folder).glob("*.md" if folder in {".", "docs"} else "**/*.py")
    if path.name != "CHANGELOG.md"
)


def test_error_codes_document_lists_every_code() -> None:
    """Every numbered error can be looked up, and no number is listed that does not exist."""
    text = (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| GN(\d+) ", text, re.MULTILINE)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    exist = {kind.code for kind in kinds if issubclass(kind, errors.GonogoError)}
    assert listed == exist


def test_error_codes_document_lists_every_reason() -> None:
    """Every REASON word a PLC can read is explained under its number and name."""
    text = (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = {
        (int(n), name) for n, name in re.findall(r"^\| (\d+) \| ([A-Z_]+) ", text, re.MULTILINE)
    }
    assert listed == {(reason.value, reason.name) for reason in Reason}


def test_remote_io_document_shows_a_station_file_that_is_taken() -> None:
    """Every key of its example exists, and the addresses it names for a family, too."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = (ROOT / "docs" / "modbus-io.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    sections = toml.loads(example)
    assert ModbusIoSection.model_validate(sections["plc"]).watchdog is not None
    assert EjectSection.model_validate(sections["eject"]).on_means == "pass"
    arms = re.findall(r"`(?:state = .*?)?arm = (\[.*?\])`", text)
    assert len(arms) > 1
    for arm in arms:
        watchdog = {"arm": toml.loads(f"arm = {arm}")["arm"]}
        keys = sections["plc"] | {"watchdog": watchdog}
        assert ModbusIoSection.model_validate(keys).watchdog is not None


def test_gpio_ejector_document_shows_a_station_file_that_is_taken() -> None:
    """Every key of its example exists, and sections fit to each other."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = (ROOT / "docs" / "gpio-ejector.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    sections = toml.loads(example)
    eject = EjectSection.model_validate(sections["eject"])
    plc = GpioIoSection.model_validate(sections["plc"])
    assert not plc.problem(eject, "gpio")
    assert set(type(plc).model_fields) - set(sections["plc"]) == {
        "bias", "poll_ms", "scan_ms", "consumer",
    }  # fmt: skip


def test_station_file_page_is_what_the_program_says() -> None:
    """`make docs` makes it anew."""
    assert (ROOT / "docs" / "station-file.md").read_text(encoding="utf-8") == page()


def test_station_file_page_says_of_each_key_what_it_is_for() -> None:
    """A sentence that ends: also for the key that is added next."""
    rows = re.findall(r"^\| `(\w+)` .*\| ([^|]*) \|$", page(), re.MULTILINE)
    assert len(rows) > 200
    assert [key for key, said in rows if not said.endswith(".")] == []


def commands(group: click.Group, path: str = "gonogo") -> set[str]:
    """Every command, by what one types."""
    found = {f"{path} {name}" for name in group.commands}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{path} {name}")
    return found


def named_in(path: Path) -> Iterator[str]:
    """What a file says in backticks that begins with our name."""
    text = path.read_text(encoding="utf-8")
    quoted = re.findall(r"`(gonogo [^`]*)`", text)
    shell = re.findall(
        r"^ *\$? ?(gonogo [a-z].*)$",
        "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)),
        re.MULTILINE,
    )
    yield from quoted + shell


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_named_exists(path: Path) -> None:
    """In documents and in messages: what somebody types because we said so must be there."""
    known = commands(main)
    groups = {each.rpartition(" ")[0] for each in known}
    for said in named_in(path):
        words = said.split()
        first = " ".join(words[:2])
        assert first in known, said
        if first in groups and len(words) > 2 and words[2][0].islower():
            for last in re.split(r"\\?\|", words[2].rstrip(",;.")):
                assert f"{first} {last}" in known, said


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path: Path) -> None:
    """Paths in backticks and links."""
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:{})/[\w/-]+\.\w+)`".format("|".join(FOLDERS)), text))
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []
    if path.suffix == ".md":
        links = set(re.findall(r"\]\((?!https?:)([\w./-]+)", text))
        assert [each for each in sorted(links) if not (path.parent / each).exists()] == []


def test_architecture_names_every_folder() -> None:
    """And no folder that is not there."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)/`", text, re.MULTILINE))
    assert listed == {name for row in floors() for name in row}


def test_commands_page_is_what_the_program_says() -> None:
    """`make docs` makes it anew."""
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == commands_page.page()


def test_every_command_and_option_says_what_it_does() -> None:
    """Also the one that is added next."""
    assert re.findall(r"^\| `[^`]*` \|  \|$", commands_page.page(), re.MULTILINE) == []
    assert not re.search(r"^##+ `[^`]*`\n\n\n", commands_page.page(), re.MULTILINE)


def test_every_picture_that_a_page_shows_is_there_and_every_one_is_shown() -> None:
    """Pages name them relative to themselves."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        (page.parent / name).resolve()
        for page in pages
        for name in PICTURE.findall(page.read_text("utf-8"))
    }
    assert {path.resolve() for path in PICTURES} == shown


@pytest.mark.parametrize("path", [each for each in PICTURES if each.suffix == ".png"], ids=str)
def test_picture_is_small_and_shows_something(path: Path) -> None:
    """A PNG of few colours, and of more than a flat one; git keeps each that there ever was."""
    assert path.stat().st_size <= PICTURE_MOST
    found = cv2.imread(str(path))
    assert found is not None
    _, counts = np.unique(found.reshape(-1, 3), axis=0, return_counts=True)
    assert 8 <= len(counts) <= 256
    assert counts.max() < 0.97 * counts.sum()


@pytest.mark.parametrize("path", [each for each in PICTURES if each.suffix == ".svg"], ids=str)
def test_drawing_has_a_ground_of_its_own(path: Path) -> None:
    """So that its words are read where pages are dark, too: the first shape is one."""
    root = ET.parse(path).getroot()  # noqa: S314 - our own
    assert root.get("viewBox")
    drawn = [each for each in root if each.tag != f"{SVG}defs"]
    first = next(each for group in drawn for each in group.iter(f"{SVG}rect"))
    wide, tall = map(float, root.get("viewBox", "").split()[2:])
    assert first.get("fill")
    for side, whole in (("width", wide), ("height", tall)):
        given = first.get(side, "")
        assert given == "100%" or float(given) > 0.95 * whole
