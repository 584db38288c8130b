"""What a station keeps by itself, for a support bundle: its log, and the charts of drift."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from gonogo.commands.support.source import Absent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.commands.support.source import Source

LOG_BYTES = 2 << 20  # of its newest lines: more than an item may have
FILES_MAX = 100  # as many as a station file may want
DRIFT_BYTES = 256 << 20
LONGEST_TEXT = 200  # numbers in base64 are longer, words are not
NEWEST_HOURS = 48
_PEOPLES = ("who", "why")


def kept_log(its: Source) -> str:
    """The newest lines of the kept log, over all of its files, oldest first."""
    from gonogo.records.log.kept import names

    path = _log_path(its)
    if path is None:
        raise Absent("the station file keeps no log: no `path` in [log]")
    found: list[bytes] = []
    for each in names(path, FILES_MAX):  # the newest first
        with contextlib.suppress(FileNotFoundError):
            found.insert(0, _end_of(each, LOG_BYTES - sum(map(len, found))))
        if sum(map(len, found)) >= LOG_BYTES:
            break
    if not found:
        raise Absent(f"{path}: no such file")
    return b"".join(found).decode(errors="replace")


def drift(its: Source) -> str:
    """Where the charts of drift stand: hours, statistics, alarms; no embedding and no name."""
    from gonogo.commands.support.items import as_json

    path = its.parts.with_name(f"{its.parts.stem}-drift.json")
    with path.open("rb") as file:
        raw = file.read(DRIFT_BYTES)
    return as_json(_brief(json.loads(raw)))


def _log_path(its: Source) -> Path | None:
    if its.station is not None:
        return its.station.log.path
    section = its.values.get("log")
    path = section.get("path") if isinstance(section, dict) else None
    return its.file.absolute().parent / path if isinstance(path, str) else None


def _end_of(path: Path, most: int) -> bytes:
    """The last bytes of a file, from a whole line on."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - most, 0))
        raw = file.read(most)
    return raw if size <= most else raw.partition(b"\n")[2]


def _brief(value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    """Without what is long for a person: numbers in base64, hours of last week."""
    if isinstance(value, dict):
        return {key: _left_out(each) if key in _PEOPLES else _brief(each)
                for key, each in value.items()}  # fmt: skip
    if isinstance(value, list):
        return [_brief(each) for each in value[-NEWEST_HOURS:]]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return _left_out(value)
    return value


def _left_out(value: object) -> str:
    return f"(left out: {len(str(value))} characters)"


# which file each is
KEPT: dict[str, Callable[[Source], str]] = {"log.jsonl": kept_log, "drift.json": drift}
