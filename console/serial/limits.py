"""Commands about limits: by which the station judges, and taking the last review back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError
from gonogo.config.limits_applying import last
from gonogo.config.recipe_switch import FIRST, others
from gonogo.config.started_by import started_by
from gonogo.config.view import rules_of
from gonogo.console.limits.change import Asking, undo_limits
from gonogo.console.serial.changes import author
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.table import Answer
from gonogo.console.started import started
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.control_socket import ask
from gonogo.ipc.heartbeat import HeartbeatView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.console.serial.table import At
    from gonogo.console.started import Started
    from gonogo.rules.window import LimitedSection

JUDGES = "judges by"  # as gonogo.launch.audit_start writes its rows
_PAIR = ("recheck_above", "reject_above")
_WHEN = "judged by once the station is started again: it reads its file at the start alone"


def limits(at: At, _: Sequence[str]) -> Answer:
    """Of each rule and engine, by recipe and view, as the station was started with them."""
    path = records_of(at)
    known = started(path)
    now, scores = _recipe_now(at.station), _Scores(path, at.station)
    rows = list(_rows(known.station, scores, now))
    lines = [_head(known), *(_in_words(row, now) for row in rows), _undoable(known.file)]
    value = {"file": known.file, "edited": known.edited, "in_force": now, "limits": rows}
    return Answer(lines, value)


def limits_undo(at: At, _: Sequence[str]) -> Answer:
    """As `gonogo limits undo`: the file as it was before the last review."""
    change = last(started_by(at.station, Trail(trail_of(records_of(at)))))
    undo_limits(change, Asking(at.why, lambda: author(at)))
    said = f"{change.place}: {_typed(change.old)} taken back, now {_typed(change.new)}; {_WHEN}"
    return Answer([said], {"file": change.path, "old": change.old, "new": change.new})


class _Scores:
    """Score limits: what the loader says of the engine that judges, else what the start told."""

    def __init__(self, records: Path, station: str) -> None:
        self._told: dict[str, Any] = {}
        with suppress(GonogoError):
            row = Trail(trail_of(records)).last(JUDGES)
            self._told = row.new if row is not None and isinstance(row.new, dict) else {}
        self._live: dict[int, dict[str, float]] = {}
        with suppress(GonogoError):
            for place in ask(station, purpose=PURPOSE, do="status")["places"]:
                if place["role"] == "active":
                    self._live = {each["view"]: each for each in place["limits"]}

    def of(self, recipe: int, view: str) -> dict[str, Any]:
        """What the start told of a view: limits, and what its engine is called."""
        views = self._told.get("views") if recipe == FIRST else self._told.get(f"recipe {recipe}")
        found = views.get(view) if isinstance(views, dict) else None
        return found if isinstance(found, dict) else {}

    def now(self, view: int) -> dict[str, float] | None:
        """Those by which the engine judges that was loaded while the station ran."""
        return self._live.get(view)


def _rows(station: Station, scores: _Scores, now: int) -> Iterator[dict[str, Any]]:
    for recipe, its in {FIRST: station, **others(station)}.items():
        for number, view in enumerate(its.view):
            where = {"recipe": recipe, "view": view.name}
            for rule in _with_units(view):
                row = {"rule": rule.name, "low": rule.low, "high": rule.high, "unit": rule.unit}
                yield {**where, **row}
            if view.engine is not None:
                told = scores.of(recipe, view.name)
                found = scores.now(number) if recipe == now else None
                found = found or told.get("limits")
                pair = None if found is None else {key: found[key] for key in _PAIR}
                yield {**where, "engine": told.get("engine", ""), "limits": pair}


def _with_units(view: ViewSection) -> Sequence[LimitedSection]:
    # a calibration says in which unit a rule measures; without its file the limits are the same
    with suppress(GonogoError):
        return rules_of(view)
    return view.rule


def _head(known: Started) -> str:
    if not known.edited:
        return f"{known.file}, as the station was started with it"
    return f"{known.file} as it was at the start; it was edited since, for the next one"


def _in_words(row: dict[str, Any], now: int) -> str:
    force = "in force" if row["recipe"] == now else ""
    head = f"recipe {row['recipe']:<3} {force:<8} view {row['view']}: "
    if "rule" in row:
        return f"{head}rule {row['rule']} {_span(row['low'], row['high'])} {row['unit']}".rstrip()
    called = f" {row['engine']}" if row["engine"] else ""
    found = row["limits"]
    return f"{head}engine{called} {'NOT KNOWN' if found is None else _typed(found)}"


def _span(low: float | None, high: float | None) -> str:
    least = "" if low is None else f"at least {low:g}"
    most = "" if high is None else f"at most {high:g}"
    return ", ".join(each for each in (least, most) if each) or "no limit"


def _typed(limits: dict[str, Any]) -> str:
    """As the keys are called; one that stands in no file is the card's."""
    said = {key: "by the card" if limits[key] is None else f"{limits[key]:g}" for key in _PAIR}
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in said.items())


def _undoable(file: Path) -> str:
    try:
        change = last(file)
    except GonogoError as error:
        return f"nothing to take back: {error.args[0]}"
    return f"`limits undo` takes back {_typed(change.old)} of {change.place}"


def _recipe_now(station: str) -> int:
    heart = HeartbeatView.attach(station)
    try:
        return heart.recipe
    finally:
        heart.close()
