"""`camera`: the last frame of a view in figures and by YMODEM, and how its camera is set."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import CommandUnknown, NothingSeen
from gonogo.base.words import Reason
from gonogo.console.screen.frames import smaller
from gonogo.console.serial.light import UNITS, looked
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.sending import HOW, Sending
from gonogo.console.serial.table import Answer
from gonogo.console.show.figures import figures_of, histograms
from gonogo.console.started import started
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.journal import JournalView
from gonogo.ipc.journal_records import VerdictEntry
from gonogo.records.pictures.ring import RingReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.config.view import ViewSection
    from gonogo.console.serial.table import At

WORDS = ("shot", "send", "exposure", "gain")
LONGEST_PX = 640  # of a picture that is sent: a minute at 115200 baud
_BARS, _WIDTH = 8, 40
_LOOKED = 20  # parts: a view may have had no frame of the last ones
_NS_PER_S = 1e9
_KEYS = {"exposure": ("exposure_us", UNITS["exposure_us"]), "gain": ("gain_db", UNITS["gain_db"])}


class Shot(NamedTuple):
    """A frame, uint8 H x W (x 3, BGR), of which part, how old, and what the line thought of it."""

    pixels: NDArray[np.uint8]
    part_id: int
    age_s: float
    fault: Reason


def camera(at: At, given: Sequence[str]) -> Answer:
    """VIEW and what of it; without either, which views there are and how each camera is set."""
    views = started(records_of(at)).station.view
    if not given:
        now = [_settings(at.station, number, view) for number, view in enumerate(views)]
        lines = [
            f"{view.name}: {view.camera.in_words()}, {_set_to(found)}"
            for view, found in zip(views, now, strict=True)
        ]
        return Answer(lines, now)
    number = number_of(views, given[0])
    word = _word(given[1] if len(given) > 1 else WORDS[0])
    if word in _KEYS and not given[2:]:
        return _setting(at.station, number, views[number], word)
    if given[2:]:
        raise CommandUnknown(f"expected nothing behind 'camera {given[0]} {word}'")
    shot = _newest(at.station, number, views[number])
    return _send(views[number], shot) if word == "send" else _shown(views[number], shot)


def number_of(views: Sequence[ViewSection], name: str) -> int:
    """Of the view of that name; CommandUnknown."""
    for number, view in enumerate(views):
        if view.name == name:
            return number
    names = ", ".join(view.name for view in views)
    raise CommandUnknown(f"expected a view, one of {names}, got '{name}'")


def _word(typed: str) -> str:
    found = [word for word in WORDS if word.startswith(typed)]
    if len(found) != 1:
        raise CommandUnknown(f"expected one of {', '.join(WORDS)}, got '{typed}'")
    return found[0]


def _newest(station: str, number: int, view: ViewSection) -> Shot:
    """The last frame that can still be had; NothingSeen."""
    with (
        closing(JournalView.attach(station)) as journal,
        closing(
            RingReader(FrameRing.attach(station, number, view.camera.geometry, read_only=True))
        ) as ring,
    ):
        for entry in _parts(journal):
            look = next((each for each in entry.looks if each.view == number), None)
            copied = None if look is None else ring.take(look, entry.part.serial)
            if look is not None and copied is not None:
                age_s = (time.monotonic_ns() - entry.part.trigger_ns) / _NS_PER_S
                return Shot(copied.pixels, entry.part.part_id, age_s, look.fault)
    raise NothingSeen(
        f"view '{view.name}': no frame of its last {_LOOKED} parts is there; wait for a part, or "
        "see `selftest` for its camera"
    )


def _parts(journal: JournalView) -> Iterator[VerdictEntry]:
    found, written = 0, journal.written
    for sequence in range(written - 1, max(written - journal.records, 0) - 1, -1):
        entry = journal.read(sequence)
        if isinstance(entry, VerdictEntry):
            yield entry
            found += 1
            if found == _LOOKED:
                return


def _shown(view: ViewSection, shot: Shot) -> Answer:
    figures, shares = figures_of(shot.pixels), _shares(shot.pixels)
    lines = [_head(view, shot), figures.in_words(), *map(_bar, range(_BARS), shares)]
    value = {**_of(view, shot), **figures._asdict(), "histogram_pct": shares}
    return Answer(lines, value)


def _send(view: ViewSection, shot: Shot) -> Answer:
    picture = smaller(shot.pixels, LONGEST_PX)
    _, data = cv2.imencode(".png", picture)
    png = np.asarray(data).tobytes()
    letters = [each if each.isascii() and each.isalnum() else "-" for each in view.name]
    name = f"{''.join(letters)}-{shot.part_id}.png"
    height_px, width_px = picture.shape[:2]
    lines = [_head(view, shot), f"{name}, {width_px} x {height_px} px, {len(png)} bytes: {HOW}"]
    return Answer(lines, _of(view, shot), Sending(name, png, time.monotonic()))


def _head(view: ViewSection, shot: Shot) -> str:
    height_px, width_px = shot.pixels.shape[:2]
    trust = "trusted" if shot.fault is Reason.OK else f"NOT TRUSTED ({shot.fault.name})"
    return (
        f"view {view.name}: part {shot.part_id}, {shot.age_s:.1f} s ago, {width_px} x {height_px} "
        f"px, {trust}"
    )


def _of(view: ViewSection, shot: Shot) -> dict[str, Any]:
    height_px, width_px = shot.pixels.shape[:2]
    return {
        "view": view.name, "part_id": shot.part_id, "age_s": shot.age_s,
        "width_px": width_px, "height_px": height_px, "fault": shot.fault.name,
    }  # fmt: skip


def _shares(pixels: NDArray[np.uint8]) -> list[float]:
    """Percent of the pixels in each eighth of the levels, of all channels together."""
    counts = histograms(pixels).sum(axis=0).reshape(_BARS, -1).sum(axis=1)
    return [float(100 * count / counts.sum()) for count in counts]


def _bar(eighth: int, share_pct: float) -> str:
    wide = 256 // _BARS
    bar = "#" * round(_WIDTH * share_pct / 100)
    return f"{eighth * wide:3d}-{eighth * wide + wide - 1:3d} {share_pct:5.1f} % {bar}".rstrip()


def _settings(station: str, number: int, view: ViewSection) -> dict[str, Any]:
    """As each camera was opened, which may have been changed since the start; else by the file."""
    found = {key: getattr(view.camera, key, None) for key, _ in _KEYS.values()}
    for key in [key for key, value in found.items() if value is not None]:
        opened = looked(station, number, key)
        found[key] = found[key] if opened is None else opened.value
    return {"view": view.name, "driver": view.camera.driver, **found}


def _set_to(found: dict[str, Any]) -> str:
    words = [
        f"{name} {found[key]:g} {unit}"
        for name, (key, unit) in _KEYS.items()
        if found[key] is not None
    ]
    return ", ".join(words) or "neither exposure nor gain of ours"


def _setting(station: str, number: int, view: ViewSection, word: str) -> Answer:
    """As the camera was opened, with what it takes; by the station file where it is not open."""
    key, unit = _KEYS[word]
    value, head = getattr(view.camera, key, None), f"view {view.name}: "
    found = looked(station, number, key) if value is not None else None
    plain = {"view": view.name, key: value}
    if value is None:
        return Answer([f"{head}the driver '{view.camera.driver}' has no {key}"], plain)
    if found is None:
        return Answer(
            [f"{head}{word} {value:g} {unit} by the station file; no process has it open"], plain
        )
    takes = f", takes {found.least:g} to {found.most:g} {unit}" if found.bounded else ""
    said = f"{head}{word} {found.value:g} {unit}, written and read back{takes}"
    return Answer([said], {**plain, key: found.value, "least": found.least, "most": found.most})
