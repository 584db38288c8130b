"""The picture of the floors: what `make lint` holds, drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from gonogo.commands.show.floors import PACKAGE, ROOT, floors, imports, picture

SVG = "{http://www.w3.org/2000/svg}"


def test_floors_are_those_of_the_contract_from_the_top_down() -> None:
    """Every folder once; the ground is the last."""
    rows = floors()
    names = [name for row in rows for name in row]
    assert len(set(names)) == len(names)
    assert rows[-1] == ["base"]
    assert all((ROOT / name).is_dir() for name in names)


def test_imports_lead_from_a_floor_to_a_lower_one() -> None:
    """None to itself, and none up: the same that the contract says, counted otherwise."""
    rows = floors()
    floor_of = {name: k for k, row in enumerate(rows) for name in row}
    found = imports(list(floor_of))
    assert found["ipc", "base"] > 0
    assert [pair for pair in found if floor_of[pair[0]] >= floor_of[pair[1]]] == []
    assert PACKAGE == "gonogo."


def test_picture_has_a_box_for_each_folder_and_a_line_for_each_pair() -> None:
    """As well-formed SVG."""
    root = ET.fromstring(picture())  # noqa: S314 - our own
    names = [name for row in floors() for name in row]
    boxes = [box for box in root.findall(f"{SVG}rect") if box.get("class") != "g"]
    assert len(boxes) == len(names)
    assert len(root.findall(f"{SVG}line")) == len(imports(names))
    said = {text.text for text in root.findall(f"{SVG}text")}
    assert {f"{name}/" for name in names} <= said
