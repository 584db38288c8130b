"""A whole new station, made beside where it will lie and moved there in one step.

Nothing that exists is written over, and what fails leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import GonogoError, OutputError, PicturesUnfit, StationNotMade
from gonogo.build.firstday.choose import Measurements, fitted
from gonogo.build.firstday.copied import copy_pictures
from gonogo.build.firstday.engine import Lesson, make_engine
from gonogo.build.firstday.judged import expected, judges_of
from gonogo.build.firstday.kinds import EXCHANGED, exchanged, kinds_words, two_kinds, vouched
from gonogo.build.firstday.likeness import NAME, Room, forget, learnt, likeness
from gonogo.build.firstday.look import look_at
from gonogo.build.firstday.odd import odd_pictures
from gonogo.build.firstday.pictures import find
from gonogo.build.firstday.propose import propose
from gonogo.build.firstday.text import Told, station_text, unknown
from gonogo.build.firstday.worth import worth
from gonogo.config.station import load_station
from gonogo.engines.section import PrepareSection
from gonogo.rules.measured import measure
from gonogo.rules.ruleset import RuleSet, open_all, open_gauge

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.picture_folder import LeftOut
    from gonogo.build.firstday.judged import Expected, Scores
    from gonogo.build.firstday.look import Look
    from gonogo.build.firstday.pictures import Pictures
    from gonogo.build.firstday.plc import Plc
    from gonogo.build.firstday.text import Line

    Progress = Callable[[str, int, int], None]


class Asked(NamedTuple):
    """What was asked for. `out`: the station file, whose name begins that of its folder."""

    name: str
    good: Path
    bad: Path | None
    plc: Plc
    line: Line
    out: Path

    @property
    def folder(self) -> Path:
        """What belongs to the station, beside its file."""
        return folder_of(self.out)


class Made(NamedTuple):
    """A station as it was made; `notes`, `worth` and `unknown` are sentences for people."""

    path: Path
    rules: tuple[str, ...]
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, LeftOut], ...]
    worth: tuple[str, ...]
    expected: Expected
    unknown: tuple[str, ...]


def folder_of(out: Path) -> Path:
    """What lies beside a station file; pictures of a bolt may lie in a folder named bolt."""
    return out.with_name(f"{out.stem}-station")


def refuse_what_is_there(out: Path) -> None:
    """StationNotMade before any picture is read."""
    for path in (out, folder_of(out)):
        if os.path.lexists(path):
            raise StationNotMade(
                f"{path} is there already, and is not written over: another NAME, or --out FILE"
            )
    if not out.absolute().parent.is_dir():
        raise StationNotMade(
            f"--out {out}: no folder {out.absolute().parent}; make it, or give another file"
        )


def make(asked: Asked, progress: Progress) -> Made:
    """Make it; PicturesUnfit, StationNotMade, TeachError, OutputError say why not."""
    refuse_what_is_there(asked.out)
    pictures = find(asked.good, asked.bad, progress)
    try:
        with tempfile.TemporaryDirectory(
            prefix=f".{asked.folder.name}-", dir=asked.out.absolute().parent
        ) as scratch:
            return _made(asked, pictures, Path(scratch), progress)
    except GonogoError:
        raise  # some are an OSError as well, and say more
    except OSError as error:
        raise OutputError(
            f"{asked.out}: cannot be written: {error.strerror or error}; expected a folder that "
            "takes files of this user, and room for copies of the pictures"
        ) from error


def _made(asked: Asked, pictures: Pictures, scratch: Path, progress: Progress) -> Made:
    room = scratch / asked.folder.name
    copies = copy_pictures(pictures, room / "parts", progress)
    look = look_at(
        picture.frame for picture in copies.good.frames(pictures.size, pictures.channels)
    )
    files = Room(scratch, room.name)
    values = measured(look, copies, files, progress)
    names = [path.name for path in copies.good.found.paths]
    doubts = _doubts(asked, look, values, names)
    scores = _taught(copies, room, progress)
    judges = judges_of(values, scores)
    chosen = tuple(values.candidates[each.number].name for each in judges.rules)
    if NAME not in chosen:
        forget(files)
    found = expected(values, scores)
    sentences = worth(judges, found, values)
    told = Told(
        asked.name, room.name, copies, asked.line, asked.plc, values, judges.rules,
        judges.engine, judges.drawn, sentences,
    )  # fmt: skip
    draft = scratch / asked.out.name
    draft.write_text(station_text(told), encoding="utf-8")
    _checked(draft)
    _move(draft, room, asked)
    return Made(
        asked.out, chosen, (*pictures.notes, *doubts), pictures.left_out, tuple(sentences),
        found, tuple(unknown(told)),
    )  # fmt: skip


def measured(look: Look, pictures: Pictures, files: Room, progress: Progress) -> Measurements:
    """Every candidate on every picture."""
    candidates = propose(
        look, pictures.geometry, bad=pictures.bad is not None, stretched=pictures.size.stretched
    )
    # of cut-outs, and of what fills the picture, the middle is like nothing
    if look.ways and not pictures.size.stretched:
        like = likeness(look.ways[0].box, files)
        if learnt(like, files, pictures.geometry, pictures.size.fit):
            candidates.append(like)
    sections = tuple(each.section for each in candidates)
    gauges = open_all(open_gauge, sections, pictures.geometry, files.base)
    columns = []
    for kind in pictures.kinds:
        frames = kind.frames(pictures.size, pictures.channels)
        progress(f"measuring {kind.option}", 0, 1)
        columns.append(measure(gauges, frames).values)
        progress(f"measuring {kind.option}", 1, 1)
    bad = columns[1] if len(columns) > 1 else np.empty((len(candidates), 0))
    return Measurements(tuple(candidates), sections, columns[0], bad)


def _doubts(asked: Asked, look: Look, values: Measurements, names: list[str]) -> list[str]:
    doubts = []
    kinds = two_kinds(look.small)
    if kinds is not None:
        doubts.append(kinds_words(kinds, names))
    if exchanged(values):
        bad = "" if asked.bad is None else asked.bad.resolve().name
        if not vouched(asked.good.resolve().name, bad):
            raise PicturesUnfit(f"{EXCHANGED}. Nothing was made")
        doubts.append(EXCHANGED.partition(" If ")[0])
    return doubts + odd_pictures(values, fitted(values), names)


def _taught(pictures: Pictures, room: Path, progress: Progress) -> Scores:
    prepare = PrepareSection(method="teach", good=pictures.good.found.folder)
    bad = () if pictures.bad is None else pictures.bad.frames(pictures.size, pictures.channels)
    frames = (picture.frame for picture in bad)
    out, size = room / "engine.onnx", pictures.size
    lesson = Lesson(prepare, pictures.geometry, size.fit)
    return make_engine(lesson, out, frames, progress).scores


def _checked(draft: Path) -> None:
    """As a station reads it, rules and all: what is written here must be taken there."""
    station = load_station(draft)
    RuleSet([view.rule for view in station.view], [v.camera.geometry for v in station.view], Path())


def _move(draft: Path, room: Path, asked: Asked) -> None:
    refuse_what_is_there(asked.out)  # once more: minutes have passed
    room.rename(asked.folder)
    try:
        # a link where something lies is refused: the file is never written over
        os.link(draft, asked.out)
    except OSError:
        shutil.rmtree(asked.folder)
        raise
