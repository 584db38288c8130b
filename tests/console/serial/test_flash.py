"""`flash status`: which version and slot run, and how the last update stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.build.update.kept import Phase, save
from gonogo.build.update.places import Places
from gonogo.console.serial.flash import flash_status
from gonogo.tests.console.serial.ran import RUNS, STOPPED, at, facts, linked, passed_now
from gonogo.tests.console.serial.slotted import WAITS, Slotted
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.serial.told import Told


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """No part has come yet, and no link."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        yield found


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slotted:
    """With slots; nothing was updated yet."""
    return Slotted(tmp_path / "box", monkeypatch)


def test_a_machine_without_slots_says_which_version_and_that_there_are_none(
    told: Told, tmp_path: Path
) -> None:
    """Nothing is promised; an update.json that lies there is none of its."""
    save(tmp_path, WAITS)
    places = Places(state=tmp_path, image=tmp_path / "no", cmdline=tmp_path / "no")
    answer = flash_status(at(told), (), places)
    assert answer.lines[0].startswith(f"gonogo {answer.value['version']}, installed ")
    assert answer.lines[2:] == ["no slots on this box: a package is installed over the one before"]
    assert answer.value["slots"] is None
    assert answer.value["box_started"][:2] == "20"


def test_a_box_that_was_never_updated_says_what_runs(told: Told, box: Slotted) -> None:
    """And that nothing waits."""
    answer = flash_status(at(told), (), box.places)
    assert answer.lines[2:4] == ["runs         0.2.0 in slot A", "last update  none yet"]
    assert answer.lines[4].startswith("flash start  refused now: GN742: nothing is written")
    slots = answer.value["slots"]
    assert slots["runs"] == {"slot": "A", "version": "0.2.0"}
    assert (slots["update"], slots["health"], slots["wrong"]) == (None, None, [])
    assert slots["start"]["may"] is False


def test_an_update_that_waits_says_what_would_start_and_whether_it_may(
    told: Told, box: Slotted
) -> None:
    """Not while parts pass."""
    box.waits()
    box.gate_says("A", "good", "5 parts judged")
    passed_now(told)
    linked(told, facts(RUNS))
    answer = flash_status(at(told), (), box.places)
    assert answer.lines[3:5] == [
        f"last update  {WAITS.in_words()}",
        "health gate  slot A good: 5 parts judged",
    ]
    assert answer.lines[5].startswith("flash start  refused now: GN659: a part passed")
    linked(told, facts(STOPPED))
    answer = flash_status(at(told), (), box.places)
    assert answer.lines[5:] == [
        "flash start  0.3.0 in slot B would start, on trial; the box restarts"
    ]
    slots = answer.value["slots"]
    assert slots["update"]["phase"] == "waiting"
    assert slots["health"] == {"slot": "A", "word": "good", "reason": "5 parts judged"}
    assert slots["start"]["may"] is True


@pytest.mark.parametrize("phase", [each for each in Phase if each is not Phase.WAITING])
def test_of_every_other_phase_nothing_would_start(told: Told, box: Slotted, phase: Phase) -> None:
    """Its words are shown all the same."""
    save(box.places.state, WAITS.at(phase, "as it is"))
    answer = flash_status(at(told), (), box.places)
    assert answer.lines[3] == f"last update  {phase.value}: 0.3.0 from a stick, slot B: as it is"
    assert answer.value["slots"]["start"]["may"] is False


@pytest.mark.parametrize("damage", [b"", b"\0" * 300, b"{", b"[]", b'{"phase":"lost"}'])
def test_files_that_are_damaged_are_said(told: Told, box: Slotted, damage: bytes) -> None:
    """Each on its own line, and the rest is shown."""
    for path in (box.places.state / "update.json", box.places.state / "health.json"):
        path.write_bytes(damage)
    box.places.image.write_bytes(damage)
    answer = flash_status(at(told), (), box.places)
    lines = answer.lines[2:]
    assert lines[0].startswith("runs         GN742: this is no box with two slots")
    assert lines[1].startswith("last update  GN746: ")
    assert "update.json: damaged" in lines[1]
    wrong = answer.value["slots"]["wrong"]
    assert len(wrong) == (2 if damage == b'{"phase":"lost"}' else 3)  # of the gate that is JSON
    assert lines[-1].startswith("flash start  refused now: GN746: ")


def test_files_that_cannot_be_read_are_said(told: Told, box: Slotted) -> None:
    """A folder stands in their place."""
    for name in ("update.json", "health.json"):
        (box.places.state / name).mkdir()
    answer = flash_status(at(told), (), box.places)
    assert [line[:20] for line in answer.lines[3:5]] == [
        "last update  GN746: ",
        "health gate  GN746: ",
    ]


def test_a_kernel_that_was_told_no_slot_is_said(told: Told, box: Slotted) -> None:
    """The image is there, so it is a box."""
    box.places.cmdline.write_text("quiet\n")
    answer = flash_status(at(told), (), box.places)
    assert answer.lines[2] == "runs         0.2.0 in slot that the kernel was not told"
    assert answer.value["slots"]["runs"]["slot"] == ""
