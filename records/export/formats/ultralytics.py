"""Ultralytics classification: a folder a view, then <split>/<class>. Any ImageFolder reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.export.formats.layout import views_of
from gonogo.records.export.names import file_name, folder_of
from gonogo.records.export.source import ending_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.records.export.formats.layout import Entry
    from gonogo.records.export.item import Item, Shot


class UltralyticsLayout:
    """It has no place for maps."""

    only_good_in_train = False
    maps = False

    def place(self, item: Item, shot: Shot, split: str) -> str:
        """VIEW/SPLIT/CLASS."""
        name = file_name(item, shot.view, ending_of(shot.source))
        return f"{folder_of(shot.view)}/{split}/{item.cls}/{name}"

    def folders(self, classes: Sequence[str], entries: Sequence[Entry]) -> list[str]:
        """Every class in every split: a reader numbers the folders that it finds."""
        there = sorted({(folder_of(each.shot.view), each.split) for each in entries})
        return [f"{view}/{split}/{cls}" for view, split in there for cls in classes]

    def documents(self, classes: Sequence[str], entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """None: the folders say it."""
        del classes, entries
        return {}

    def handed(self, entries: Sequence[Entry]) -> list[str]:
        """To Ultralytics, a view each."""
        views = [folder_of(view) for view in views_of(entries)]
        return [f'YOLO("yolo11n-cls.pt").train(data="OUT/{view}")' for view in views]
