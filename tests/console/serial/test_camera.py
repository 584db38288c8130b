"""`camera`: the last frame of a view in figures, sent, and how its camera is set."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CommandUnknown, NothingSeen
from gonogo.base.words import Reason, VerdictKind
from gonogo.config.station import parse_station
from gonogo.console.serial.camera import LONGEST_PX, camera
from gonogo.console.serial.sending import Sending
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.journal import Journal
from gonogo.tests.console.serial.lit import OLD, played
from gonogo.tests.console.serial.ran import at, begun, passed_now
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import part_now, put, scratch_station
from gonogo.tests.records.pictures.made import judged, photographed
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.serial.told import Told

GEOMETRY = parse_station(Path("/cell.toml"), PLAIN_FILE.encode()).view[0].camera.geometry
SET = """driver = "gstreamer"
pipeline = "videotestsrc"
exposure_us = 500
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station that was started by a file; tests bring parts of their own."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        begun(found)
        passed_now(found, 1)
        yield found


def test_camera_shows_the_newest_frame_in_figures(told: Told) -> None:
    """Part, age, size, and a histogram of eight bars in ASCII."""
    passed_now(told, 2, shade=0)
    passed_now(told, 3, shade=255, ago_s=2.0)
    answer = camera(at(told), ("top", "shot"))
    head, figures, *bars = answer.lines
    assert head.startswith("view top: part 3, ")
    assert head.endswith("640 x 480 px, trusted")
    assert answer.value["age_s"] >= 2.0
    assert figures.startswith("mean 255.0, saturated 100.00 %")
    assert [bar[:7] for bar in bars] == [f"{k:3d}-{k + 31:3d}" for k in range(0, 256, 32)]
    assert bars[-1] == f"224-255 100.0 % {'#' * 40}"
    assert bars[0] == "  0- 31   0.0 %"
    assert "".join(answer.lines).isascii()
    assert answer.value["histogram_pct"] == [0.0] * 7 + [100.0]


def test_camera_shows_a_frame_that_the_line_refused(told: Told) -> None:
    """It is the one to look at."""
    ring = FrameRing.attach(told.name, 0, GEOMETRY)
    part = part_now(9)
    look = photographed(ring, 1, part, 3)._replace(fault=Reason.FRAME)
    ring.close()
    with closing(Journal.attach(told.name)) as journal:
        put(journal, judged(part, VerdictKind.REJECT, look))
    assert camera(at(told), ("top",)).lines[0].endswith("NOT TRUSTED (FRAME)")


def test_camera_sends_the_frame_as_a_png(told: Told) -> None:
    """A name that any system takes, and a picture that others can read."""
    passed_now(told, 11, shade=99)
    answer = camera(at(told), ("top", "se"))
    assert "top-11.png, 640 x 480 px" in answer.lines[1]
    assert isinstance(answer.errand, Sending)
    wire = answer.errand._wire
    picture = cv2.imdecode(np.frombuffer(b"".join(wire._blocks), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.shape[:2] == (480, 640)
    assert set(np.unique(picture)) == {99}
    assert max(picture.shape[:2]) <= LONGEST_PX


def test_camera_without_a_frame_says_so(tmp_path: Path) -> None:
    """No part yet; or its frames have been written over."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        begun(found)
        FrameRing.create(name, 0, GEOMETRY, 4).close()
        with pytest.raises(NothingSeen, match="GN669"):
            camera(at(found), ("top", "shot"))
        passed_now(found, 5)
        ring = FrameRing.attach(name, 0, GEOMETRY)
        ring.slots[1].begin(6, 6, 1)
        with pytest.raises(NothingSeen):
            camera(at(found), ("top", "shot"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("side",), "one of top, got 'side'"), (("top", "s"), "one of shot, send, exposure, gain"),
        (("top", "x"), "got 'x'"), (("top", "shot", "5"), "nothing behind 'camera top shot'"),
    ],
)  # fmt: skip
def test_camera_says_what_may_be_asked(told: Told, given: tuple[str, ...], said: str) -> None:
    """A view, and one of four words; nothing is set."""
    with pytest.raises(CommandUnknown) as error:
        camera(at(told), given)
    assert said in str(error.value)


def test_camera_lists_its_views_and_how_each_is_set(told: Told) -> None:
    """The drawn one has neither exposure nor gain."""
    answer = camera(at(told), ())
    assert answer.lines == [
        "top: synthetic camera, 640 x 480 px bgr8, neither exposure nor gain of ours"
    ]
    (said,) = camera(at(told), ("top", "exp")).lines
    assert said == "view top: the driver 'synthetic' has no exposure_us"


def test_camera_tells_the_exposure_that_the_camera_was_opened_with(tmp_path: Path) -> None:
    """Of a driver that writes it."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        file = tmp_path / "cell.toml"
        file.write_text(PLAIN_FILE.replace('driver = "synthetic"\n', SET))
        begun(found)
        answer = camera(at(found), ("top", "exposure"))
        assert answer.lines[0].startswith("view top: exposure 500 us by the station file")
        assert answer.value == {"view": "top", "exposure_us": 500.0}
        assert "exposure 500 us" in camera(at(found), ()).lines[0]


def test_camera_tells_what_is_in_force_and_what_it_takes(tmp_path: Path) -> None:
    """Another exposure is on trial: the station file says the one of before."""
    with scratch_station() as name, told_station(name, tmp_path) as found, played(name) as process:
        (tmp_path / "cell.toml").write_text(OLD)
        begun(found)
        process.opens(800.0)
        answer = camera(at(found), ("top", "exposure"))
        assert answer.lines == [
            "view top: exposure 800 us, written and read back, takes 20 to 90000 us"
        ]
        assert answer.value == {
            "view": "top", "exposure_us": 800.0, "least": 20.0, "most": 90_000.0,
        }  # fmt: skip
        every = camera(at(found), ())
        assert "exposure 800 us" in every.lines[0]
        assert every.value[0]["exposure_us"] == 800.0
