"""`gonogo look`: a picture with its line, a line a frame, and errors that have a number."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
from click.testing import CliRunner

from gonogo.base.errors import FrameInvalid
from gonogo.commands.cli import main
from gonogo.commands.frames import Frame
from gonogo.commands.look import Shot, look, watch
from gonogo.commands.show.focus_line import COLUMNS
from gonogo.tests.stations import PLAIN_FILE, small_station

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAIT_S = 60.0


def told(folder: Path) -> Path:
    """A station file of a view 'top'."""
    path = folder / "cell.toml"
    text = PLAIN_FILE.replace('driver = "synthetic"', 'driver = "synthetic"\npool = 2')
    # a name that no station has which may run on this box
    path.write_text(text.replace('"cell"', f'"look{os.getpid()}"'))
    return path


def taker(*frames: Frame | Exception) -> Callable[[], Frame]:
    """These frames, and then Ctrl-C."""
    found = list(frames)

    def take() -> Frame:
        if not found:
            raise KeyboardInterrupt
        frame = found.pop(0)
        if isinstance(frame, Exception):
            raise frame
        return frame

    return take


def rest(terminal: int) -> bytes:
    """What is written on a terminal until it is left."""
    shown = b""
    with contextlib.suppress(OSError):  # EIO: nobody is at the other end any more (pty(7))
        while data := os.read(terminal, 4096):
            shown += data
    return shown


def block(edge_px: int) -> Frame:
    """A frame with one edge, as wide as that."""
    ramp = np.clip((np.arange(64) - 32) / edge_px + 0.5, 0, 1) * 150 + 50
    return Frame(np.tile(ramp.astype(np.uint8), (48, 1)), "made")


def test_look_writes_a_picture_and_says_its_figures(tmp_path: Path) -> None:
    """In one line; the picture is a PNG with the frame, wider than it is needs no steps."""
    out = tmp_path / "shot.png"
    result = CliRunner().invoke(main, ["look", str(told(tmp_path)), "top", "--out", str(out)])
    assert result.exit_code == 0, result.output
    (line,) = result.output.splitlines()
    assert line.startswith("view 'top' (taken now): mean ")
    assert all(word in line for word in ("saturated", "contrast", "focus"))
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape == (480 + 150, 640, 3)


def test_look_plain_writes_the_frame_alone(tmp_path: Path) -> None:
    """To the bit what the camera brought, so that it can be calibrated by."""
    station = small_station(tmp_path)
    said: list[str] = []
    for name in ("a.png", "b.png"):
        look(station, "top", Shot(tmp_path / name, 1.0, plain=True), said.append)
    one, two = (cv2.imread(str(tmp_path / name)) for name in ("a.png", "b.png"))
    assert one is not None
    assert one.shape == station.view[0].camera.geometry.shape
    np.testing.assert_array_equal(one, two)  # a simulated camera shows part 1 each time


def test_look_names_the_views_there_are(tmp_path: Path) -> None:
    """A wrong one is a number and a way out."""
    arguments = ["look", str(told(tmp_path)), "side", "--out", str(tmp_path / "x.png")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "view: expected one of top, got 'side'" in result.output
    assert "GN110" in result.output


def test_look_needs_an_output_or_to_watch(tmp_path: Path) -> None:
    """Neither, or both, is a question."""
    for more in ([], ["--watch", "--out", "x.png"]):
        result = CliRunner().invoke(main, ["look", str(told(tmp_path)), "top", *more])
        assert result.exit_code == 2
        assert "either --out shot.png or --watch" in result.output


def test_watch_writes_a_line_a_frame_where_nobody_watches() -> None:
    """Into a file or a pipe; Ctrl-C ends it without an error."""
    out = io.StringIO()
    watch(taker(block(20), block(4), block(20)), out, is_terminal=False, pace_s=0)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert [line.count("#") for line in lines[:2]] == [24, 24]
    assert lines[2].count("#") < 24  # the peak is held
    assert "\r" not in out.getvalue()


def test_watch_writes_over_one_line_on_a_terminal() -> None:
    """Each as long as the last, so that nothing of it stays; a new line at the end."""
    out = io.StringIO()
    late = FrameInvalid("view 'top': " + "x" * 200)
    watch(taker(block(20), late, block(4)), out, is_terminal=True, pace_s=0)
    *lines, end = out.getvalue().split("\r")
    assert [len(line) for line in lines] == [COLUMNS] * 3
    assert lines[1].startswith("GN202: view 'top'")
    assert end == "\n"


def test_watch_on_a_real_terminal_ends_by_ctrl_c(tmp_path: Path) -> None:
    """SIGINT, which Ctrl-C sends: exit code 0, no traceback, the camera closed in order."""
    code = "from gonogo.commands.cli import main; main()"
    command = [sys.executable, "-I", "-c", code, "look", str(told(tmp_path)), "top", "--watch"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        end_s = time.monotonic() + WAIT_S
        while shown.count(b"\r") < 3 and time.monotonic() < end_s:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        shown += rest(ours)
        assert process.wait() == 0
    os.close(ours)
    assert b"focus" in shown
    assert b"Traceback" not in shown
