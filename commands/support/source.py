"""What is known of a station whose support bundle is made, as far as it can be known."""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import GonogoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.config.station import Station

_module = "tomllib" if sys.version_info >= (3, 11) else "tomli"
_parse_toml: Callable[[str], dict[str, Any]] = import_module(_module).loads


class Absent(Exception):
    """What could not be had, and why, in words for the manifest."""


class Source(NamedTuple):
    """`raw` is the station file as it stands there; `station` None where it is wrong.

    `good` is the text that `station` was read from: the same, or that of the last good file.
    `name`, `records` are taken from a wrong file too, where they stand in it.
    """

    file: Path
    raw: str
    station: Station | None
    name: str
    records: Path | None
    good: str = ""

    @property
    def trail(self) -> Path:
        """Of the station; Absent."""
        from gonogo.ipc.audit.files import beside_records

        return beside_records(self.parts)

    @property
    def parts(self) -> Path:
        """The records; Absent."""
        if self.records is None:
            raise Absent("the station file does not say where the records lie")
        return self.records

    @property
    def values(self) -> dict[str, Any]:
        """The station file's own; nothing of one that is no TOML."""
        return _values(self.raw)

    @property
    def good_values(self) -> dict[str, Any]:
        """Of the file that the station was read from."""
        return _values(self.good)


def source(file: Path) -> Source:
    """Of a station file that may be wrong, or not there."""
    from gonogo.config.last_good import load_or_last_good
    from gonogo.config.reader import read

    raw = ""
    with contextlib.suppress(GonogoError):
        raw = read(file).decode(errors="replace")
    with contextlib.suppress(GonogoError, OSError):
        loaded = load_or_last_good(file)
        station, good = loaded.station, loaded.raw.decode(errors="replace")
        return Source(file, raw, station, station.station.name, station.records.path, good)
    values = _values(raw)
    name, path = _at(values, "station", "name"), _at(values, "records", "path")
    records = file.absolute().parent / path if path else None
    return Source(file, raw, None, name, records)


def _values(raw: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        return _parse_toml(raw)
    return {}


def _at(values: dict[str, Any], section: str, key: str) -> str:
    found = values.get(section)
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
