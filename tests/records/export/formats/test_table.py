"""Where each format has its pictures, and what it says beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from gonogo.records.export.formats.coco import CocoLayout
from gonogo.records.export.formats.labelstudio import CONFIG, TASKS, LabelStudioLayout
from gonogo.records.export.formats.layout import Entry, as_json, views_of
from gonogo.records.export.formats.mvtec import MvtecLayout
from gonogo.records.export.formats.table import LAYOUTS
from gonogo.records.export.formats.ultralytics import UltralyticsLayout
from gonogo.tests.records.export.items import item

if TYPE_CHECKING:
    from gonogo.records.export.formats.layout import Layout
    from gonogo.records.export.wanted import Format

CLASSES = ("good", "dent")


def entry(layout: Layout, serial: int, cls: str, split: str, its_map: str = "") -> Entry:
    """A picture of the view `top`, 16 px wide and 12 px high."""
    part = item(serial, cls)
    shot = part.shots[0]
    return Entry(part, shot, split, layout.place(part, shot, split), its_map, 16, 12)


def entries(layout: Layout) -> list[Entry]:
    """One good part to train, a dent to train, and one of each to test."""
    return [
        entry(layout, 1, "good", "train"), entry(layout, 2, "dent", "train"),
        entry(layout, 3, "good", "test"), entry(layout, 4, "dent", "test"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "folders"),
    [
        ("mvtec", ["top/train/good", "top/train/dent", "top/test/good", "top/test/dent"]),
        ("ultralytics", ["top/train/good", "top/train/dent", "top/test/good", "top/test/dent"]),
        ("labelstudio", ["images/top"] * 4),
        ("coco", ["images/train", "images/train", "images/test", "images/test"]),
    ],
)
def test_layout_places_pictures_by_split_and_class(form: Format, folders: list[str]) -> None:
    """Each under a name of its own."""
    found = entries(LAYOUTS[form])
    assert [each.path.rpartition("/")[0] for each in found] == folders
    assert len({each.path for each in found}) == 4


def test_mvtec_has_no_val() -> None:
    """What was to validate is in test; and it says to anomalib only what is there."""
    layout = MvtecLayout()
    assert entry(layout, 1, "good", "val").path.startswith("top/test/good/")
    (handed,) = layout.handed(entries(layout))
    assert handed == (
        'anomalib.data.Folder(name="top", root="OUT/top", normal_dir="train/good", '
        "abnormal_dir=['test/dent'], normal_test_dir=\"test/good\")"
    )
    (alone,) = layout.handed([entry(layout, 1, "good", "train")])
    assert alone.endswith('normal_dir="train/good")')
    assert layout.only_good_in_train
    assert layout.documents(CLASSES, []) == {}
    assert layout.folders(CLASSES, []) == []


def test_ultralytics_has_every_class_in_every_split() -> None:
    """A reader numbers the folders that it finds: one that is missing would shift the others."""
    layout = UltralyticsLayout()
    found = layout.folders(CLASSES, entries(layout)[:3])
    assert found == ["top/test/good", "top/test/dent", "top/train/good", "top/train/dent"]
    assert layout.handed(entries(layout)) == ['YOLO("yolo11n-cls.pt").train(data="OUT/top")']


def document(split: str) -> Any:  # noqa: ANN401 - a JSON value
    """Of COCO."""
    layout = CocoLayout()
    return json.loads(layout.documents(CLASSES, entries(layout))[f"annotations/{split}.json"])


def test_coco_has_one_box_over_the_whole_picture() -> None:
    """In each split all categories, with one numbering."""
    train, test = document("train"), document("test")
    assert train["categories"] == test["categories"]
    assert [each["name"] for each in train["categories"]] == ["good", "dent"]
    assert [each["category_id"] for each in train["annotations"]] == [1, 2]
    assert {each["image_id"] for some in (train, test) for each in some["annotations"]} == {
        1,
        2,
        3,
        4,
    }
    box = train["annotations"][0]
    assert (box["bbox"], box["area"], box["iscrowd"]) == ([0, 0, 16, 12], 192, 0)
    image = train["images"][0]
    assert (image["width"], image["height"], image["view"]) == (16, 12, "top")
    assert "/" not in image["file_name"]


def test_labelstudio_task_is_a_picture_with_its_label() -> None:
    """Named as a file of a local storage; a map is shown where there is one."""
    layout = LabelStudioLayout()
    some = [entry(layout, 1, "good", "train", "maps/top/1.png"), entry(layout, 2, "dent", "val")]
    documents = layout.documents(CLASSES, some)
    first, second = json.loads(documents[TASKS])
    assert first["data"]["image"] == f"/data/local-files/?d={some[0].path}"
    assert (first["data"]["map"], second["data"]["map"]) == (
        "/data/local-files/?d=maps/top/1.png",
        "",
    )
    assert (first["data"]["split"], second["data"]["split"]) == ("train", "val")
    ((result,),) = ([*each["result"]] for each in second["annotations"])
    assert result["value"] == {"choices": ["dent"]}
    config = ET.fromstring(documents[CONFIG])  # noqa: S314 - our own
    names = {each.get("name") for each in config if each.tag in {"Image", "Choices"}}
    assert names == {"image", "map", result["from_name"]}
    assert [each.get("value") for each in config.iter("Choice")] == ["good", "dent"]
    plain = ET.fromstring(layout.documents(CLASSES, some[1:])[CONFIG])  # noqa: S314 - our own
    assert len(plain.findall("Image")) == 1


def test_json_is_in_a_fixed_order() -> None:
    """And plain letters alone; what is no number is refused."""
    assert as_json({"b": "ä", "a": 1}) == b'{\n "a": 1,\n "b": "\\u00e4"\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json(float("nan"))


def test_views_are_sorted() -> None:
    """Each once."""
    assert views_of(entries(CocoLayout())) == ["top"]
