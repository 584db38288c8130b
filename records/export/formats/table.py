"""The formats by their name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.export.formats.coco import CocoLayout
from gonogo.records.export.formats.labelstudio import LabelStudioLayout
from gonogo.records.export.formats.mvtec import MvtecLayout
from gonogo.records.export.formats.ultralytics import UltralyticsLayout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.records.export.formats.layout import Layout
    from gonogo.records.export.wanted import Format

LAYOUTS: Mapping[Format, Layout] = {
    "mvtec": MvtecLayout(),
    "ultralytics": UltralyticsLayout(),
    "labelstudio": LabelStudioLayout(),
    "coco": CocoLayout(),
}
