"""Parts as files for other programs: CSV, JSON lines, Parquet."""

from __future__ import annotations

import csv
import sys
from contextlib import contextmanager
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from gonogo.base.errors import OutputError, ParquetMissing
from gonogo.base.plain_text import cell
from gonogo.records.questions.part_row import PartRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gonogo.records.questions.gaps import Gap

    Entries = Iterable[PartRow | Gap]
    Said = Mapping[tuple[str, int], str]

NOTHING: Said = MappingProxyType({})
BATCH = 10_000  # rows that are held at once for Parquet
# the columns of all three, with the type of Parquet
COLUMNS = {
    "kind": "string", "run": "string", "serial": "int64", "last_serial": "int64",
    "part_id": "int64", "wall": "string", "verdict": "string", "reason": "string",
    "mode": "string", "score": "int64", "rules_alone": "string", "engine_alone": "string",
    "recipe": "int64", "lot": "string", "serial_number": "string", "text": "string",
    "overrun": "string",
    "master_part": "string", "master_answer": "string", "delivered": "bool",
    "delivered_as": "string", "delivered_reason": "string", "frame_ms": "float64",
    "rules_ms": "float64", "engine_ms": "float64", "decided_ms": "float64",
    "reported_ms": "float64", "deadline_ms": "float64", "published_ms": "float64",
    "acked_ms": "float64", "disposition": "string", "undelivered": "string",
}  # fmt: skip


def records_of(entries: Entries, said: Said = NOTHING) -> Iterator[dict[str, Any]]:
    """One flat record each; a gap is one of kind `gap`, with its first and last serial.

    `said`: the standing word of a part that people spoke of, by run and serial.
    """
    for each in entries:
        if isinstance(each, PartRow):
            word = said.get((each.run, each.serial))
            yield _part(each) | {"disposition": word}
        else:
            yield _gap(each)


def _part(part: PartRow) -> dict[str, Any]:
    delivery = part.delivery
    found = {name: getattr(part, name, None) for name in COLUMNS} | part.stages._asdict()
    return found | {
        "kind": "part", "last_serial": part.serial, "delivered": delivery.delivered,
        "delivered_as": delivery.verdict or None, "delivered_reason": delivery.reason or None,
        "undelivered": part.undelivered or None,
    }  # fmt: skip


def _gap(gap: Gap) -> dict[str, Any]:
    known = {"kind": "gap", "run": gap.run, "serial": gap.first, "last_serial": gap.last}
    return dict.fromkeys(COLUMNS) | known


def write_csv(path: Path, entries: Entries, said: Said = NOTHING) -> None:
    """With a head; text that a spreadsheet would run gets a ' before it. OutputError."""
    with _opened(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for record in records_of(entries, said):
            writer.writerow([cell(record[name]) for name in COLUMNS])


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if str(path) == "-":
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}; expected a place for a file") from error


def write_parquet(path: Path, entries: Entries, said: Said = NOTHING) -> None:
    """With the same columns, typed. ParquetMissing names the extra; OutputError."""
    try:
        import pyarrow as pa  # type: ignore[import-not-found,import-untyped,unused-ignore]
        from pyarrow import parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        raise ParquetMissing(
            "a Parquet file is written by pyarrow, which is not installed: "
            "pip install 'gonogo[parquet]'; --csv and --json need no extra"
        ) from error
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
    records = records_of(entries, said)
    try:
        with parquet.ParquetWriter(path, schema) as writer:
            while batch := list(islice(records, BATCH)):
                writer.write_table(pa.Table.from_pylist(batch, schema))
    except OSError as error:
        raise OutputError(f"{path}: {error}; expected a place for a file") from error
