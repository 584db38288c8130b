"""`reboot`: nothing is begun while parts pass."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import BoxRefused, PartsPass
from gonogo.console.serial.power import QUIET_S, Systemd, reboot
from gonogo.ipc.link_table import LinkFlag
from gonogo.tests.console.serial.ran import RUNS, STOPPED, S, at, facts, linked, passed_now, rows
from gonogo.tests.console.serial.told import told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.serial.told import Told


class Stand:
    """Stands in for the box; it may refuse."""

    def __init__(self, told: Told, why: str = "") -> None:
        self.begun: list[int] = []  # rows of the trail at that moment
        self._told, self._why = told, why

    def reboot(self) -> None:
        """Begin it."""
        self.begun.append(len(rows(self._told, "reboot")))
        if self._why:
            raise BoxRefused(self._why)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """No part has come yet, and no link."""
    with scratch_station() as name, told_station(name, tmp_path) as found:
        yield found


def test_reboot_is_told_in_the_trail_before_it_is_begun(told: Told) -> None:
    """Afterwards it may be too late."""
    box = Stand(told)
    reboot(at(told), (), box)
    assert box.begun == [1]
    asked, done = rows(told, "reboot")
    assert (asked.state, asked.why, asked.who["account"]) == ("asked", "a reason", "anna")
    assert done.state == "done"


def test_reboot_is_refused_while_parts_pass(told: Told) -> None:
    """Of the last minute, and the PLC has not stopped; nothing is begun, nothing told."""
    passed_now(told)
    linked(told, facts(RUNS))
    box = Stand(told)
    with pytest.raises(PartsPass, match="GN659"):
        reboot(at(told), (), box)
    assert (box.begun, rows(told, "reboot")) == ([], [])


def test_reboot_may_be_once_the_plc_lets_none_pass(told: Told) -> None:
    """It says so now, though a part has just been."""
    passed_now(told)
    linked(told, facts(STOPPED))
    box = Stand(told)
    reboot(at(told), (), box)
    assert box.begun == [1]


@pytest.mark.parametrize(
    "changes", [{"flags": LinkFlag.CONNECTED}, {"told_ns": -10 * S}], ids=["silent", "old"]
)
def test_reboot_does_not_believe_words_of_long_ago(told: Told, changes: dict[str, Any]) -> None:
    """Of a PLC that is silent, or of a link that hangs."""
    passed_now(told)
    found = facts(STOPPED)
    moved = {key: found.told_ns + by if by == -10 * S else by for key, by in changes.items()}
    linked(told, found._replace(**moved))
    with pytest.raises(PartsPass):
        reboot(at(told), (), Stand(told))


def test_reboot_may_be_after_a_minute_without_a_part(told: Told) -> None:
    """Whatever the PLC says."""
    passed_now(told, ago_s=QUIET_S + 1)
    linked(told, facts(RUNS))
    reboot(at(told), (), Stand(told))


def test_reboot_that_the_box_refuses_says_why(told: Told) -> None:
    """And stands in the trail as failed."""
    with pytest.raises(BoxRefused, match="no right"):
        reboot(at(told), (), Stand(told, "no right"))
    assert [row.state for row in rows(told, "reboot")] == ["asked", "failed"]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit('Interactive authentication required.')", "authentication"),
        ("import sys; sys.exit(4)", "exit code 4"),
    ],
)
def test_systemd_refuses_in_its_own_words(program: str, said: str) -> None:
    """With what to do."""
    with pytest.raises(BoxRefused, match="GN668") as error:
        Systemd((sys.executable, "-c", program)).reboot()
    assert said in str(error.value)
    assert "polkit" in str(error.value)


def test_systemd_that_is_not_there_is_said() -> None:
    """As on a box without it; one that answers well says nothing."""
    with pytest.raises(BoxRefused, match="No such file"):
        Systemd(("/none/systemctl", "reboot")).reboot()
    Systemd((sys.executable, "-c", "")).reboot()
