"""`gonogo bench`: runs the benchmarks, prints their rows, and says which limits are not met."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from gonogo.base.errors import UnknownDriver
from gonogo.proving.bench import (
    accelerator,
    apart,
    cameras,
    cold_start,
    disturb,
    drift,
    flow,
    followed,
    fuzz,
    image_trust,
    int8,
    load,
    memory,
    optics,
    outage,
    pace,
    part_time,
    people,
    pixels,
    questions,
    slow_line,
    swaps,
    throughput,
    wire,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gonogo.proving.bench.rows import Row

    Benches = Mapping[tuple[str, ...], Callable[[], list[Row]]]

# what is measured together -> (the rows that come of it, how)
# names stand here so that one row can be asked for without running the others
BENCHES: Benches = {
    (
        "part_time_p50",
        "part_time_p99",
        "part_time_from_frame_p50",
        "part_time_256_p50",
        "part_time_256_p99",
        "part_time_256_from_frame_p50",
        "part_time_plc_trigger_p50",
        "script_p50",
        "part_time_over_script_p50",
        "part_time_over_equal_script_p50",
    ): part_time.measure,
    pace.NAMES: pace.measure,
    cold_start.NAMES: cold_start.measure,
    swaps.NAMES: swaps.measure,
    ("int8_over_fp32_onnxruntime", "int8_over_fp32_openvino"): int8.measure,
    ("throughput",): throughput.measure,
    load.NAMES: load.measure,
    memory.NAMES: memory.measure,
    people.NAMES: people.measure,
    pixels.NAMES: pixels.measure,
    slow_line.NAMES: slow_line.measure,
    followed.NAMES: followed.measure,
    wire.NAMES: wire.measure,
    apart.NAMES: apart.measure,
    disturb.NAMES: disturb.measure,
    outage.NAMES: outage.measure,
    flow.NAMES: flow.measure,
    cameras.NAMES: cameras.measure,
    image_trust.NAMES: image_trust.measure,
    optics.NAMES: optics.measure,
    drift.NAMES: drift.measure,
    accelerator.NAMES: accelerator.measure,
    questions.NAMES: questions.measure,
    ("fuzz_frames_survived",): fuzz.measure,
}


def run_bench(json_path: Path | None, only: str | None, benches: Benches = BENCHES) -> int:
    """Run all benchmarks, or the one that gives the row `only`; 0 when every limit is met."""
    rows: list[Row] = []
    for names, measure in chosen(only, benches).items():
        # a benchmark gives all its rows at once; of these the one that was asked for
        rows += [row for row in measure() if only in {None, row.name} and row.name in names]
    show(rows)
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([row.as_json() for row in rows], indent=1)
        json_path.write_text(text + "\n", encoding="utf-8")
    return 0 if all(row.met for row in rows) else 1


def chosen(only: str | None, benches: Benches = BENCHES) -> Benches:
    """The benchmarks to run; UnknownDriver lists the names there are."""
    found = {names: run for names, run in benches.items() if only is None or only in names}
    if not found:
        known = ", ".join(name for names in benches for name in names)
        raise UnknownDriver(f"benchmark row '{only}'; known: {known}")
    return found


def show(rows: Sequence[Row]) -> None:
    """Print the rows as a table, and their notes below it."""
    # also where it goes to a file: the columns are read side by side
    console = Console(highlight=False, width=100)
    table = Table()
    for column in ("row", "value", "control", "unit", "ratio", "limit", ""):
        side = "left" if column in {"row", "unit"} else "right"
        table.add_column(column, justify=side, no_wrap=True)  # type: ignore[arg-type]  # a literal
    for row in rows:
        limit = (
            "" if row.limit is None else f"{'<=' if row.better == 'lower' else '>='} {row.limit}"
        )
        # three answers: met, not met, and nothing to be met
        met = "" if row.limit is None or row.ratio is None else ("met" if row.met else "NOT MET")
        figures = (_text(row.value), _text(row.control), row.unit, _text(row.ratio), limit, met)
        table.add_row(row.name, *figures)
    console.print(table)
    for row in rows:
        console.print(f"{row.name}: {row.note}", style="dim", soft_wrap=True)


def _text(value: float | None) -> str:
    return "not run" if value is None else f"{value:.3f}"
