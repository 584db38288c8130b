"""A station file that is being changed, key by key, in memory: comments and order stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

from gonogo.base.errors import StationFileError
from gonogo.base.secret_words import is_secret
from gonogo.config.key_changes import key_changes
from gonogo.config.limits_in_file import as_lines_end
from gonogo.config.reader import MAX_BYTES, read
from gonogo.config.station import parse_station
from gonogo.config.toml_positions import dotted
from gonogo.ipc.last_good_file import digest

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.key_positions import KeyPath
    from gonogo.config.station import Station

_STEP = re.compile(r"([A-Za-z0-9_-]+)((?:\[\d{1,3}\])*)")
_AS = "expected a key as console.baud or view[0].rule[1].high"


class Candidate:
    """Of a station file; `before` is that file, `raw` what it is to become.

    StationFileError where it cannot be read, or is wrong as it is.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.absolute().parent
        self.path = path.resolve()  # a link stays a link
        self.before = self.raw = read(self.path)
        self.old = self._parsed(self.before)

    @property
    def sha256(self) -> str:
        """Of the file that it was made of."""
        return digest(self.before)

    def set(self, key: str, value: str) -> None:
        """Write a value, as it stands in the file; text needs no quotes. StationFileError."""
        path = _path_of(key)
        self._edit(path, lambda table, last: _put(table, last, _value(value)))

    def delete(self, key: str) -> None:
        """Leave a key or table out; StationFileError where it is not there."""
        self._edit(_path_of(key), _remove)

    def discard(self) -> None:
        """As it was."""
        self.raw = self.before

    def changes(self) -> dict[str, list[Any]]:
        """[old, new] by key."""
        return key_changes(self.before, self.raw)

    def station(self) -> Station:
        """As it would be; StationFileError lists all that is wrong with it, line by line."""
        return self._parsed(self.raw)

    def _parsed(self, raw: bytes) -> Station:
        return parse_station(self.path, raw, self._folder)

    def _edit(self, path: KeyPath, by: Any) -> None:  # noqa: ANN401 - a change of the last table
        key, text = dotted(path), self.raw.decode()
        if any(is_secret(str(each)) for each in path):
            raise StationFileError(f"{key}: a secret is typed into the file by hand, not here")
        try:
            document = tomlkit.parse(text)
            by(_table(document, path), path[-1])
            fresh = as_lines_end(text, tomlkit.dumps(document)).encode()
            changed = key_changes(self.raw, fresh)
        except (TOMLKitError, LookupError, TypeError, ValueError) as error:
            raise StationFileError(f"{key}: not found in the station file ({error}); {_AS}") from (
                error
            )
        # whatever the library made of the text
        others = [each for each in changed if not _beneath(each, key)]
        if others or len(fresh) > MAX_BYTES:
            raise StationFileError(
                f"{key}: writing it would change {', '.join(others) or 'too much'} as well; edit "
                "the file by hand"
            )
        self.raw = fresh


def _beneath(key: str, of: str) -> bool:
    return key == of or key.startswith((f"{of}.", f"{of}["))


def _path_of(key: str) -> KeyPath:
    path: list[str | int] = []
    for word in key.split("."):
        found = _STEP.fullmatch(word)
        if found is None:
            raise StationFileError(f"{key}: {_AS}")
        path += [found[1], *(int(each) for each in re.findall(r"\d+", found[2]))]
    return tuple(path)


def _table(document: Any, path: KeyPath) -> Any:  # noqa: ANN401 - a table or array of any form
    """The table around a key; one that is not there is made, but no element of an array."""
    found = document
    for key in path[:-1]:
        if isinstance(key, str) and key not in found:
            found[key] = tomlkit.table()
        found = found[key]
    return found


def _put(table: Any, key: str | int, value: Any) -> None:  # noqa: ANN401 - as above
    if isinstance(key, int) and not 0 <= key < len(table):
        raise LookupError(f"there are {len(table)}")
    if isinstance(table, (AoT, Array)) is not isinstance(key, int):
        raise LookupError("a table has names, an array has numbers")
    table[key] = value


def _remove(table: Any, key: str | int) -> None:  # noqa: ANN401 - as above
    del table[key]


def _value(text: str) -> Any:  # noqa: ANN401 - a TOML value
    try:
        return tomlkit.value(text)
    except TOMLKitError:
        return text
