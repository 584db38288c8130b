"""The station file of a new station, as text: its keys, and in comments why they are what they are.

What pictures cannot tell is marked NOT KNOWN, so that whoever reads the file finds it.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.firstday.choose import Chosen, Measurements
    from gonogo.build.firstday.pictures import Pictures
    from gonogo.build.firstday.plc import Plc

UNKNOWN = "NOT KNOWN"
KEYS_FIRST = ("name", "kind")


class Line(NamedTuple):
    """How fast parts come: of pictures nothing follows."""

    pitch_mm: float
    speed_mm_s: float
    known: bool


class Told(NamedTuple):
    """All that a station file says. `folder`: what lies beside the file, by its name.

    `worth`: the sentences on how good it is.
    """

    name: str
    folder: str
    pictures: Pictures
    line: Line
    plc: Plc
    values: Measurements | None
    rules: Sequence[Chosen]
    engine: ScoreLimits | None
    drawn: bool
    worth: Sequence[str]


def station_text(told: Told) -> str:
    """The whole file; paths are relative to it."""
    blocks = [_head(told), _station(told), _plc(told), _view(told), _engine(told)]
    blocks += [_rule(told, chosen) for chosen in told.rules]
    blocks.append(["[records]", f"path = {_value(f'{told.folder}/records.sqlite')}"])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _head(told: Told) -> list[str]:
    bad = 0 if told.pictures.bad is None else len(told.pictures.bad.found.paths)
    good = len(told.pictures.good.found.paths)
    return [
        f"# Made by `gonogo new {told.name}` from {good} good and {bad} bad pictures, copies of",
        f"# which lie in {told.folder}/parts. Change what you know better; what pictures cannot",
        f"# tell is marked {UNKNOWN}.",
        *(f"# {line}" for line in told.worth),
    ]


def _station(told: Told) -> list[str]:
    line = told.line
    rules_alone = "rules" if told.rules else "reject"
    return [
        "[station]",
        f"name = {_value(told.name)}",
        "budget_ms = 200            # trigger to verdict at the PLC",
        *([] if line.known else [f"# {UNKNOWN}: how far apart parts come, and how fast"]),
        f"pitch_mm = {_value(line.pitch_mm)}",
        f"speed_mm_s = {_value(line.speed_mm_s)}",
        f"# {UNKNOWN}: decision_distance_mm, from the photo-eye to where the PLC decides",
        f"without_engine = {_value(rules_alone)}   # what a part gets without a trusted score",
        "max_escape_pct = 5         # a rehearsal calls the station good enough by these",
        "max_overkill_pct = 5",
        "",
        "[trigger]",
        'driver = "plc"             # a new PART_ID from the PLC starts a part',
    ]


def _plc(told: Told) -> list[str]:
    lines = ["[plc]", *_pairs(told.plc.keys)]
    lines[1:1] = [f"# {UNKNOWN}: {each}" for each in told.plc.unknown]
    if not told.plc.local:
        lines += [
            "# `gonogo rehearse` has a PLC of its own: rehearse a copy of this file with",
            '#   driver = "modbus-server", host = "127.0.0.1", port = 15030',
        ]
    return lines


def _view(told: Told) -> list[str]:
    size = told.pictures.size
    grey = ['pixel_format = "mono8"     # every picture is grey']
    resized = ['fit = "resize"             # pictures have other sizes']
    return [
        "[[view]]",
        'name = "top"',
        "",
        "# The pictures stand for the camera until there is one (docs/cameras.md): then another",
        "# driver here, of the same size. They are good where they lie in the folder good.",
        "[view.camera]",
        'driver = "replay"',
        f"folder = {_value(f'{told.folder}/parts')}",
        f"width_px = {size.width_px}",
        f"height_px = {size.height_px}",
        *(grey if told.pictures.channels == 1 else []),
        *(resized if size.fit == "resize" else []),
    ]


def _engine(told: Told) -> list[str]:
    if told.engine is None:
        return []
    limits = told.engine
    drawn = [
        "# Bad parts that no rule tells draw in where a recheck begins; left out, the limits are",
        "# those of the good parts alone, in the card beside the engine.",
        f"recheck_above = {_value(_short(limits.recheck_above))}",
        f"reject_above = {_value(_short(limits.reject_above))}",
    ]
    return [
        "[view.engine]",
        f"model = {_value(f'{told.folder}/engine.onnx')}",
        *(drawn if told.drawn else []),
        "",
        "[view.engine.prepare]      # gonogo prepare makes it anew when these pictures change",
        'method = "teach"',
        f"good = {_value(f'{told.folder}/parts/good')}",
    ]


def _rule(told: Told, chosen: Chosen) -> list[str]:
    """One rule, after why it is there and what it is worth."""
    values = told.values
    if values is None:
        return []
    candidate, section = values.candidates[chosen.number], values.sections[chosen.number]
    good, bad = values.good[chosen.number], values.bad[chosen.number]
    tells = f"; rejects {chosen.tells} of {bad.size} bad ones" if bad.size else ""
    return [
        f"# {candidate.why}",
        f"# good parts: {good.min():.4g} to {good.max():.4g} {section.unit}{tells}",
        "[[view.rule]]",
        *_pairs({key: candidate.keys[key] for key in KEYS_FIRST}),
        *_pairs({key: each for key, each in candidate.keys.items() if key not in KEYS_FIRST}),
        *_scale(candidate.keys, section.unit),
        *(
            f"{key} = {_value(_plain(limit, section.unit))}"
            for key, limit in (("low", chosen.limits.low), ("high", chosen.limits.high))
            if math.isfinite(limit)
        ),
    ]


def _scale(keys: Mapping[str, Any], unit: str) -> list[str]:
    if keys["kind"] != "dimension" or not unit.startswith("px"):
        return []
    return [f"# {UNKNOWN}: mm_per_px; gonogo measure FILE GAUGE --gauge-mm MM --rule NAME finds it"]


def _pairs(keys: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in keys.items()]


def _plain(limit: float, unit: str) -> float:
    return int(limit) if unit == "count" else limit


def _short(limit: float) -> float:
    """With as many digits as say anything of a score."""
    return float(f"{limit:.6g}")


def _value(value: Any) -> str:  # noqa: ANN401 - whatever a key holds
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(_pairs(value)) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        # JSON's escapes are among those of a basic string (TOML 1.0); DEL alone must be one, too
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value)


def unknown(told: Told) -> Iterator[str]:
    """What nobody could know from pictures, for the last lines of the command."""
    dimensions = told.values is not None and any(
        told.values.candidates[each.number].keys["kind"] == "dimension" for each in told.rules
    )
    if dimensions:
        yield (
            "how many mm a pixel is: its lengths are in px (gonogo measure FILE GAUGE --gauge-mm "
            "MM --rule NAME)"
        )
    if not told.line.known:
        yield "how fast parts come, and how far apart (pitch_mm, speed_mm_s): 2 a second is assumed"
    yield from told.plc.unknown
    yield "which camera it will be: the pictures stand for it (docs/cameras.md)"
