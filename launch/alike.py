"""What tells one process from another that is started in its place: its argument, in part.

A supervisor that is started anew adopts processes that were told the same (RowPlan.alike). What may
change while they run is left out: another version of an engine became active, or sections of the
station file that are changed while parts pass (gonogo.config.live_keys).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gonogo.config.live_keys import LIVE, without_live
from gonogo.config.live_light import is_row_of_light
from gonogo.ipc.camera_port import LIGHT

if TYPE_CHECKING:
    from gonogo.records.process import RecordsPlan
    from gonogo.runtime.line_plan import LinePlan

APART = frozenset(row for told in LIVE.values() for row, _ in told)


def line_alike(plan: LinePlan, *, exchanges: bool) -> str:
    """Of the line; `exchanges`: its engines are bundles, whose limits it learns while it runs."""
    limits: dict[str, object] = {"limits": (), "recipe_limits": {}} if exchanges else {}
    # the sums are of the whole file; what they stand for is in the plan, or in no verdict
    changed = {"station": without_live(plan.station), "checksums": {}, **limits}
    return plan.model_copy(update=changed).model_dump_json()


def records_alike(plan: RecordsPlan) -> str:
    """Of the records: of which file they are is told anew at each start."""
    return plan.model_copy(update={"station_sha256": ""}).model_dump_json()


def is_apart(row: str) -> bool:
    """Whether it may end, and begin anew with another argument, while parts pass."""
    return row in APART or is_row_of_light(row)


def apart_alike(row: str, argument: str) -> str:
    """Of a process that may do so."""
    told = json.loads(argument)
    for each in (told.get("camera", {}), *told.get("views", ())) if is_row_of_light(row) else ():
        for key in LIGHT:
            each.pop(key, None)
    for each in LIVE.values():
        for name, field in each:
            if name == row:
                told.pop(field, None)
    return json.dumps(told)
