"""What an export will hold, written down before its first picture.

A call that goes on after a kill takes it from there: labels that came meanwhile, and pictures that
were evicted, change nothing of what was begun.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import ExportError
from gonogo.records.export.finding import NO_ROW, find
from gonogo.records.export.formats.layout import as_json
from gonogo.records.export.formats.table import LAYOUTS
from gonogo.records.export.item import Item, Missing, Shot, in_order, missing
from gonogo.records.export.names import GOOD
from gonogo.records.export.sampling import sample
from gonogo.records.export.splitting import split
from gonogo.records.export.wanted import Wanted
from gonogo.records.volumes import base_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.records.dispositions.labels import Label
    from gonogo.records.questions.files import Files

TEACHES = "what it was kept together with teaches, and there mvtec has good parts alone"


class Plan(NamedTuple):
    """`records`: the name of the station's records; `nbytes`: of all pictures that were found.

    `classes` are those of the items that were found, `good` first: also where none of one is left.
    """

    wanted: Wanted
    records: str
    classes: tuple[str, ...]
    unit: str
    units: int
    nbytes: int
    splits: dict[str, list[Item]]
    missing: list[Missing]

    @property
    def call(self) -> dict[str, Any]:
        """What makes two calls the same one."""
        return call_of(self.wanted, self.records)

    @property
    def pictures(self) -> int:
        """How many are to be written."""
        return sum(len(item.shots) for some in self.splits.values() for item in some)


def call_of(wanted: Wanted, records: str) -> dict[str, Any]:
    """As JSON has it: tuples are lists."""
    found: dict[str, Any] = json.loads(json.dumps(wanted._asdict()))
    return {**found, "records": records}


def plan(files: Files, labels: Sequence[Label], wanted: Wanted) -> Plan:
    """ExportError where nothing fits; RecordsUnreadable."""
    wanted.check()
    found = find(files, labels, wanted)
    if base_of(files.path) != files.path:  # one month was asked for: the others are not missing
        found = found._replace(missing=[one for one in found.missing if one.why != NO_ROW])
    if not found.items:
        raise ExportError(_nothing(labels, found.missing))
    items = sample(found.items, wanted)
    if not items:
        raise ExportError(
            f"--limit {wanted.limit} leaves none of each class; expected at least as many as there "
            f"are classes, {len({item.cls for item in found.items})}"
        )
    layout = LAYOUTS[wanted.form]
    parted = split(items, wanted.shares, wanted.seed, only_good_in_train=layout.only_good_in_train)
    lost = found.missing + [missing(item, "", TEACHES) for item in parted.left_out]
    classes = sorted({item.cls for item in items}, key=lambda cls: (cls != GOOD, cls))
    share = len(items) / len(found.items)
    return Plan(
        wanted, files.path.name, tuple(classes), parted.unit, parted.units,
        round(found.nbytes * share), parted.items, in_order(lost),
    )  # fmt: skip


def _nothing(labels: Sequence[Label], lost: Sequence[Missing]) -> str:
    if not labels:
        return "no part has a label yet: people's words on parts are what is exported"
    if not lost:
        return f"of {len(labels)} labelled parts none fits what was asked for"
    why = max({one.why for one in lost}, key=[one.why for one in lost].count)
    count = len({(one.run, one.serial) for one in lost})
    return f"{count} labelled parts fit, and none has a picture: {why}"


def as_text(made: Plan) -> bytes:
    """To be kept while the export is under way."""
    return as_json(made._asdict() | {"wanted": made.wanted._asdict()})


def of_text(text: bytes) -> Plan:
    """ValueError, TypeError or KeyError of anything else."""
    found = json.loads(text)
    lists = {name: tuple(found["wanted"][name]) for name in ("classes", "parts")}
    wanted = Wanted(**{**found["wanted"], **lists})
    read = {
        "wanted": wanted,
        "classes": tuple(found["classes"]),
        # in their own order, which the text has not kept
        "splits": {name: [_item(row) for row in found["splits"][name]] for name in wanted.shares},
        "missing": [Missing(*row) for row in found["missing"]],
    }
    return Plan(**{**found, **read})


def _item(row: list[Any]) -> Item:
    *_, shots = row
    return Item(*row)._replace(shots=tuple(Shot(*each) for each in shots))


def empty_splits(made: Plan) -> list[str]:
    """Those that were wanted and hold nothing."""
    return [name for name, some in made.splits.items() if not some]
