"""`gonogo look`: what a camera sees, as a picture with figures, or a line to turn a lens by."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import FrameInvalid, FrameTimeout
from gonogo.commands.frames import open_source, view_index
from gonogo.commands.png import check_png, write_png
from gonogo.commands.show.focus_line import COLUMNS, FocusLine
from gonogo.commands.show.frame_picture import picture_of
from gonogo.console.show.figures import figures_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from gonogo.commands.frames import Frame
    from gonogo.config.station import Station

PACE_S = 0.1  # between two lines: 80 letters take that long at 9600 baud


class Shot(NamedTuple):
    """A picture that is wanted: where, after how long at most, and `plain`: the frame alone."""

    out: Path
    wait_s: float
    plain: bool = False


def look(station: Station, view: str, shot: Shot, say: Callable[[str], None]) -> None:
    """Write one frame of a view as a PNG picture, and say its figures."""
    check_png(shot.out)
    section = station.view[view_index(station, view)]
    with contextlib.closing(open_source(station, view, say)) as source:
        frame = source.take(shot.wait_s)
    title = f"{station.station.name}, view {view}: {frame.said}"
    pixels = frame.pixels if shot.plain else picture_of(frame.pixels, section.rule, title)
    write_png(shot.out, pixels)
    say(f"view '{view}' ({frame.said}): {figures_of(frame.pixels).in_words()}")


def watch(
    take: Callable[[], Frame], out: TextIO, *, is_terminal: bool, pace_s: float = PACE_S
) -> None:
    """A line of figures a frame until Ctrl-C; on a terminal one line that is written over."""
    bar, end = FocusLine(), "\r" if is_terminal else "\n"
    # a terminal is left below the line, wherever we are
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            start_s = time.monotonic()
            try:
                said = bar.line(figures_of(take().pixels))
            except (FrameTimeout, FrameInvalid) as error:  # the next one may come
                said = str(error)
            out.write(said[:COLUMNS].ljust(COLUMNS) + end if is_terminal else said + end)
            out.flush()
            time.sleep(max(0.0, start_s + pace_s - time.monotonic()))
    if is_terminal:
        out.write("\n")


def watch_view(
    station: Station, view: str, out: TextIO, wait_s: float, say: Callable[[str], None]
) -> None:
    """`watch` of one view; the camera is closed in order."""
    with contextlib.closing(open_source(station, view, say)) as source:
        watch(lambda: source.take(wait_s), out, is_terminal=out.isatty())
