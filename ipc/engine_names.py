"""What engines are called whose ids stand in the records: kept when they begin to judge, for good.

records.engines.jsonl lies beside the records, a line of JSON an engine. Records hold ids of models
(sixteen hex digits); the bundle that says which one that is may be removed, the line stays. It is
appended by the start of a station and by its loader, both behind the line; lines that are torn or
of somebody else are passed over.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.appended_file import append
from gonogo.base.atomic_file import SYSTEM
from gonogo.base.log.logger import get_logger
from gonogo.base.plain_text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.base.atomic_file import Files

log = get_logger(__name__)

MODEL_FILE = "-"  # in place of a version: no bundle, hence no version and no signer
MOST_BYTES = 4 << 20  # tens of thousands of engines
_ID = re.compile(r"[0-9a-f]{16}")
_LONGEST = 100


class NamedEngine(NamedTuple):
    """An engine by its id; `signer` is the fingerprint of a key, "" where nobody has signed."""

    engine_id: str
    name: str
    version: str
    signer: str

    @property
    def forms(self) -> tuple[str, ...]:
        """How people write it: by its name, or with its version in one of the usual ways."""
        if self.version == MODEL_FILE:
            return (self.name,)
        return (self.name, *(f"{self.name}{mark}{self.version}" for mark in "@- "))


def beside_records(records: Path) -> Path:
    """The names of a station's engines, from the `path` of its [records]."""
    return records.with_name(f"{records.stem}.engines.jsonl")


def read_names(path: Path) -> list[NamedEngine]:
    """All that were ever noted, the newest last; none where there is no such file. OSError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES)
    except FileNotFoundError:
        return []
    return [found for line in raw.splitlines() if (found := _engine(line)) is not None]


def note_names(path: Path, engines: Iterable[NamedEngine], files: Files = SYSTEM) -> None:
    """Write down those that are new, to the disk.

    What cannot be written is told in the log: a station judges without it.
    """
    try:
        # the newest line of an id is the one that counts: an older one alone is not enough
        last = {each.engine_id: each for each in read_names(path)}
        plain = dict.fromkeys(map(_plain, engines))  # as they are read again
        fresh = [each for each in plain if last.get(each.engine_id) != each]
        if fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = "".join(json.dumps(each._asdict()) + "\n" for each in fresh)
            append(path, lines.encode(), files)
    except OSError as error:
        log.warning(
            "engine_names_unwritten",
            text="%(path)s: %(why)s; parts keep the ids of their engines, and lack the names",
            path=path,
            why=error.strerror or error,
        )


def _engine(line: bytes) -> NamedEngine | None:
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        said = json.loads(line)
        found = NamedEngine(*(str(said[name]) for name in NamedEngine._fields))
        if _ID.fullmatch(found.engine_id):
            return _plain(found)
    return None


def _plain(engine: NamedEngine) -> NamedEngine:
    return NamedEngine(*(harmless(text, _LONGEST) for text in engine))
