"""The pictures of the README."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from gonogo.commands.show.pictures import COLUMNS, ROWS, sheet
from gonogo.ipc.fault_kinds import FAULTS
from gonogo.proving.campaign.outcome import Injection, RowOutcome

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
    assert [text.text for text in root.findall(f"{SVG}text")] == [row.what for row in rows]
    _, _, wide, tall = map(float, root.get("viewBox", "").split())
    assert wide > places[1][0]
    assert tall > places[COLUMNS][1]


def test_pictures_are_of_faults_that_there_are() -> None:
    """Of the catalogue, by name."""
    assert set(ROWS) <= {*FAULTS, "line-kill", "engine-kill"}
