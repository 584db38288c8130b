"""What an export says of itself, in the metadata of its file.

    Ultralytics   description, author, task, names, imgsz, stride, args (nms), end2end, channels
    YOLOv5, v7    names, stride
    others        names of classes at most: as a dictionary, a list, or JSON

A file of somebody else is never run: values are literals, read within bounds, and what
cannot be read counts as not said.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

ULTRALYTICS, ANOMALIB = "ultralytics", "anomalib"
_TEXT_MAX = 200_000  # characters of one value: thousands of classes with long names
_NAMES = ("names", "class_names", "classes", "labels", "id2label")
_SIZES = ("imgsz", "input_size", "image_size")
_SIDE_MAX_PX = 65_536
_PAIR = 2
_DIGITS_MAX = 9


class Said(NamedTuple):
    """What the file tells; empty, None or False: it does not say.

    `tool`: ULTRALYTICS, ANOMALIB or "". `task`: as Ultralytics has it (detect, segment, obb, pose,
    classify). `names`: of classes by their number. `size_px`: (height, width). `end_to_end`,
    `nms`: what comes out is the final detections.
    """

    tool: str = ""
    task: str = ""
    names: Mapping[int, str] = {}
    size_px: tuple[int, int] | None = None
    stride_px: int | None = None
    channels: int | None = None
    end_to_end: bool = False
    nms: bool = False
    keypoints: int = 0


def read_metadata(metadata: Mapping[str, str]) -> Said:
    """Everything that is told; never an error, whatever stands there."""
    values = {key.lower(): _value(text) for key, text in metadata.items()}
    args = values.get("args")
    args = args if isinstance(args, dict) else {}
    task = values.get("task")
    return Said(
        tool=_tool(metadata),
        task=task.strip().lower() if isinstance(task, str) else "",
        names=next((names for key in _NAMES if (names := _by_number(values.get(key)))), {}),
        size_px=next((size for key in _SIZES if (size := _size(values.get(key)))), None),
        stride_px=_positive(values.get("stride")),
        channels=_positive(values.get("channels")),
        end_to_end=values.get("end2end") is True,
        nms=args.get("nms") is True or values.get("nms") is True,
        keypoints=_points(values.get("kpt_shape")),
    )


def _tool(metadata: Mapping[str, str]) -> str:
    whole = " ".join(f"{key} {value[:200]}" for key, value in metadata.items()).lower()
    return next((tool for tool in (ULTRALYTICS, ANOMALIB) if tool in whole), "")


def _value(text: str) -> object:
    """The literal that stands there, else the text itself."""
    if len(text) > _TEXT_MAX:
        return None
    try:
        return ast.literal_eval(text.strip())
    # of brackets within brackets it runs out of memory or depth
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _by_number(value: object) -> dict[int, str]:
    if isinstance(value, (list, tuple)):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {}
    names = {_number(key): str(name) for key, name in value.items()}
    # a key that is no number: which class it means is not told, so nothing is
    return {} if None in names else {k: v for k, v in sorted(names.items()) if k is not None}


def _number(value: object) -> int | None:
    # of thousands of digits Python makes no number
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= _DIGITS_MAX:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None


def _positive(value: object) -> int | None:
    # the largest, where one stands for each level of a head
    if isinstance(value, (list, tuple)):
        numbers = [_number(one) for one in value]
        value = None if not numbers or None in numbers else max(n for n in numbers if n is not None)
    number = _number(int(value)) if isinstance(value, float) and value.is_integer() else None
    number = _number(value) if number is None else number
    return number or None


def _size(value: object) -> tuple[int, int] | None:
    sides = value if isinstance(value, (list, tuple)) else (value, value)
    # planes, height and width: as timm writes it
    sides = sides[-_PAIR:]
    numbers = [_positive(side) for side in sides]
    if len(numbers) != _PAIR or any(n is None or n > _SIDE_MAX_PX for n in numbers):
        return None
    return numbers[0] or 0, numbers[1] or 0


def _points(value: object) -> int:
    return (_positive(value[0]) or 0) if isinstance(value, (list, tuple)) and value else 0
