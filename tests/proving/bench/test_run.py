"""`gonogo bench`: which benchmarks are run, what is printed, and the exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import UnknownDriver
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.run import BENCHES, chosen, run_bench

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def row(name: str, value: float | None, limit: float | None = 1.0) -> Row:
    """A row whose control is 10 ms."""
    control = None if value is None else 10.0
    return Row(name, value, control, "lower", "ms", limit, f"how {name} was measured")


def benches(*rows: Row) -> dict[tuple[str, ...], Callable[[], list[Row]]]:
    """One benchmark that gives these rows, and one that must not be run."""

    def never() -> list[Row]:
        raise AssertionError("nobody asked for this one")

    return {tuple(each.name for each in rows): lambda: list(rows), ("other",): never}


def test_bench_runs_what_gives_the_row_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the benchmark's rows that one is shown and written, and it alone decides."""
    made = benches(row("fast", 9.0), row("slow", 11.0))
    report = tmp_path / "new" / "bench.json"
    assert run_bench(report, "fast", made) == 0
    assert [each["name"] for each in json.loads(report.read_text())] == ["fast"]
    said = capsys.readouterr().out
    assert "fast: how fast was measured" in said
    assert "slow" not in said
    assert run_bench(None, "slow", made) == 1
    assert "NOT MET" in capsys.readouterr().out


def test_bench_passes_what_was_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    """It is shown as that."""
    assert run_bench(None, "absent", benches(row("absent", None))) == 0
    assert "not run" in capsys.readouterr().out


def test_bench_names_the_rows_there_are() -> None:
    """For a name that is none of them."""
    with pytest.raises(UnknownDriver, match="benchmark row 'speed'; known: a, b, other"):
        chosen("speed", benches(row("a", 1.0), row("b", 1.0)))


def test_every_row_has_a_name_of_its_own() -> None:
    """Or asking for one would run two benchmarks; without a name all are run."""
    names = [name for group in BENCHES for name in group]
    assert len(set(names)) == len(names)
    assert chosen(None) == BENCHES
