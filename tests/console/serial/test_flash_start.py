"""`flash start`: what waits is started by the updater, while the line is quiet, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    PartsPass,
    UpdateNotKept,
    UpdateRefused,
    UpdateStartNotTaken,
)
from gonogo.build.update.asked import GOOD_S, taken
from gonogo.build.update.kept import Phase, save
from gonogo.build.update.places import Places
from gonogo.console.serial.access import Reader
from gonogo.console.serial.flash_start import BEGINS_S, LOOK_S, flash_start
from gonogo.tests.console.serial.ran import RUNS, STOPPED, at, facts, linked, passed_now, rows
from gonogo.tests.console.serial.slotted import WAITS, Slotted
from gonogo.tests.console.serial.told import CODE, Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.console.serial.table import Answer, Errand
    from gonogo.tests.console.serial.told import Told


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """No part has come yet, and no link."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        yield found


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slotted:
    """With slots; 0.3.0 waits in slot B."""
    box = Slotted(tmp_path / "box", monkeypatch)
    box.waits()
    return box


def begun(told: Told, box: Slotted) -> Errand:
    """The PLC has stopped the line, and somebody has asked."""
    linked(told, facts(STOPPED))
    errand = flash_start(at(told), (), box.places).errand
    assert errand is not None
    return errand


def looked(errand: Errand, now_s: float) -> Answer | None:
    """What it says after its look at that time."""
    assert errand.tick(now_s, 0) == b""
    return errand.finished()


def states(told: Told) -> list[str]:
    """Of the rows in the trail."""
    return [row.state for row in rows(told, "flash start")]


def test_the_updater_starts_it_and_the_trail_has_both_rows(told: Told, box: Slotted) -> None:
    """The request names who and why; the trail is told before there is one."""
    errand = begun(told, box)
    assert looked(errand, 0.0) is None
    assert states(told) == ["asked"]
    box.serve.tick()
    assert box.asked == ["mark-active other", "systemctl --no-block reboot"]
    answer = looked(errand, LOOK_S)
    assert answer is not None
    assert answer.lines[0].startswith("0.3.0 in slot B starts, on trial")
    assert answer.value == {"version": "0.3.0", "slot": "B"}
    asked, done = rows(told, "flash start")
    assert (asked.state, asked.why, asked.who["account"]) == ("asked", "a reason", "anna")
    assert (done.state, done.asked) == ("done", asked.number)
    says = "asked for at the console by anna (technician, ttyTEST0): a reason"
    assert says in box.lines[-1]


def test_it_is_refused_while_parts_pass(told: Told, box: Slotted) -> None:
    """As `reboot` is: nothing is left, nothing told."""
    passed_now(told)
    linked(told, facts(RUNS))
    with pytest.raises(PartsPass, match="GN659"):
        flash_start(at(told), (), box.places)
    assert (box.places.asked.exists(), states(told)) == (False, [])


@pytest.mark.parametrize("phase", [each for each in Phase if each is not Phase.WAITING])
def test_it_is_refused_where_nothing_waits(told: Told, box: Slotted, phase: Phase) -> None:
    """In the words of the last update."""
    save(box.places.state, WAITS.at(phase, "as it is"))
    linked(told, facts(STOPPED))
    with pytest.raises(UpdateRefused, match=f"nothing is written .*{phase.value}: .*as it is"):
        flash_start(at(told), (), box.places)
    assert (box.places.asked.exists(), states(told)) == (False, [])


def test_it_is_refused_without_slots_and_where_nothing_is_known(told: Told, box: Slotted) -> None:
    """Another machine, a box that was never updated, and a damaged disk."""
    linked(told, facts(STOPPED))
    none = box.folder / "none"
    with pytest.raises(UpdateRefused, match="no slots on this box"):
        flash_start(at(told), (), Places(image=none, cmdline=none))
    (box.places.state / "update.json").write_text("{")
    with pytest.raises(UpdateNotKept, match="damaged"):
        flash_start(at(told), (), box.places)
    (box.places.state / "update.json").unlink()
    with pytest.raises(UpdateRefused, match="no update yet"):
        flash_start(at(told), (), box.places)


def test_a_request_that_cannot_be_left_stands_in_the_trail_as_failed(
    told: Told, box: Slotted
) -> None:
    """Something else stands in its place."""
    linked(told, facts(STOPPED))
    box.places.asked.mkdir()
    with pytest.raises(UpdateStartNotTaken, match="GN751"):
        flash_start(at(told), (), box.places)
    assert states(told) == ["asked", "failed"]


def test_a_request_that_nobody_takes_is_taken_back(told: Told, box: Slotted) -> None:
    """The updater does not run; nothing is left that it could take later."""
    errand = begun(told, box)
    assert looked(errand, 0.0) is None
    assert looked(errand, GOOD_S) is None
    with pytest.raises(UpdateStartNotTaken, match=r"gonogo-update\.service"):
        looked(errand, GOOD_S + 1)
    assert not box.places.asked.exists()
    assert states(told) == ["asked", "failed"]
    box.serve.tick()
    assert box.asked == []


def test_parts_that_come_meanwhile_take_it_back(told: Told, box: Slotted) -> None:
    """Between the request and the updater's look."""
    errand = begun(told, box)
    assert looked(errand, 0.0) is None
    passed_now(told)
    linked(told, facts(RUNS))
    with pytest.raises(PartsPass):
        looked(errand, LOOK_S)
    assert not box.places.asked.exists()
    assert states(told) == ["asked", "failed"]


def test_a_start_that_rauc_refuses_is_said_in_its_words(told: Told, box: Slotted) -> None:
    """The update waits again."""
    errand = begun(told, box)
    (box.folder / "stuck").touch()
    box.serve.tick()
    with pytest.raises(UpdateStartNotTaken, match="no bootloader"):
        looked(errand, 0.0)
    assert states(told) == ["asked", "failed"]


def test_a_request_that_was_taken_and_not_followed_is_not_waited_for_without_end(
    told: Told, box: Slotted
) -> None:
    """As where the updater was killed in between."""
    errand = begun(told, box)
    assert taken(box.places.asked, "") is not None
    assert looked(errand, 0.0) is None
    with pytest.raises(UpdateStartNotTaken, match="has not begun"):
        looked(errand, BEGINS_S + 1)


def test_another_update_that_comes_meanwhile_is_not_started(told: Told, box: Slotted) -> None:
    """What was asked for is taken back."""
    errand = begun(told, box)
    save(box.places.state, WAITS.at(Phase.WAITING, id="two"))
    with pytest.raises(UpdateStartNotTaken, match="another update"):
        looked(errand, 0.0)
    assert not box.places.asked.exists()


def test_ctrl_c_and_a_cable_that_goes_take_it_back(told: Told, box: Slotted) -> None:
    """Before the updater has taken it; afterwards it begins all the same."""
    linked(told, facts(STOPPED))
    errand = begun(told, box)
    errand.receive(b"\x03", 0.0)
    with pytest.raises(UpdateStartNotTaken, match="taken back"):
        errand.finished()
    assert not box.places.asked.exists()
    begun(told, box).cancel()
    assert not box.places.asked.exists()
    assert states(told) == ["asked", "failed"] * 2
    errand = begun(told, box)
    box.serve.tick()
    errand.receive(b"\x03", 0.0)
    assert looked(errand, LOOK_S) is not None


def test_it_wants_its_words_in_full_a_reason_and_its_code(told: Told, box: Slotted) -> None:
    """And is answered for a program once it has begun."""
    linked(told, facts(STOPPED))
    cabinet = Cabinet(told.name, commands=box.commands)
    assert "its words in full: flash start" in cabinet.type(b"fl star\r")
    cabinet.type(b"flash start --json\rit is slow\r")
    assert not box.places.asked.exists()
    cabinet.type(f"{CODE}\r".encode())
    box.serve.tick()
    assert '{"version": "0.3.0", "slot": "B"}\nOK\n' in cabinet.wait(LOOK_S)


def test_whoever_may_not_restart_the_box_may_not_start_an_update(told: Told, box: Slotted) -> None:
    """A cable without accounts reads how it stands."""
    cabinet = Cabinet(told.name, access=Reader(), commands=box.commands)
    assert "may not (run-station)" in cabinet.type(b"flash start\r")
    assert "waiting: 0.3.0" in cabinet.type(b"flash status\r")
