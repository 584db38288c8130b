"""The pictures of a part, and what became of those that there should be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.picture_words import PictureState
from gonogo.records.schema import VIEW_BITS

if TYPE_CHECKING:
    from gonogo.records.questions.files import File, Files

_OF_PART = """
SELECT n.name, c.kind, c.state, v.fault, f.name || '/' || c.path, f.name || '/' || c.map,
  c.map_low, c.map_high
FROM pictures AS c LEFT JOIN folders AS f ON f.id = c.folder
  JOIN view_names AS n ON n.id = c.view LEFT JOIN views AS v ON v.id = c.id
WHERE c.id BETWEEN ? AND ? ORDER BY c.id
"""
# rows lie by serial, so the index on time says first between which of them
_BETWEEN = "SELECT min(id), max(id) FROM parts WHERE wall_ms >= ? AND wall_ms < ?"
_COUNTS = """
SELECT c.kind, c.state, count(*) FROM pictures AS c JOIN parts AS p ON p.id = c.id >> 3
WHERE c.id BETWEEN (? << 3) AND (? << 3) + 7 AND p.wall_ms >= ? AND p.wall_ms < ?
GROUP BY c.kind, c.state
"""


class Picture(NamedTuple):
    """Of a view: why there is to be one, what became of it (`state`), and where it lies.

    `path` and `map` are '' where there never was one, and stay once it was evicted; a grey
    level g of the map is map_low + g / 255 * (map_high - map_low). `fault` is why its frame was not
    trusted, OK of a trusted one; one that came at the wrong time may show another part.
    """

    view: str
    kind: str
    state: str
    fault: str
    path: str
    map: str
    map_low: float | None
    map_high: float | None

    @property
    def place(self) -> Path | None:
        """Its file; None where there is none, also where somebody removed it."""
        return Path(self.path) if self.state == "KEPT" and Path(self.path).is_file() else None


def pictures_of(file: File, part: int) -> tuple[Picture, ...]:
    """Of the part with that id in an open file."""
    if not has_pictures(file):
        return ()
    first = part << VIEW_BITS
    rows = file.db.execute(_OF_PART, (first, first + (1 << VIEW_BITS) - 1))
    return tuple(
        Picture(view, file.word("picture_kind", kind), file.word("picture_state", state),
                file.word("reason", fault), path or "", found or "", low, high)
        for view, kind, state, fault, path, found, low, high in rows
    )  # fmt: skip


_KEPT = """
SELECT f.name || '/' || c.path FROM parts AS p JOIN pictures AS c
  ON c.id BETWEEN p.id << 3 AND (p.id << 3) + 7 JOIN folders AS f ON f.id = c.folder
  JOIN view_names AS n ON n.id = c.view
WHERE p.id BETWEEN ? AND ? AND p.verdict = 1 AND c.state = ? AND n.name = ? ORDER BY c.id LIMIT ?
"""


def kept_between(files: Files, view: str, times_ms: tuple[int, int], most: int) -> list[Path]:
    """Pictures of a view of accepted parts that are still there; from and to, UTC ms."""

    def kept(file: File) -> list[Path]:
        if not has_pictures(file):
            return []
        ends = file.db.execute(_BETWEEN, times_ms).fetchone()
        rows = file.db.execute(_KEPT, (*ends, PictureState.KEPT, view, most))
        return [Path(path) for (path,) in rows if Path(path).is_file()]

    return [each for some in files.ask(kept) for each in some][:most]


def picture_counts(files: Files, since_ms: int, until_ms: int) -> Counter[tuple[str, str]]:
    """Pictures by kind and state, of parts of a time; UTC ms, the second excluded."""

    def counted(file: File) -> Counter[tuple[str, str]]:
        if not has_pictures(file):
            return Counter()
        time_ms = since_ms, until_ms
        ends = file.db.execute(_BETWEEN, time_ms).fetchone()
        found = file.db.execute(_COUNTS, (*ends, *time_ms))
        return Counter(
            {
                (file.word("picture_kind", kind), file.word("picture_state", state)): count
                for kind, state, count in found
            }
        )

    return sum(files.ask(counted), Counter())


def has_pictures(file: File) -> bool:
    """A file from before schemas had numbers has none."""
    return not file.old
