"""`camera VIEW exposure US`: one key on trial, typed in full, with the code that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CommandUnknown, LightRefused, StationFileError
from gonogo.console.serial.access import Person
from gonogo.console.serial.camera_set import set_light
from gonogo.console.serial.configuring import configure
from gonogo.tests.console.serial.lit import OLD, played
from gonogo.tests.console.serial.ran import at, rows
from gonogo.tests.console.serial.told import CODE, Accounts, Cabinet, told_station
from gonogo.tests.fakes import scratch_station
from gonogo.tests.stations import PLAIN_FILE
from gonogo.watchdog.trials import BEGINS_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.serial.lit import Played
    from gonogo.tests.console.serial.told import Told


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station with a supervisor that takes things back."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("set")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Iterator[Told]:
    """Nothing is on trial yet, and its camera is open."""
    standing.watch.anew()
    yield standing
    standing.watch.anew()


@pytest.fixture
def camera(told: Told) -> Iterator[Played]:
    """Open, with 500 us."""
    with played(told.name) as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Its station file."""
    path = tmp_path / "cell.toml"
    path.write_text(OLD)
    return path


class Technicians(Accounts):
    """Whoever signs in may do what a technician may, as far as this file asks."""

    def login(self, name: str, secret: str, source: str) -> Person:
        """By any secret."""
        del secret, source
        return Person(name, "technician")

    def allowed(self, who: Person, action: str) -> bool:
        """No keys of the station file but those of cameras."""
        del who
        return action != "set-station"


def test_camera_is_set_kept_by_a_technician_and_told_at_once(
    told: Told, camera: Played, file: Path
) -> None:
    """Diff, reason, code; open anew; `commit`."""
    cabinet = Cabinet(told.name, file=file, access=Technicians())
    cabinet.type(b"anna\r1\r")
    assert "exposure of view top is 800 us on trial" in cabinet.type(b"camera top exposure 800\r")
    said = cabinet.type(b"too dark\r" + CODE.encode() + b"\r")
    assert "view[0].camera.exposure_us: 500.0 -> 800" in said
    assert "its rules are of that light, too" in " ".join(said.split())
    told.watch.go(BEGINS_S)
    camera.opens(800.0)
    assert "open anew with it; 'commit' keeps it" in " ".join(cabinet.wait(0.1).split())
    said = cabinet.type(b"commit\rbetter\r" + CODE.encode() + b"\r")
    assert "kept" in said
    assert file.read_text() == OLD.replace("500.0", "800")
    tried = rows(told, "station file on trial")[-2]
    assert isinstance(tried.new, dict)
    assert tried.new["keys"] == {"view[0].camera.exposure_us": 800}
    told.watch.ended()


def test_what_is_no_light_is_not_kept_by_a_technician(
    told: Told, camera: Played, file: Path
) -> None:
    """A supervisor has put it on trial, who also keeps it."""
    del camera
    file.write_text(OLD + '[console]\ndevice = "/dev/ttyTEST0"\n')
    boss = Cabinet(told.name, file=file)
    for line in ("configure", "set console.baud 9600", "commit confirm", "slow", CODE):
        boss.type(line.encode() + b"\r")
    cabinet = Cabinet(told.name, file=file, access=Technicians())
    cabinet.type(b"anna\r1\r")
    said = cabinet.type(b"commit\r\r" + CODE.encode() + b"\r")
    assert "GN653: what is on trial: the role 'technician' may not (set-station)" in said
    assert "GN653" in cabinet.type(b"commit take-back\r\r" + CODE.encode() + b"\r")
    told.watch.trials.table["take-back"]({"id": boss.said.guest.bench.trial, "why": "over"})
    told.watch.ended()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"cam top exposure 800\r", "in full: camera"),
        (b"camera top exp 800\r", "in full: camera VIEW exposure US"),
        (b"camera top shot 800\r", "in full: camera VIEW exposure US"),
    ],
)
def test_a_change_of_a_camera_wants_its_words_in_full(told: Told, line: bytes, said: str) -> None:
    """It begins none else."""
    cabinet = Cabinet(told.name)
    assert said in " ".join(cabinet.type(line).split())
    assert cabinet.terminal.row.endswith(">")


def test_a_cable_that_goes_takes_it_back(told: Told, camera: Played, file: Path) -> None:
    """At once; so does `commit take-back`."""
    told.watch.camera.told.clear()
    cabinet = Cabinet(told.name, file=file)
    for line in ("camera top gain 6", "dark", CODE):
        cabinet.type(line.encode() + b"\r")
    told.watch.go(BEGINS_S)
    camera.opens()
    cabinet.session.hang_up()
    last = told.watch.ended()
    assert last is not None
    assert last["how"] == "taken back"
    assert len(told.watch.camera.told) == 2
    assert file.read_text() == OLD


def test_what_cannot_be_set_is_said(told: Told, camera: Played, file: Path) -> None:
    """No such view, no number, a driver that sets nothing, beyond the range; nothing stays open."""
    del camera
    here = at(told, file=file)
    with pytest.raises(CommandUnknown, match="a view, one of top"):
        set_light(here, ("side", "exposure", "800"))
    for value in ("bright", "nan", "-5", "0"):
        with pytest.raises(StationFileError, match="exposure_us"):
            set_light(here, ("top", "exposure", value))
    with pytest.raises(LightRefused, match="20 to 90000 us"):
        set_light(here, ("top", "exposure", "10"))
    assert here.bench.candidate is None
    configure(here, ())
    with pytest.raises(CommandUnknown, match="`discard` it first"):
        set_light(here, ("top", "exposure", "800"))
    assert vars(here.bench)["candidate"]
    here.bench.candidate = None
    file.write_text(PLAIN_FILE)
    with pytest.raises(CommandUnknown, match="the driver 'synthetic' sets no exposure_us"):
        set_light(here, ("top", "exposure", "800"))
