"""COCO: a picture's class as one box over the whole of it, in a file a split.

COCO knows no class of a picture, and readers want a box and its area. Where the defect lies nobody
has said: a box drawn from the engine's map would be the engine's opinion under a person's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.records.export.formats.layout import as_json
from gonogo.records.export.names import file_name, folder_of
from gonogo.records.export.source import ending_of
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.records.export.formats.layout import Entry
    from gonogo.records.export.item import Item, Shot

INFO = {"description": "Parts of a gonogo station: one box over the whole picture is its class"}


class CocoLayout:
    """It has no place for maps."""

    only_good_in_train = False
    maps = False

    def place(self, item: Item, shot: Shot, split: str) -> str:
        """images/SPLIT."""
        return f"images/{split}/{file_name(item, shot.view, ending_of(shot.source))}"

    def folders(self, classes: Sequence[str], entries: Sequence[Entry]) -> list[str]:
        """None."""
        del classes, entries
        return []

    def documents(self, classes: Sequence[str], entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """annotations/SPLIT.json, each with all categories, in one numbering."""
        splits = sorted({each.split for each in entries})
        numbered = list(enumerate(entries, start=1))
        return {
            f"annotations/{split}.json": as_json(
                _document(
                    classes, [(number, each) for number, each in numbered if each.split == split]
                )
            )
            for split in splits
        }

    def handed(self, entries: Sequence[Entry]) -> list[str]:
        """To whatever reads COCO."""
        splits = sorted({each.split for each in entries})
        return [
            f'COCO("OUT/annotations/{split}.json"), pictures in OUT/images/{split}'
            for split in splits
        ]


def _document(classes: Sequence[str], entries: Sequence[tuple[int, Entry]]) -> dict[str, Any]:
    numbers = {cls: number for number, cls in enumerate(classes, start=1)}
    return {
        "info": INFO,
        "licenses": [],
        "categories": [
            {"id": number, "name": cls, "supercategory": "part"} for cls, number in numbers.items()
        ],
        "images": [_image(number, each) for number, each in entries],
        "annotations": [_box(number, each, numbers[each.item.cls]) for number, each in entries],
    }


def _image(number: int, entry: Entry) -> dict[str, Any]:
    return {
        "id": number, "file_name": entry.path.rpartition("/")[2],
        "width": entry.width_px, "height": entry.height_px,
        "date_captured": utc(entry.item.wall_ms), "view": folder_of(entry.shot.view),
    }  # fmt: skip


def _box(number: int, entry: Entry, category: int) -> dict[str, Any]:
    width, height = entry.width_px, entry.height_px
    # the same as an outline: some readers take no annotation without one
    outline = [0, 0, width, 0, width, height, 0, height]
    return {
        "id": number, "image_id": number, "category_id": category, "iscrowd": 0,
        "bbox": [0, 0, width, height], "area": width * height, "segmentation": [outline],
    }  # fmt: skip
