"""One message as a table of plain values, and as a line of JSON.

    {"time": "2026-05-04T14:02:07.125+00:00", "at_ns": 81220455, "level": "warning",
     "process": "line", "station": "cell", "event": "recipe_refused", "text": "recipe 7: ...",
     "recipe": 7, "logger": "gonogo.runtime.changeover"}

`time` is the wall clock's, in UTC; `at_ns` CLOCK_MONOTONIC, the same for all processes of a box. A
line is ASCII without control characters, and at most LINE_BYTES long: a pipe takes it whole or not
at all (pipe(7), PIPE_BUF), and lines of several processes are never mixed.
"""

from __future__ import annotations

import json
import logging
import math
import time
from datetime import datetime, timezone
from typing import Any

from gonogo.base.log.logger import FIELDS

Entry = dict[str, Any]

LINE_BYTES = 4096  # with the line feed
LIBRARY = "library"  # the event of what a library says by itself
RAW = "raw_line"  # the event of what is no message of any log
ENTRY = "gonogo_entry"  # the attribute of a record that holds its entry, once it is made
_LONG = 1024  # characters that a value may have at least, before it is cut for its line
_LEAST = ("time", "at_ns", "level", "process", "event", "text")
_TRACES = logging.Formatter()


def entry_of(record: logging.LogRecord, bound: Entry) -> Entry:
    """What a record says; `bound`: what every line of this process bears."""
    made: Entry | None = getattr(record, ENTRY, None)
    if made is None:
        made = _made(record, bound)
        setattr(record, ENTRY, made)  # several handlers write one and the same
    return made


def _made(record: logging.LogRecord, bound: Entry) -> Entry:
    wall = datetime.fromtimestamp(record.created, tz=timezone.utc)
    said = dict(getattr(record, FIELDS, {"event": LIBRARY}))
    entry = {
        "time": wall.isoformat(timespec="milliseconds"),
        "at_ns": time.monotonic_ns(),
        "level": record.levelname.lower(),
        **bound,
        "event": said.pop("event"),
        "text": record.getMessage(),
        **{name: plain(value) for name, value in said.items()},
        "logger": record.name,
    }
    if record.exc_info and record.exc_info[0]:
        entry["traceback"] = _TRACES.formatException(record.exc_info)
    return entry


def raw(text: str) -> Entry:
    """Of a line that was written past the log: by a C library, or by a dying interpreter."""
    wall = datetime.now(tz=timezone.utc)
    return {
        "time": wall.isoformat(timespec="milliseconds"),
        "at_ns": time.monotonic_ns(),
        "level": "info",
        "process": "",  # nobody knows
        "event": RAW,
        "text": text,
    }


def plain(value: object) -> object:
    """As JSON has it: numbers that are finite, true, false, null; all else as text."""
    if isinstance(value, (bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return str(value)


def to_line(entry: Entry) -> bytes:
    """With its line feed; what is too long is cut, the traceback at its front, and says so."""
    line = _encoded(entry)
    while len(line) > LINE_BYTES:
        # strings alone are long; the longest first
        flat = {k: v if isinstance(v, (int, float, str)) else str(v) for k, v in entry.items()}
        texts = {k: v for k, v in flat.items() if isinstance(v, str)}
        longest = max(texts, key=lambda name: len(texts[name]))
        keep = max(min(len(texts[longest]) // 2, LINE_BYTES), _LONG // 8)
        end = slice(-keep, None) if longest == "traceback" else slice(keep)
        entry = {**flat, longest: texts[longest][end], "cut": True}
        shorter = _encoded(entry)
        if len(shorter) >= len(line):  # many short fields: the sentence is what people need
            entry = {name: entry[name] for name in _LEAST if name in entry}
            shorter = _encoded({**entry, "text": str(entry.get("text"))[:keep], "cut": True})
            return shorter[:LINE_BYTES]
        line = shorter
    return line


def _encoded(entry: Entry) -> bytes:
    # ASCII: what a terminal could take for a command is an escape of JSON; but for this one
    return (json.dumps(entry, default=str).replace("\x7f", "\\u007f") + "\n").encode("ascii")


def from_line(line: bytes) -> Entry | None:
    """What `to_line` has made; None for anything else, which is to be shown as it is."""
    if not line.startswith(b"{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("text"), str) else None
