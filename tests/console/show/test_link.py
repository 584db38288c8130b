"""The PLC link in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import FaultBit
from gonogo.console.show.link import STALE_S, level_lines, levels, link_lines, link_value
from gonogo.ipc.link_table import SINCES, LinkFlag
from gonogo.plc.register_map import Header, State, StatusBit, pack_header
from gonogo.tests.console.serial.ran import STOPPED, S, facts

if TYPE_CHECKING:
    from gonogo.ipc.link_table import LinkFacts


def text(found: LinkFacts, later_ns: int = 0) -> str:
    """So long after it was told."""
    return "\n".join(link_lines(found, found.told_ns + later_ns))


def test_link_lines_of_a_link_that_is_well() -> None:
    """State, session, both sides' words, the newest result."""
    said = text(facts())
    assert "connected, PLC_HEART advances, heard 0.0 s ago" in said
    assert "4711: the PLC follows it (echo 4711)" in said
    assert "RUNNING, permit on, FAULT none" in said
    assert "CTRL enable+trigger_enable, PART_ID 1003" in said
    assert "RES_SEQ 5, ACK_SEQ 5, all acknowledged" in said
    assert "part 1003 REJECT RULE, 12.3 ms" in said
    assert "OLD" not in said
    assert "lost last" not in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"flags": LinkFlag(0)}, "NOT CONNECTED"),
        ({"flags": LinkFlag.CONNECTED}, "PLC_HEART STANDS STILL"),
        ({"flags": LinkFlag.CONNECTED}, "the PLC DOES NOT FOLLOW it"),
        ({"flags": LinkFlag.CONNECTED}, "permit OFF"),
        ({"flags": LinkFlag.CONNECTED}, "another version of the register map"),
        ({"heard_ns": 0}, "heard never"),
        ({"acked": 3}, "2 not acknowledged yet"),
        ({"sequence": 1, "acked": 0xFFFF}, "2 not acknowledged yet"),
        ({"other": 77}, "BOX_ID or session 77: GN404"),
        ({"reason": "GN401: no route"}, "lost last GN401: no route"),
        ({"state": State.STOPPED}, "STOPPED"),
        ({"state": 99}, "state     99"),
        ({"record": (5, 1, 2, 3, 4, 5, 6, 4)}, "being written"),
        ({"record": (5, 1, 99, 9999, 0, 0, 0, 5)}, "part 1 ? ?"),
        ({"header": pack_header(Header(fault=int(FaultBit.LINK)))}, "FAULT link"),
    ],
)  # fmt: skip
def test_link_lines_say_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    """Each in its own words; numbers that mean nothing are shown as they are."""
    assert said in text(facts(**changes))


def test_link_lines_say_that_they_are_old() -> None:
    """A thread that hangs tells nothing: all of it is of then."""
    assert "OLD" not in text(facts(), round(STALE_S * S))
    assert "said nothing for 5 s" in text(facts(), 5 * S)


def test_link_value_is_the_same_for_programs() -> None:
    """Ages, flags and the PLC's words by their names."""
    found = facts(flags=LinkFlag.CONNECTED | LinkFlag.ALIVE, heard_ns=0)
    value = link_value(found, found.told_ns + S)
    assert (value["told_age_s"], value["heard_age_s"]) == (1.0, None)
    assert (value["alive"], value["synced"], value["state"]) == (True, False, "RUNNING")
    assert value["plc"]["part_id"] == 1003


def test_levels_name_every_bit_once() -> None:
    """Five of CTRL, sixteen of STATUS, eight of DI; in their order, with their times."""
    found = levels(facts(since_ns=tuple(range(100, 100 + SINCES))))
    assert len({(way, name) for way, name, _, _ in found}) == SINCES
    assert [since_ns for _, _, _, since_ns in found] == list(range(100, 100 + SINCES))
    on = [name for _, name, level, _ in found if level]
    assert on == [
        "enable", "trigger_enable", "ready", "running", "permit", "link_ok",
        "DI ready", "DI heartbeat", "DI reject",
    ]  # fmt: skip
    assert str(StatusBit(1 << 15).name).lower() in {name for _, name, _, _ in found}


def test_level_lines_say_since_when() -> None:
    """Where it has changed since anybody looks."""
    found = facts(ctrl=STOPPED)
    enable, trigger, *_ = level_lines(found, found.told_ns)
    assert enable.split() == ["in", "enable", "off", "for", "60.0", "s"]
    assert trigger.split()[-5:] == ["off", "since", "the", "link", "began"]
    assert next(iter(level_lines(found, found.told_ns + 200 * S))).endswith("for 4 min")
    assert next(iter(level_lines(found, found.told_ns + 9000 * S))).endswith("for 2.5 h")
