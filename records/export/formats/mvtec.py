"""MVTec AD: a folder a view, train/good, test/good and test/<defect>. What anomalib's Folder reads.

ground_truth is left out: it is for masks that a person drew. The engine's map is its own opinion,
and a model that is measured by it would only be told to agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.export.formats.layout import views_of
from gonogo.records.export.names import GOOD, file_name, folder_of
from gonogo.records.export.source import ending_of
from gonogo.records.export.wanted import TEST, TRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.records.export.formats.layout import Entry
    from gonogo.records.export.item import Item, Shot


class MvtecLayout:
    """There is no val in it: programs that read it take that from test."""

    only_good_in_train = True
    maps = False

    def place(self, item: Item, shot: Shot, split: str) -> str:
        """VIEW/train/good or VIEW/test/CLASS."""
        under = TRAIN if split == TRAIN else TEST
        name = file_name(item, shot.view, ending_of(shot.source))
        return f"{folder_of(shot.view)}/{under}/{item.cls}/{name}"

    def folders(self, classes: Sequence[str], entries: Sequence[Entry]) -> list[str]:
        """None: a folder without a picture is an error to those who read it."""
        del classes, entries
        return []

    def documents(self, classes: Sequence[str], entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """None."""
        del classes, entries
        return {}

    def handed(self, entries: Sequence[Entry]) -> list[str]:
        """To anomalib, a view each."""
        found = []
        for view in views_of(entries):
            some = [each for each in entries if each.shot.view == view and each.split != TRAIN]
            bad = sorted({f"test/{each.item.cls}" for each in some} - {f"test/{GOOD}"})
            words = [f'name="{folder_of(view)}"', f'root="OUT/{folder_of(view)}"']
            words += ['normal_dir="train/good"'] + ([f"abnormal_dir={bad}"] if bad else [])
            if any(each.item.cls == GOOD for each in some):
                words.append('normal_test_dir="test/good"')
            found.append(f"anomalib.data.Folder({', '.join(words)})")
        return found
