"""Exposure and gain on trial: by the camera's own word, and back where it does not take them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import LightRefused
from gonogo.config.station import parse_station
from gonogo.console.serial.configuring import commit_confirm, configure, set_key
from gonogo.console.serial.light import learnt_before, lights_of, looked, refuse_beyond
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.camera_port import Light
from gonogo.tests.console.serial.lit import OLD, played
from gonogo.tests.console.serial.ran import at, rows
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import scratch_station
from gonogo.watchdog.trials import BEGINS_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.console.serial.table import Answer, At, Errand
    from gonogo.tests.console.serial.lit import Played
    from gonogo.tests.console.serial.told import Told

KEY = "view[0].camera.exposure_us"
TRUST = '[view.trust]\nlearnt = "top.trust.json"\n[[view.rule]]'


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station with a supervisor that takes things back."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("lit")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Iterator[Told]:
    """Nothing is on trial yet."""
    standing.watch.anew()
    standing.watch.camera.told.clear()
    beside_records(standing.records).unlink(missing_ok=True)
    yield standing
    standing.watch.anew()


@pytest.fixture
def camera(told: Told) -> Iterator[Played]:
    """Open, with 500 us."""
    with played(told.name) as found:
        yield found


@pytest.fixture
def here(told: Told, tmp_path: Path) -> At:
    """A technician at a cable, whose station file lies there."""
    file = tmp_path / "cell.toml"
    file.write_text(OLD)
    return at(told, file=file)


def tried(here: At, value: str = "800", key: str = KEY) -> Answer:
    """Configured and committed."""
    configure(here, ())
    set_key(here, (key, value))
    return commit_confirm(here, ("60",))


def errand_of(answer: Answer) -> Errand:
    """What waits for the camera."""
    assert answer.errand is not None
    return answer.errand


def told_to(told: Told) -> list[float]:
    """What the camera's process was told, in order."""
    return [json.loads(each)["camera"]["exposure_us"] for each in told.watch.camera.told]


def test_light_is_on_trial_in_the_cameras_process(told: Told, camera: Played, here: At) -> None:
    """It is waited for until it is open anew; nobody confirms, and the old value is told."""
    answer = tried(here)
    assert answer.lines[0].startswith("on trial for 60 s, in camera top: 'commit' keeps it")
    assert "parts of these views are rejected until" in answer.lines[-1]
    errand = errand_of(answer)
    told.watch.go(BEGINS_S)
    assert (told_to(told), errand.finished()) == ([800.0], None)
    camera.opens(800.0)
    done = errand.finished()
    assert done is not None
    assert done.lines == ["top: open anew with it; 'commit' keeps it"]
    assert looked(told.name, 0, "exposure_us") == (800.0, 20.0, 90_000.0)
    told.watch.go(60.0)
    told.watch.ended()
    assert told_to(told) == [800.0, 500.0]
    assert here.file is not None
    assert here.file.read_text() == OLD


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [(KEY, "19.9", "20 to 90000 us"), (KEY, "90001", "got 90001 us"),
     ("view[0].camera.gain_db", "24.5", "gain_db: expected 0 to 24 dB")],
)  # fmt: skip
def test_light_beyond_the_cameras_own_range_is_refused(
    told: Told, camera: Played, here: At, key: str, value: str, said: str
) -> None:
    """Before anything changes: nothing is on trial, and no row says that it was tried."""
    del camera
    with pytest.raises(LightRefused, match=r"^GN507: view 'top'") as refused:
        tried(here, value, key)
    assert said in str(refused.value)
    assert told.watch.trials.table["trial"]({})["trial"] is None
    assert rows(told, "station file on trial") == []


def test_light_of_a_camera_that_is_not_open_is_refused(told: Told, here: At) -> None:
    """Neither of one without a process; what it takes is not known."""
    with pytest.raises(LightRefused, match="is not open"):
        tried(here)
    with played(told.name) as camera:
        camera.fails("the cable is out")
        with pytest.raises(LightRefused, match="is not open"):
            tried(here)


def test_light_that_the_camera_does_not_take_is_taken_back(
    told: Told, camera: Played, here: At
) -> None:
    """At once, and not at the end of its time, with the reason; the trail has it."""
    errand = errand_of(tried(here))
    told.watch.go(BEGINS_S)
    camera.fails("it does not keep what it is told")
    with pytest.raises(LightRefused, match="view 'top': it does not keep what it is told; taken"):
        errand.finished()
    told.watch.ended()
    assert told_to(told) == [800.0, 500.0]
    (row,) = rows(told, "station file taken back")
    assert row.why == "view 'top': it does not keep what it is told"


def test_light_is_not_waited_for_by_whoever_gives_up(told: Told, camera: Played, here: At) -> None:
    """The trial goes on."""
    del camera
    errand = errand_of(tried(here))
    errand.receive(b"\x03", 1.0)
    done = errand.finished()
    assert done is not None
    assert "not waited for" in done.lines[0]
    assert told.watch.trials.table["trial"]({})["trial"] is not None


def test_light_that_never_opens_is_taken_back(
    told: Told, camera: Played, here: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that says nothing of its camera."""
    del camera
    errand = errand_of(tried(here))
    later_s = time.monotonic() + 3600.0
    monkeypatch.setattr(time, "monotonic", lambda: later_s)
    with pytest.raises(LightRefused, match="not open after 40 s"):
        errand.finished()
    monkeypatch.undo()
    told.watch.ended()


def test_light_leaves_what_was_learnt_before_and_says_so(tmp_path: Path) -> None:
    """Frames that are trusted, limits, and the charts of drift."""
    (tmp_path / "top.trust.json").write_text("{}")
    text = OLD.replace("[[view.rule]]", TRUST) + "[records.drift]\n"
    old = parse_station(tmp_path / "cell.toml", text.encode(), tmp_path)
    said = learnt_before(old, lights_of(old, [KEY]))
    assert said[0].startswith("view 'top': top.trust.json was learnt under the light of before")
    assert [line.partition(":")[0] for line in said] == ["view 'top'", "view 'top'", "drift"]
    assert learnt_before(old, []) == []


def test_light_of_a_camera_that_says_nothing_of_its_range_is_tried(
    told: Told, camera: Played, here: At
) -> None:
    """It is opened with it, or taken back."""
    camera.desk.offer({})
    assert looked(told.name, 0, "exposure_us") is None
    camera.desk.offer({"exposure_us": camera_says(500.0)})
    assert here.file is not None
    old = parse_station(here.file, OLD.encode())
    refuse_beyond(told.name, old, lights_of(old, [KEY]))


def camera_says(value: float) -> Light:
    """Of one that does not know what it takes."""
    return Light(value)
