"""Parts in the records, frames in a ring, and a desk for their pictures, as a test wants them.

Import as `gonogo.tests.records.pictures.made`.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.atomic_file import Files
from gonogo.base.words import Reason, VerdictKind, ViewCapture
from gonogo.ipc.frame_ring import State
from gonogo.records.labels import Labels
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.desk import Desk, Job
from gonogo.records.pictures.keeping import Keeping
from gonogo.records.pictures.missed import Missed
from gonogo.records.pictures.ring import Copied
from gonogo.records.pictures.rows import PictureRows, Row
from gonogo.records.pictures.tree import Tree
from gonogo.records.section import ImagesSection
from gonogo.records.store import Store
from gonogo.tests.fakes import SMALL, entry_of, part_now
from gonogo.tests.records.doubles import Clock
from gonogo.tests.records.months import ask

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.words import Part
    from gonogo.ipc.frame_ring import FrameRing
    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.records.pictures.rows import Held

RUN = "run1"
HOUR = "2023/11/14/22"  # of gonogo.tests.records.months.CLOCK
LABELS = Labels(("top", "side"), (), ())
SIZE = (120, 160)  # px: a PNG of noise of so many is some 19 kB


class FullDisk(Files):
    """No file takes a byte."""

    def write(self, fd: int, data: bytes) -> int:
        """ENOSPC."""
        del fd, data
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def not_held(_run: str, _serial: int) -> bool:
    """Nobody has said anything of any part."""
    return False


def images_in(folder: Path, **keys: Any) -> ImagesSection:  # noqa: ANN401 - keys of the section
    """Pictures there; whatever room the disk has."""
    return ImagesSection.model_validate({"folder": folder, "min_free_mb": 0} | keys)


def recorded(base: Path, *serials: int, run: str = RUN) -> None:
    """Rows of accepted parts that have passed now."""
    store = Store(base, LABELS, run)
    parts = [entry_of(serial)._replace(part=part_now(serial)) for serial in serials]
    store.write([part._replace(kind=VerdictKind.ACCEPT) for part in parts])
    store.close()


def row_of(serial: int, view: int = 0, **changes: Any) -> Row:  # noqa: ANN401 - of a row
    """Of a part that is to have its picture."""
    row = Row(RUN, serial, view, LABELS.views[view], PictureKind.REJECT, PictureState.KEPT)
    return row._replace(**changes)


def noise(seed: int) -> NDArray[np.uint8]:
    """A frame like no other."""
    return np.random.default_rng(seed).integers(0, 256, SIZE, np.uint8)


def job_of(serial: int, hour: str = HOUR, seed: int | None = None) -> Job:
    """A copied frame of a part, of its own where nobody says which."""
    return Job(row_of(serial), hour, Copied(noise(serial if seed is None else seed)))


def desk_of(
    base: Path,
    images: ImagesSection,
    files: Files | None = None,
    clock: Clock | None = None,
    held: Held = not_held,
) -> Desk:
    """With whatever disk, clock and holds a test has."""
    clock = clock or Clock()
    tree, rows = Tree(images.folder, files or Files()), PictureRows(base, images.folder)
    return Desk(images, tree, rows, Keeping(images, tree, rows, clock, held), Missed(clock))


def pictures(base: Path, columns: str = "serial, state") -> list[tuple[Any, ...]]:
    """What the records tell of them."""
    return ask(base, f"SELECT {columns} FROM picture ORDER BY serial, view DESC")  # noqa: S608


def files_in(folder: Path) -> list[str]:
    """Every file below it."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def photographed(ring: FrameRing, index: int, part: Part, shade: int) -> ViewCapture:
    """A frame of a part in that slot, as the line leaves it."""
    slot = ring.slots[index]
    slot.begin(part.part_id, part.serial, part.trigger_ns)
    slot.pixels[...] = shade
    slot.commit(State.READY, part.trigger_ns + 1)
    return ViewCapture(ring.view, index, 1, Reason.OK, generation=slot.generation)


def judged(part: Part, kind: VerdictKind, *looks: ViewCapture) -> VerdictEntry:
    """As the line writes it into the journal."""
    return entry_of(part.serial)._replace(
        part=part, kind=kind, looks=looks, scores=(None,) * len(looks)
    )


GEOMETRY = SMALL
