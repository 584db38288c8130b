"""Writing an export: picture by picture, so that a kill at any moment costs one of them.

A picture's name says its SHA-256, so what lies there already is known to be right or wrong. The
plan goes last: as long as it lies there the export is not whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_folder import FOLDERS, store
from gonogo.base.errors import ExportNotWritten, ExportTaken
from gonogo.base.image_header import HeaderError, parse_header
from gonogo.records.export.folder import MANIFEST, PLAN, begun
from gonogo.records.export.formats.layout import Entry
from gonogo.records.export.formats.table import LAYOUTS
from gonogo.records.export.item import in_order, missing
from gonogo.records.export.plan import as_text
from gonogo.records.export.source import Gone, fits, read
from gonogo.records.export.tables import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.base.atomic_folder import Folders
    from gonogo.records.export.item import Item, Missing, Shot
    from gonogo.records.export.plan import Plan

    Told = Callable[[int, int], None]

LONGEST_REST_S = 1.0


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


class Means(NamedTuple):
    """System calls, whom it is told how far it is, and how it lets others have the disk."""

    files: Folders = FOLDERS
    told: Told = _silent
    rest: Callable[[float], None] = time.sleep


class Done(NamedTuple):
    """What lies there now; `manifest` is the SHA-256 of MANIFEST.sha256."""

    entries: list[Entry]
    missing: list[Missing]
    manifest: str


def write(made: Plan, out: Path, means: Means = Means()) -> Done:  # noqa: B008 - immutable
    """All of it, or what is left to do.

    ExportNotWritten: the same call goes on from there. ExportTaken: another process is at it, or
    was since this plan was made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _alone(out):
            _check_same(made, out)
            store(out / PLAN, [as_text(made)], means.files)
            return _Writer(made, out, means).write()
    except OSError as error:
        raise ExportNotWritten(
            f"{error.filename or out}: {error.strerror or error}; nothing is lost: mend it (free "
            "space, rights), and the same call goes on from here"
        ) from error


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """ExportTaken while another process writes there."""
    fd = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ExportTaken(f"{out}: another process exports there; wait for it to end") from error
    finally:
        os.close(fd)


def _check_same(made: Plan, out: Path) -> None:
    """Whether the folder is still as it was when the plan was made: empty, or with that plan."""
    if begun(out, made.wanted, made.records) not in (None, made):
        raise ExportTaken(
            f"{out}: the same export was begun there meanwhile; the same call goes on with it"
        )


class _Writer:
    """One run of it."""

    def __init__(self, made: Plan, out: Path, means: Means) -> None:
        self._made, self._out, self._means = made, out, means
        self._layout = LAYOUTS[made.wanted.form]
        self._hashes: dict[str, str] = {}
        self._lost = list(made.missing)

    def write(self) -> Done:
        """Pictures, then what follows from them, the list of all last."""
        entries = []
        for done, (split, item, shot) in enumerate(self._shots(), start=1):
            with self._noted(item, shot):
                entries.append(self._entry(item, shot, split))
            self._means.told(done, self._made.pictures)
        lost = in_order(self._lost)
        for folder in self._layout.folders(self._made.classes, entries):
            (self._out / folder).mkdir(parents=True, exist_ok=True)
        documents = self._layout.documents(self._made.classes, entries)
        for name, data in {**documents, **tables(self._made, entries, lost)}.items():
            self._store(name, data)
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self._hashes.items()))
        manifest = "".join(lines).encode("ascii")
        store(self._out / MANIFEST, [manifest], self._means.files)
        self._means.files.unlink(self._out / PLAN)
        return Done(entries, lost, hashlib.sha256(manifest).hexdigest())

    def _shots(self) -> Iterator[tuple[str, Item, Shot]]:
        for split, items in self._made.splits.items():
            for item in items:
                for shot in item.shots:
                    yield split, item, shot

    @contextlib.contextmanager
    def _noted(self, item: Item, shot: Shot) -> Iterator[None]:
        """What has gone since the plan was made."""
        try:
            yield
        except Gone as gone:
            self._lost.append(missing(item, shot.view, str(gone)))

    def _entry(self, item: Item, shot: Shot, split: str) -> Entry:
        path = self._layout.place(item, shot, split)
        data = self._put(path, shot.source)
        its_map = ""
        if self._layout.maps and shot.map:
            with contextlib.suppress(Gone):  # the picture counts, a map is an extra
                place = path.replace("images/", "maps/", 1).rpartition(".")[0] + ".png"
                self._put(place, shot.map)
                its_map = place
        try:
            header = parse_header(data)
        except HeaderError as error:
            raise Gone(f"it {error}") from error
        return Entry(item, shot, split, path, its_map, header.width_px, header.height_px)

    def _put(self, path: str, source: str) -> bytes:
        """The bytes of a picture that lies there now; Gone."""
        place = self._out / path
        with contextlib.suppress(OSError):
            data = place.read_bytes()
            if fits(source, data):
                self._hashes[path] = hashlib.sha256(data).hexdigest()
                return data
        began_s = time.monotonic()
        try:
            data = read(source)
        except Gone:
            for left in (place, place.with_name(f"{place.name}.new")):  # of a run that was killed
                left.unlink(missing_ok=True)
            raise
        self._store(path, data)
        # as long as it took: half of the disk's time is left to the station
        self._means.rest(min(time.monotonic() - began_s, LONGEST_REST_S))
        return data

    def _store(self, path: str, data: bytes) -> None:
        place = self._out / path
        place.parent.mkdir(parents=True, exist_ok=True)
        store(place, [data], self._means.files)
        self._hashes[path] = hashlib.sha256(data).hexdigest()
