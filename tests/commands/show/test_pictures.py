"""The pictures of the documents."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.commands.show.frame_picture import CYAN, MAGENTA
from gonogo.commands.show.pictures import COLUMNS, ROWS, look, overlit, sheet
from gonogo.console.show.figures import sharpness
from gonogo.ipc.fault_kinds import FAULTS
from gonogo.proving.campaign.dots import HEIGHT
from gonogo.proving.campaign.outcome import Injection, RowOutcome

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
SHOTS = tuple(Injection(10.0 * k, 12.0, 0.5, 1, 1) for k in range(3))


def test_sheet_places_each_row_under_its_name_and_none_upon_another() -> None:
    """Side by side, in their order, and as wide and high as that takes."""
    rows = [RowOutcome(f"r{k}", f"fault <{k}>", SHOTS, bound_ms=50.0) for k in range(COLUMNS + 1)]
    root = ET.fromstring(sheet(rows))  # noqa: S314 - our own
    inner = root.findall(f"{SVG}svg")
    places = [(float(each.get("x", "")), float(each.get("y", ""))) for each in inner]
    assert len(set(places)) == len(places) == COLUMNS + 1
    assert places[0][1] == places[1][1] < places[COLUMNS][1]
    titles = root.findall(f"{SVG}text[@class='title']")
    assert [text.text for text in titles] == [row.what for row in rows]
    # what a dot and the line are stands below them all
    assert all(float(text.get("y", "")) > places[COLUMNS][1] + HEIGHT for text in keys(root))
    _, _, wide, tall = map(float, root.get("viewBox", "").split())
    assert wide > places[1][0]
    assert tall > places[COLUMNS][1]


def keys(root: ET.Element) -> list[ET.Element]:
    """The words that explain it; there are some."""
    found = root.findall(f"{SVG}text[@class='key']")
    assert found
    return found


def test_pictures_are_of_faults_that_there_are() -> None:
    """Of the catalogue, by name."""
    assert set(ROWS) <= {*FAULTS, "line-kill", "engine-kill"}


def test_look_is_a_picture_with_something_to_see(tmp_path: Path) -> None:
    """Saturated places, and the regions of the demo's rules."""
    look(tmp_path / "look.png")
    shown = cv2.imread(str(tmp_path / "look.png"))
    assert shown is not None
    for colour in (MAGENTA, CYAN):
        # of few colours: a thin line may be a little off
        assert (np.abs(shown.astype(int) - colour).max(axis=2) < 16).sum() > 100


def test_overlit_frame_is_brighter_and_out_of_focus_on_its_right() -> None:
    """As the picture says."""
    rng = np.random.default_rng(1)
    frame = np.kron(rng.integers(20, 160, (24, 32), np.uint8), np.ones((10, 10), np.uint8))
    made = overlit(frame)
    assert made.mean() > 1.2 * frame.mean()
    sharp = sharpness(made)
    assert sharp[:, :5].mean() > 2 * sharp[:, 7:].mean()
