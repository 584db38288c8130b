"""`gonogo check`: whether pictures of parts can be copied in time on this box, and written."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.atomic_file import replace
from gonogo.base.words import NS_PER_MS
from gonogo.config import picture_room
from gonogo.records.pictures.encode import encoded
from gonogo.records.pictures.process import POLL_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.commands.report import Report
    from gonogo.config.station import Station
    from gonogo.records.section import ImagesSection

    Frame = NDArray[np.uint8]

RUNS = 20


class Took(NamedTuple):
    """Of all views of a part, the longest of RUNS in ms."""

    copy_ms: float
    encode_ms: float


def check_pictures(report: Report, station: Station, frames: Sequence[Frame]) -> None:
    """`frames`: the last of each view, uint8 of its geometry."""
    images = station.records.images
    if images is None:
        return
    try:
        took = measure(images, [_or_noise(frame) for frame in frames])
    except OSError as error:
        report.wrong(
            f"records.images.folder {images.folder}: cannot be written: {error.strerror}; expected "
            "a folder that this user may write to"
        )
        return
    report.say(f"  {picture_room.in_words(station, *took)}")
    found = picture_room.warning(station, took.copy_ms)
    if found is not None:  # no finding: parts may flow
        report.say(f"  WARNING  {found}")


def _or_noise(frame: Frame) -> Frame:
    """Of a camera that brings none now: the one that takes longest to encode."""
    if frame.any():
        return frame
    return np.random.default_rng(1).integers(0, 256, frame.shape, np.uint8)


def measure(images: ImagesSection, frames: Sequence[Frame]) -> Took:
    """As the process does it; OSError where there can be no pictures."""
    images.folder.mkdir(parents=True, exist_ok=True)
    copies = [np.empty_like(frame) for frame in frames]
    copy_ms = max(_copied_ms(frames, copies) for _ in range(RUNS))
    # in a folder of its own: a station that runs may write here, too
    with tempfile.TemporaryDirectory(prefix=".check-", dir=images.folder) as folder:
        place = Path(folder) / "picture"
        encode_ms = max(_written_ms(place, images, frames) for _ in range(RUNS // 4))
    return Took(copy_ms, encode_ms)


def _copied_ms(frames: Sequence[Frame], copies: Sequence[Frame]) -> float:
    """Woken as late as this box wakes a process, then copied."""
    begun_ns = time.monotonic_ns()
    time.sleep(POLL_MS / 1000)
    for copy, frame in zip(copies, frames, strict=True):
        np.copyto(copy, frame)
    return (time.monotonic_ns() - begun_ns) / NS_PER_MS


def _written_ms(place: Path, images: ImagesSection, frames: Sequence[Frame]) -> float:
    begun_ns = time.monotonic_ns()
    for frame in frames:
        replace(place, encoded(frame, images))
    return (time.monotonic_ns() - begun_ns) / NS_PER_MS
