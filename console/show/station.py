"""How a running station stands, in lines for people: as `gonogo status` and the console show it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import ControlError, SegmentError
from gonogo.base.words import FaultBit, Mode
from gonogo.console.show import board, drift_status, master_part_gate
from gonogo.console.show.codes import plain
from gonogo.console.show.engines import engine_lines
from gonogo.console.show.headline import NO_PLC, Headline, Seen, headline
from gonogo.console.show.link import link_lines
from gonogo.console.show.outputs_tried import tried_lines
from gonogo.ipc.board_health import BoardView
from gonogo.ipc.control_socket import ask
from gonogo.ipc.drift_table import DriftView
from gonogo.ipc.heartbeat import HeartbeatView
from gonogo.ipc.journal import JournalView
from gonogo.ipc.master_part import MasterPartView
from gonogo.records.metrics.alerts import found
from gonogo.records.metrics.standing import StationMemory, row_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.ipc.link_table import LinkFacts
    from gonogo.records.metrics.alerts import Alert


class Stands(NamedTuple):
    """Who may be asked, and what the station's memory says at one moment.

    `rows` of the supervisor's answer; None where it does not answer, as after a kill.
    """

    name: str
    rows: list[dict[str, Any]] | None
    headline: Headline
    link: LinkFacts | None
    now_ns: int


def stands(name: str) -> Stands:
    """Of a station whose memory is there; ControlError where it is not."""
    rows, refusal = _rows(name)
    try:
        heart = HeartbeatView.attach(name)
    except SegmentError:
        if refusal is None:
            raise
        raise refusal from None
    try:
        link = heart.link.look()
        now_ns = time.monotonic_ns()  # after it was read: no age is negative
        seen = Seen(now_ns, heart.alive_ns, heart.mode, link)
        return Stands(name, rows, headline(seen), link, now_ns)
    finally:
        heart.close()


def _rows(name: str) -> tuple[list[dict[str, Any]] | None, ControlError | None]:
    try:
        rows: list[dict[str, Any]] = ask(name, do="status")["rows"]
    except ControlError as error:
        return None, error
    return rows, None


def station_lines(name: str) -> Iterator[str]:
    """What the PLC has of it first; mode, processes, engines, alerts and more; ControlError."""
    found = stands(name)
    names = [row["name"] for row in found.rows or ()]
    yield f"station '{name}': {found.headline.says}"
    yield from (f"  {line}" for line in tried_lines(name))
    yield from (f"  {line}" for line in _link(found))
    yield from _line(name)
    yield from _processes(found)
    for line in engine_lines(name):
        yield f"  {line}"
    for alert, words in holding(name, names):
        yield f"  {alert.severity}: {words} ({alert.name})"
        yield f"    do: {plain(alert.remedy)}"
    if "board" in names:
        yield from _board(name)
    yield from (f"  {line}" for line in _drift(name))
    yield from _master_parts(name)


def _link(found: Stands) -> Iterator[str]:
    if found.link is None:
        return
    for line in link_lines(found.link, found.now_ns):
        if found.link.reason and line.endswith(found.link.reason) and _is_away(found):
            continue  # the headline says it
        yield line


def _is_away(found: Stands) -> bool:
    return found.headline.word == NO_PLC


def _processes(found: Stands) -> Iterator[str]:
    if found.rows is None:
        yield "  the supervisor does not answer: which processes are there is not known"
    for row in found.rows or ():
        yield f"  {_process(row)}"


def _line(name: str) -> Iterator[str]:
    # from shared memory: also a line that hangs is told of, which would answer nobody
    heart = HeartbeatView.attach(name)
    try:
        if not heart.alive_ns:  # a mode of nobody
            return
        yield f"  mode {heart.mode.name}, {heart.cycles} parts judged"
        # the reason is in the messages, with its time
        if heart.mode is not Mode.FULL:
            yield "  not FULL: see the messages of the station"
        shown = _bits(heart.faults)
        if shown:
            yield f"  FAULT at the PLC: {shown}"
        if heart.faults & FaultBit.STRANGER:
            yield "  another device writes here, into our words in the PLC: see GN404"
        # a cycle that lacks a stage feeds no heart: one of them is a fault of ours
        if heart.broken:
            yield f"  {heart.broken} cycles lacked a stage: please report this"
    finally:
        heart.close()


def _bits(word: int) -> str:
    return ", ".join(bit.name.lower() for bit in FaultBit if word & bit and bit.name)


def _process(row: dict[str, Any]) -> str:
    starts = f", started {row['starts']} times" if row["starts"] > 1 else ""
    warns = _bits(row["warning"])
    warns_of = f", warns the PLC: {warns}" if warns else ""
    return f"{row['name']:<12} {row['state']:<9} process {row['pid']}{starts}{warns_of}"


def holding(station: str, names: Sequence[str]) -> list[tuple[Alert, str]]:
    """What somebody should look after, by the table of docs/alerts.md, and how it is in words.

    `names` of the processes, as the supervisor has them.
    """
    memory = StationMemory(station, records_of(station), row_numbers(names))
    try:
        return list(found(memory.look()))
    finally:
        memory.close()


def process_names(station: str) -> list[str]:
    """As its supervisor has them; ControlError."""
    return [row["name"] for row in ask(station, do="status")["rows"]]


def about(station: str) -> dict[str, Any]:
    """What its journal says of itself: where its records lie, its views; SegmentError."""
    journal = JournalView.attach(station)
    try:
        found_there: dict[str, Any] = json.loads(journal.about)
        return found_there
    finally:
        journal.close()


def records_of(station: str) -> Path | None:
    """Where its records lie, by what its journal says of itself; None where it does not."""
    path = about(station).get("path")
    return None if path is None else Path(path)


def _board(station: str) -> Iterator[str]:
    """How hot the box is."""
    memory = BoardView.attach(station)
    try:
        yield f"  {board.standing(memory, time.monotonic_ns())}"
    finally:
        memory.close()


def _drift(station: str) -> Iterator[str]:
    """Whether what was decided still holds, where somebody charts it."""
    try:
        table = DriftView.attach(station)
    except SegmentError:
        return
    try:
        yield from drift_status.standing(table, about(station)["views"])
    finally:
        table.close()


def _master_parts(station: str) -> Iterator[str]:
    """How the gate of the master parts stands."""
    memory = MasterPartView.attach(station)
    try:
        for line in master_part_gate.standing(memory):
            yield f"  {line}"
    finally:
        memory.close()
