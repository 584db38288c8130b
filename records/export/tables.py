"""What stands beside the pictures in every format: ITEMS.csv, MISSING.csv, EXPORT.json."""

from __future__ import annotations

import csv
import io
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from gonogo.base.plain_text import cell, harmless
from gonogo.records.export.formats.layout import as_json, views_of
from gonogo.records.export.item import Item, Missing
from gonogo.records.export.names import folder_of
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gonogo.records.export.formats.layout import Entry
    from gonogo.records.export.plan import Plan

ITEMS, MISSING, ABOUT = "ITEMS.csv", "MISSING.csv", "EXPORT.json"
_ITEM = [name for name in Item._fields if name not in {"wall_ms", "cls", "shots"}]
JPEG_NOTE = (
    "JPEG loses what small defects are made of: these pictures are not for retraining; "
    'expected format = "png" in [records.images]'
)


def tables(made: Plan, entries: Sequence[Entry], lost: Sequence[Missing]) -> dict[str, bytes]:
    """All three, by their name."""
    items = ([each.path, each.split, each.item.cls, utc(each.item.wall_ms), each.shot.view,
              *(getattr(each.item, name) for name in _ITEM)] for each in entries)  # fmt: skip
    gone = ([one.run, one.serial, one.part_id, utc(one.wall_ms), one.cls, one.view, one.why]
            for one in lost)  # fmt: skip
    return {
        ITEMS: _csv(["file", "split", "class", "passed", "view", *_ITEM], items),
        MISSING: _csv(["run", "serial", "part_id", "passed", "class", "view", "why"], gone),
        ABOUT: as_json(_about(made, entries, lost)),
    }


def jpegs(entries: Sequence[Entry]) -> int:
    """How many of the pictures are not for retraining."""
    return sum(each.path.endswith(".jpg") for each in entries)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([cell(harmless(one) if isinstance(one, str) else one) for one in row])
    return target.getvalue().encode(errors="replace")


def _about(made: Plan, entries: Sequence[Entry], lost: Sequence[Missing]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "gonogo": version("gonogo"),
        "asked": made.call,
        "classes": list(made.classes),
        "kept_together": {"what": made.unit, "how_many": made.units},
        "pictures": _counted(entries),
        "views": {harmless(view): folder_of(view) for view in views_of(entries)},
        "parts": dict(
            sorted(
                Counter(
                    split for split, *_ in {(e.split, e.item.run, e.item.serial) for e in entries}
                ).items()
            )
        ),
        "missing": len(lost),
        "jpeg": jpegs(entries),
    }
    return found | ({"note": JPEG_NOTE} if found["jpeg"] else {})


def _counted(entries: Sequence[Entry]) -> dict[str, dict[str, dict[str, int]]]:
    """By view, split and class."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for each in entries:
        classes = found.setdefault(harmless(each.shot.view), {}).setdefault(each.split, {})
        classes[each.item.cls] = classes.get(each.item.cls, 0) + 1
    return found
