"""Whether a rehearsed station is good enough: what passed wrongly, and which limit lets it.

The judge says what became of each part, the station's journal what its rules and engines measured
of it. A bad part that passed lies inside every limit. Where it lies beyond all good parts that were
shown, one limit drawn in between would have rejected it: that limit is named. Where no rule and no
engine puts it beyond the good ones, no limit can: it needs another rule, or another engine.

Judged by the share that was seen; the interval beside it says how much so few parts are worth.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import ImageFileError
from gonogo.base.images import list_images, read_image
from gonogo.base.interval import estimate
from gonogo.base.picture_folder import LeftOut, by_reason, reason
from gonogo.drivers.cameras.replay import ReplaySection
from gonogo.proving.plcsim.truth import UNREADABLE, picture_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gonogo.config.station import Station
    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.proving.plcsim.judge import Judgement
    from gonogo.proving.plcsim.row import Row

PERCENT = 100


class Gauge(NamedTuple):
    """What measures parts: a rule in its unit, or an engine by its score.

    `key` is what stands in the station file for its upper limit, `low_key` for its lower one.
    """

    name: str
    view: str
    unit: str
    low_key: str
    key: str


class Part(NamedTuple):
    """A part that was shown: what it is called, what it is, and what each gauge measured of it."""

    name: str
    label: str
    good: bool
    passed: bool
    values: tuple[float, ...]


def worth(station: Station, judged: Judgement, verdicts: Iterable[VerdictEntry]) -> dict[str, Any]:
    """Whether it is good enough, as plain values.

    `enough`: False where a share is larger than the station file allows, None where no part tells.
    """
    line = station.station
    sides = {
        "escape": _side(judged.escape, judged.bad, line.max_escape_pct),
        "overkill": _side(judged.overkill, judged.good, line.max_overkill_pct),
    }
    known = [side["enough"] for side in sides.values() if side["enough"] is not None]
    gauges = gauges_of(station)
    parts = parts_of(station, judged.rows, verdicts)
    unreadable = sorted({part.name for part in parts if part.label == UNREADABLE})
    return {
        "enough": all(known) if known else None,
        **sides,
        "unreadable": unreadable,
        "unreadable_why": by_reason(_whys(station, unreadable)),
        "escaped": [part.name for part in _distinct(parts, good=False, passed=True)],
        "lets_pass": lets_pass(gauges, parts),
        "rejects_good": rejects_good(station, gauges, parts),
    }


def _whys(station: Station, names: Sequence[str]) -> list[LeftOut]:
    """Why these pictures of replayed folders cannot be shown; nothing is read where there are none.

    The reader's own words, so that they are the same as those of every other command.
    """
    if not names:
        return []
    cameras = [view.camera for view in station.view if isinstance(view.camera, ReplaySection)]
    found = []
    for camera in cameras:
        for path in list_images(camera.folder):
            name = f"{path.parent.name}/{path.name}"
            try:
                if name in names:
                    read_image(path, camera.geometry, camera.fit)
            except ImageFileError as error:
                found.append(LeftOut(name, reason(path, error)))
    return found


def _side(events: int, of: int, max_pct: float) -> dict[str, Any]:
    """One kind of fault; shares in percent, None of no parts."""
    if not of:
        return {"events": 0, "of": 0, "max_pct": max_pct, "enough": None}
    found = estimate(events, of)
    shares = {
        f"{name}_pct": round(PERCENT * share, 2)
        for name, share in zip(("share", "low", "high"), found[:3], strict=True)
    }
    enough = PERCENT * found.share <= max_pct
    return {"events": events, "of": of, **shares, "max_pct": max_pct, "enough": enough}


def gauges_of(station: Station) -> list[Gauge]:
    """The rules in the order of a verdict's checks, then the engine of each view."""
    rules = [
        Gauge(f"rule '{rule.name}'", view.name, rule.unit, "low", "high")
        for view in station.view
        for rule in view.rule
    ]
    engines = [
        Gauge(f"the engine of view '{view.name}'", view.name, "", "", "reject_above")
        for view in station.view
    ]
    return [*rules, *engines]


def parts_of(station: Station, rows: Sequence[Row], verdicts: Iterable[VerdictEntry]) -> list[Part]:
    """The parts that went by, with what the station measured of them; nan where it did not."""
    # by part id alone, as the truth: the same id is the same part
    known = {entry.part.part_id: entry for entry in verdicts}
    return [
        Part(
            name_of(station, row.part_id, row.label),
            row.label,
            row.good,
            row.outcome == "pass",
            _values(station, known[row.part_id]),
        )
        for row in rows
        if row.outcome and row.part_id in known
    ]


def name_of(station: Station, part_id: int, label: str) -> str:
    """The picture of a part below its folder, as a person finds it; else its number."""
    path = picture_of(station.view[0].camera, part_id)
    if path is None:
        return f"part {part_id} ({label})"
    return f"{path.parent.name}/{path.name}"


def _values(station: Station, entry: VerdictEntry) -> tuple[float, ...]:
    rules = sum(len(view.rule) for view in station.view)
    checks = [check.value for check in entry.checks]
    scores = [math.nan if score is None else score.value for score in entry.scores]
    # a part without a frame has no checks and no scores
    checks += [math.nan] * (rules - len(checks))
    scores += [math.nan] * (len(station.view) - len(scores))
    return (*checks, *scores)


def lets_pass(gauges: Sequence[Gauge], parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Which limit lets which bad parts pass that lie beyond every good one, the most first.

    The last entry, without a `gauge`, has those that nothing tells from good ones.
    """
    escaped = _distinct(parts, good=False, passed=True)
    told: set[str] = set()
    found: list[dict[str, Any]] = []
    for at, gauge in enumerate(gauges):
        good = _known(part.values[at] for part in parts if part.good)
        for upper in (False, True) if good else ():
            if not (gauge.low_key or upper):
                continue
            lead = _beyond(gauge, at, (min(good), max(good)), escaped, upper=upper)
            if lead is not None:
                found.append(lead)
                told.update(lead["parts"])
    found.sort(key=_most_first)
    rest = [part.name for part in escaped if part.name not in told]
    return [*found, {"gauge": None, "parts": rest}] if rest else found


def _beyond(
    gauge: Gauge, at: int, good: tuple[float, float], escaped: Sequence[Part], *, upper: bool
) -> dict[str, Any] | None:
    edge = good[1] if upper else good[0]
    beyond = {
        part.name: part.values[at]
        for part in escaped
        if (part.values[at] > edge if upper else part.values[at] < edge)
    }
    if not beyond:
        return None
    nearest = min(beyond.values()) if upper else max(beyond.values())
    key = gauge.key if upper else gauge.low_key
    limit = int(edge) if gauge.unit == "count" else _between(edge, nearest)
    return {
        "gauge": gauge.name, "view": gauge.view, "unit": gauge.unit, "good": list(good),
        "key": key, "would_reject_at": limit, "parts": beyond,
    }  # fmt: skip


def _between(one: float, other: float) -> float:
    """A number half way, with as few digits as still lie between both."""
    middle = (one + other) / 2
    for digits in range(2, 17):
        short = float(f"{middle:.{digits}g}")
        if min(one, other) < short < max(one, other):
            return short
    return middle


def rejects_good(
    station: Station, gauges: Sequence[Gauge], parts: Sequence[Part]
) -> list[dict[str, Any]]:
    """Which rule rejects which good parts, the most first; those of an engine, and of neither."""
    rules = [rule for view in station.view for rule in view.rule]
    rejected = _distinct(parts, good=True, passed=False)
    found: list[dict[str, Any]] = []
    by_rule: set[str] = set()
    for at, rule in enumerate(rules):
        low = -math.inf if rule.low is None else rule.low
        high = math.inf if rule.high is None else rule.high
        outside = {
            part.name: _plain(part.values[at])
            for part in rejected
            if not low <= part.values[at] <= high
        }
        by_rule.update(outside)
        if outside:
            found.append({
                "gauge": gauges[at].name, "view": gauges[at].view, "unit": gauges[at].unit,
                "low": rule.low, "high": rule.high, "parts": outside,
            })  # fmt: skip
    found.sort(key=_most_first)
    rest = [part.name for part in rejected if part.name not in by_rule]
    return [*found, {"gauge": None, "parts": rest}] if rest else found


def _most_first(lead: Mapping[str, Any]) -> int:
    return -len(lead["parts"])


def _distinct(parts: Sequence[Part], *, good: bool, passed: bool) -> list[Part]:
    """Of a folder that is shown again and again, each part once."""
    seen: dict[str, Part] = {}
    for part in parts:
        if part.good is good and part.passed is passed:
            seen.setdefault(part.name, part)
    return list(seen.values())


def _known(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]


def _plain(value: float) -> float | None:
    """JSON has no nan."""
    return value if math.isfinite(value) else None


def enough(found: Mapping[str, Any]) -> bool:
    """Whether nothing that was seen is worse than the station file allows."""
    return found["worth"]["enough"] is not False
