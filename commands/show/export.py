"""What an export wrote, in lines for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gonogo.records.export.formats.table import LAYOUTS
from gonogo.records.export.plan import empty_splits
from gonogo.records.export.tables import JPEG_NOTE, MISSING, jpegs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.records.export.plan import Plan
    from gonogo.records.export.writing import Done

SHORT = "second"  # in the words of what was kept together


def in_lines(made: Plan, done: Done) -> Iterator[str]:
    """Counts by split and class; what is missing; how it is handed over. OUT is the folder."""
    parts = len({(each.item.run, each.item.serial) for each in done.entries})
    yield f"OUT: {len(done.entries)} pictures of {parts} parts, for {made.wanted.form}"
    for split in made.splits:
        found = Counter(each.item.cls for each in done.entries if each.split == split)
        classes = ", ".join(f"{cls} {found[cls]}" for cls in made.classes if found[cls])
        yield f"  {split:<5} {classes or 'nothing'}"
    yield f"  kept together: {made.unit} ({made.units} of them)"
    if SHORT in made.unit:
        yield "  that is a short time: parts beside each other look alike, and flatter any model"
    for split in empty_splits(made):
        yield f"  {split} is empty: there is too little that can be kept apart"
    reasons = Counter(one.why for one in done.missing)
    for why, count in sorted(reasons.items()):
        yield f"  {count} not exported: {why}"
    if reasons:
        yield f"  each of them stands in OUT/{MISSING}"
    if jpegs(done.entries):
        yield f"  {jpegs(done.entries)} of the pictures are JPEG. {JPEG_NOTE}"
    for how in LAYOUTS[made.wanted.form].handed(done.entries):
        yield f"  {how}"
