"""`selftest`: an honest table of what was tried and what was only read."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.console.serial.access import Person
from gonogo.console.serial.selftest import READ, TRIED, newest_part, selftest
from gonogo.console.serial.table import At
from gonogo.console.show.link import STALE_S
from gonogo.ipc.camera_port import CameraDesk, CameraPort, CameraState
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.journal import Journal
from gonogo.ipc.link_table import LinkFlag
from gonogo.tests.console.serial.ran import WELL, S, at, begun, facts, linked, passed_now
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.control import served
from gonogo.tests.fakes import part_now, put, scratch_station
from gonogo.tests.records.pictures.made import judged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.serial.told import Told

ROWS = (
    "processes", "engine", "loader", "view top", "PLC", "records", "room", "disk", "audit", "log",
    "clock",
)  # fmt: skip


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """A station that was started by a file."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        begun(found)
        yield found


def found(told: Told) -> dict[str, tuple[bool | None, str, str]]:
    """Each row by what it is of: whether it is fine, tried or read, and what it says."""
    value = selftest(at(told), ()).value
    return {row["what"]: (row["fine"], row["how"], row["said"]) for row in value}


def test_selftest_tells_apart_what_was_tried_and_what_was_read(told: Told) -> None:
    """Every row, in its order; a file went to the disk and back, and none is left."""
    passed_now(told)
    linked(told, facts())
    table = found(told)
    assert tuple(table) == ROWS
    tried = [what for what, (_, how, _) in table.items() if how == TRIED]
    assert tried == ["processes", "loader", "disk"]
    assert table["disk"] == (True, TRIED, "64 kB written, synced and read back")
    assert table["view top"][:2] == (True, READ)
    assert table["PLC"][0] is True
    assert table["engine"][2] == "the rules judge alone"
    assert not list(told.records.parent.glob(".gonogo-*"))


def test_selftest_says_what_is_wrong_and_how_much(told: Told) -> None:
    """A line each within a terminal's row, the sum at the end."""
    linked(told, facts(flags=WELL & ~LinkFlag.ALIVE))
    lines = selftest(at(told), ()).lines
    (plc,) = [line for line in lines if line.split()[2:3] == ["PLC"]]
    assert plc.startswith("WRONG read  PLC")
    assert "heart STANDS STILL" in plc
    assert lines[-1].endswith(" wrong")


def test_selftest_of_a_link_that_says_nothing_any_more(told: Told) -> None:
    """What was well then may not be now."""
    linked(told, facts(told_ns=time.monotonic_ns() - round((STALE_S + 1) * S)))
    assert found(told)["PLC"][0] is False


def test_selftest_rows_cost_no_other(told: Told) -> None:
    """No link was told, the records lie where nothing is: said, and all else is there."""
    table = found(told)
    assert tuple(table) == (*ROWS[:4], "plc", *ROWS[5:])
    assert table["plc"][0] is None
    assert "GN500" in table["plc"][2]
    assert table["view top"] == (None, READ, "no part yet")


def test_selftest_shows_a_camera_that_is_not_open(told: Told) -> None:
    """With its reason; and one whose frames are not trusted."""
    with closing(CameraPort.create(told.name, 0)):
        desk = CameraDesk.attach(told.name, 0)
        desk.start()
        desk.say(CameraState.OPENING, "no route to it")
        assert found(told)["view top"][:1] == (False,)
        assert "NOT OPEN (no route to it)" in found(told)["view top"][2]
        desk.say(CameraState.READY)
        passed_now(told)
        assert found(told)["view top"][0] is True
        part = part_now(8)
        newest = newest_part(told.name)
        assert newest is not None
        look = newest.looks[0]._replace(fault=Reason.FRAME)
        with closing(Journal.attach(told.name)) as journal:
            put(journal, judged(part, VerdictKind.REJECT, look))
        assert found(told)["view top"][0] is False
        assert "NOT TRUSTED (FRAME)" in found(told)["view top"][2]


def test_selftest_shows_an_engine_that_is_not_ready(told: Told) -> None:
    """And one that is, which has proven itself when it was loaded."""
    with closing(Mailbox.create(told.name, 0)) as mailbox:
        mailbox.start()
        assert found(told)["engine A"][0] is False
        mailbox.say(HostState.READY)
        fine, how, said = found(told)["engine A"]
        assert (fine, how) == (True, READ)
        assert "proven when it was loaded" in said


@pytest.mark.parametrize(("state", "fine"), [("up", True), ("held", True), ("backoff", False)])
def test_selftest_shows_a_process_that_is_down(state: str, *, fine: bool) -> None:
    """By the supervisor's word; a spare that waits is well, and no other row keeps it back."""
    rows = [{"name": "records", "state": "up"}, {"name": "line", "state": state}]
    with scratch_station() as name, served(name, lambda _: {"rows": rows}):
        where = At(name, None, Person("anna", "technician"), "ttyTEST0", "serial")
        check = selftest(where, ()).value[0]
    assert (check["what"], check["how"], check["fine"]) == ("processes", TRIED, fine)
    assert ("line backoff" in check["said"]) is not fine


def test_newest_part_is_the_last_that_was_judged(told: Told) -> None:
    """None before the first."""
    assert newest_part(told.name) is None
    passed_now(told, 3)
    passed_now(told, 4)
    entry = newest_part(told.name)
    assert entry is not None
    assert entry.part.serial == 4
