"""The pictures of the documents, each made by running what it shows: `make pictures`.

rehearsal.svg   the demo station judging parts, as a terminal shows it
campaign.svg    when faults came within a part's time, and when they were noticed
look.png        what `gonogo look` shows of a drawn part under too strong a light
screen*.png and others: the pages of the screen, of a station with a PLC, people and a history,
                where there is a Chromium (screen_pictures.py)

Those that show nothing new but another hour are left as they are.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from rich.console import Console

from gonogo.build.station import Make, prepare_station
from gonogo.commands.frames import CameraSource
from gonogo.commands.show.frame_picture import picture_of
from gonogo.commands.show.live import LiveView
from gonogo.commands.show.screen_pictures import screens
from gonogo.commands.show.summary import show_summary
from gonogo.commands.show.visitor import keep
from gonogo.config.station import load_station
from gonogo.proving.campaign.command import CampaignOrder, carry_out
from gonogo.proving.campaign.dots import HEIGHT, KEY, MARKS, OVER, WIDTH, picture
from gonogo.proving.rehearse import rehearse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.proving.campaign.outcome import RowOutcome

ROOT = Path(__file__).parents[2]
PARTS, PHASES, COLUMNS = 24, 40, 2
WIDE = 124  # columns of the terminal: the marks of all rules of the demo
LIGHT, DEFOCUS_PX = 1.4, 3.0  # of which there is something to see: the light, a side out of focus
ROWS = ("engine-kill", "engine-nan", "camera-black", "line-kill")
_CAPTION_PX, _KEY_PX = 24, 50


class Wrapping(Console):
    """A console on which nothing is wider than it is: what is cut off a picture cannot be read."""

    def print(self, *objects: Any, **how: Any) -> None:  # noqa: ANN401 - as of the console
        """Lines that a terminal would break are broken here."""
        super().print(*objects, **how | {"soft_wrap": False})


def rehearsal(path: Path) -> None:
    """Some parts of the demo station and the summary."""
    station = load_station(ROOT / "stations" / "demo.toml")
    prepare_station(station, lambda *_: None, Make.MISSING)
    # in colour, although nobody watches
    console = Wrapping(record=True, width=WIDE, file=io.StringIO(), force_terminal=True)
    names = [rule.name for view in station.view for rule in view.rule]
    show_summary(console, rehearse(station, PARTS, LiveView(console, names)))
    console.save_svg(str(path), title="gonogo rehearse stations/demo.toml")
    text = path.read_text(encoding="utf-8")  # fonts of the reader's own, nothing from outside
    path.write_text(re.sub(r"@font-face \{.*?\}\n", "", text, flags=re.DOTALL), encoding="utf-8")


def campaign(path: Path) -> None:
    """Four rows of the fault campaign, side by side."""
    # a seed of its own: the same moments each time it is made anew
    order = CampaignOrder(quick=False, rows=ROWS, phases=PHASES, seed=1)
    with tempfile.TemporaryDirectory(prefix="gonogo-pictures-") as name:
        outcome = carry_out(order, Path(name), lambda *_: None, lambda *_: None)
    path.write_text(sheet(outcome.rows), encoding="utf-8")


def sheet(rows: Sequence[RowOutcome]) -> str:
    """A picture for each row under its name, COLUMNS beside each other, as one SVG."""
    height = HEIGHT + _CAPTION_PX
    placed = []
    for number, row in enumerate(rows):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * height
        # a picture is an SVG of its own: within another one it needs to be told its place only
        inner = picture(row).replace("<svg ", f"<svg x='{x}' y='{y + _CAPTION_PX}' ", 1)
        title = f"<text class='title' x='{x + 60}' y='{y + 18}'>{escape(row.what)}</text>"
        placed += [title, inner]
    wide, below = COLUMNS * WIDTH, -(-len(rows) // COLUMNS) * height
    for line, words in enumerate((KEY, OVER), 1):
        placed.append(f"<text class='key' x='60' y='{below + line * 18}'>{words}</text>")
    tall = below + _KEY_PX
    style = "text { font: 12px sans-serif; fill: #333 } svg { color: #333 } "
    style += ".title { font: bold 14px sans-serif }"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {wide} {tall}' width='{wide}'>"
        f"<style>{style}{MARKS}</style><rect width='100%' height='100%' fill='#fff'/>"
        f"{''.join(placed)}</svg>\n"
    )


def look(path: Path) -> None:
    """A part of the demo station, its light too strong and its right side out of focus."""
    station = load_station(ROOT / "stations" / "demo.toml")
    view = station.view[0]
    # without noise, which no picture file holds in few bytes
    camera = view.camera.model_copy(update={"noise": 0.0, "pool": 1, "only_good": True})
    source = CameraSource(view.model_copy(update={"camera": camera}), lambda _: None)
    with contextlib.closing(source):
        frame = source.take(1.0)
    shown = overlit(frame.pixels)
    title = "gonogo look stations/demo.toml top --out look.png"
    keep(path, picture_of(shown, view.rule, title))


def overlit(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame as a stronger light and a lens that is out of focus on one side would show it."""
    bright = np.clip(pixels * LIGHT, 0, 255).astype(np.uint8)
    half = bright.shape[1] // 2
    soft = cv2.GaussianBlur(bright, (0, 0), DEFOCUS_PX)
    return np.concatenate([bright[:, :half], np.asarray(soft, np.uint8)[:, half:]], axis=1)


def main(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    rehearsal(folder / "rehearsal.svg")
    campaign(folder / "campaign.svg")
    look(folder / "look.png")
    screens(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
