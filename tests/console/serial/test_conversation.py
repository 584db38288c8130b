"""What is said at a console: signing in, reads, changes and their codes, JSON, messages."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from gonogo.base.log.entry import to_line
from gonogo.console.serial.access import Reader
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.tests.console.serial.told import CODE, Accounts, Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.serial.told import Told


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station that answers, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Told:
    """It was asked nothing yet."""
    standing.asked.clear()
    return standing


@pytest.fixture
def cabinet(told: Told) -> Cabinet:
    """Where the station's own user sits."""
    return Cabinet(told.name)


def carried_out(cabinet: Cabinet, line: str, why: str = "a new lamp") -> str:
    """A change with its reason and the code that is shown."""
    cabinet.type(line.encode() + b"\r")
    cabinet.type(why.encode() + b"\r")
    return cabinet.type(CODE.encode() + b"\r")


def test_conversation_signs_in_by_name_and_secret(told: Told) -> None:
    """The secret is not shown; a wrong one is told with the time until the next try counts."""
    accounts = Accounts()
    cabinet = Cabinet(told.name, access=accounts)
    assert cabinet.greeting.endswith("name: \x1b[K")
    assert cabinet.type(b"status\r").endswith("PIN or badge: \x1b[K")
    assert cabinet.type(b"111111") == ""
    assert "not signed in; the next try counts in 7 s" in cabinet.type(b"\r")
    cabinet.type(b"anna\r")
    assert "246813" not in cabinet.type(b"246813\r")
    assert cabinet.terminal.row == f"{told.name[:20]}>"
    assert accounts.tries == [
        ("status", "111111", "/dev/ttyTEST0"), ("anna", "246813", "/dev/ttyTEST0"),
    ]  # fmt: skip
    assert told.asked == []


def test_conversation_role_says_what_may_be_asked(told: Told) -> None:
    """An observer sees how it stands and nothing else; what is refused is not begun."""
    cabinet = Cabinet(told.name, access=Accounts())
    cabinet.type(b"bert\r246813\r")
    assert f"station '{told.name}'" in cabinet.type(b"status\r")
    assert "GN653" in cabinet.type(b"acknowledge\r")
    assert "is no command" in cabinet.type(b"because\r")
    assert told.changes == []


def test_conversation_at_a_cable_without_accounts_only_reads(told: Told) -> None:
    """Nobody is asked, and nobody's name is shown: no audit trail."""
    cabinet = Cabinet(told.name, access=Reader())
    assert "IN FORCE" in cabinet.type(b"recipe\r")
    for line in (b"acknowledge\r", b"audit\r", b"engine rollback\r", b"golden good\r"):
        assert "GN653" in cabinet.type(line)
    assert told.changes == []


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("acknowledge", {"do": "acknowledge"}),
        ("engine rollback bolt", {"do": "rollback", "name": "bolt"}),
        ("engine rollback", {"do": "rollback", "name": None}),
        ("golden bad", {"do": "master-part", "part": "bad"}),
        ("golden good", {"do": "master-part", "part": "good"}),
        ("golden cancel", {"do": "master-part-back"}),
    ],
)
def test_conversation_change_is_the_command_lines_request(
    told: Told, cabinet: Cabinet, line: str, asked: dict[str, object]
) -> None:
    """And stands in the audit trail with who it was, where, and why."""
    carried_out(cabinet, line)
    assert told.changes == [asked]
    done, first = islice(rows_backwards(beside_records(told.records)), 2)
    assert (done.state, first.state, first.why) == ("done", "asked", "a new lamp")
    assert (first.who["way"], first.who["from"]) == ("serial", "/dev/ttyTEST0")


@pytest.mark.parametrize("more", ["", " without-shadow"])
def test_conversation_activates_what_nobody_compared_only_if_told(
    told: Told, cabinet: Cabinet, more: str
) -> None:
    """By a word more, which is asked of the loader as well."""
    carried_out(cabinet, f"engine activate{more}")
    assert told.changes == [{"do": "activate", "without_shadow": bool(more)}]


def test_conversation_change_that_the_station_refuses_is_told(told: Told, cabinet: Cabinet) -> None:
    """In its own words; the trail says that it failed."""
    assert "GN353: nothing was loaded" in carried_out(cabinet, "engine activate")
    assert next(iter(rows_backwards(beside_records(told.records)))).state == "failed"


@pytest.mark.parametrize("typed", [b"4712\r", b"\r", b"y\r", b"471\r", b"\x03", b"\x04"])
def test_conversation_change_without_its_code_is_none(
    told: Told, cabinet: Cabinet, typed: bytes
) -> None:
    """Any other answer, Ctrl-C and Ctrl-D change nothing, and the code is worth nothing then."""
    cabinet.type(b"acknowledge\rbecause\r")
    cabinet.type(typed)
    cabinet.type(CODE.encode() + b"\r")
    assert told.changes == []


@pytest.mark.parametrize("line", ["ack", "acknowledg", "engine roll", "eng rollback", "gold good"])
def test_conversation_change_wants_its_words_in_full(
    told: Told, cabinet: Cabinet, line: str
) -> None:
    """A read may be abbreviated, a change may not."""
    assert "in full" in cabinet.type(line.encode() + b"\r")
    cabinet.type(b"because\r" + CODE.encode() + b"\r")
    assert told.changes == []


def test_conversation_lots_and_notes_are_written(told: Told, cabinet: Cabinet) -> None:
    """As `gonogo lot` and `gonogo audit note` write them."""
    assert "lot L-17 b from now on" in carried_out(cabinet, "lot begin L-17 b")
    assert "L-17 b" in cabinet.type(b"lots\r")
    assert "no lot from now on" in carried_out(cabinet, "lot end")
    carried_out(cabinet, "note cleaned the lens")
    assert "cleaned the lens" in cabinet.type(b"audit 1\r")
    assert told.changes == []


def test_conversation_json_is_one_value_and_one_word_for_machines(cabinet: Cabinet) -> None:
    """OK behind the value; ERR with the number where there is none."""
    _, value, ok, *_ = cabinet.type(b"parts 2 --json\r").split("\n")
    assert [part["part_id"] for part in json.loads(value)] == [1002, 1003]
    assert ok == "OK"
    for line in (b"nonsense --json\r", b"part 9 --json\r", b"log --json\r"):
        words = cabinet.type(line).split("\n")[1].split(" ", 2)
        assert words[0] == "ERR"
        assert words[1].startswith("GN")
        assert isinstance(json.loads(words[2]), str)


def test_conversation_question_mark_helps_and_leaves_the_line(cabinet: Cabinet) -> None:
    """All words, those that begin so, or the manual of the only one."""
    assert "acknowledge" in cabinet.type(b"?")
    assert "engine rollback [NAME]" in cabinet.type(b"eng?")
    assert "A change: its words in full" in cabinet.type(b"ine roll?")
    assert cabinet.terminal.row.endswith("> engine roll")


def test_conversation_shows_messages_above_the_line(told: Told, tmp_path: Path) -> None:
    """As they come, with what is typed below; what the cable is too slow for is counted."""
    path = tmp_path / "station.log"
    path.write_bytes(to_line({"event": "old", "text": "before", "level": "info"}))
    cabinet = Cabinet(told.name, log=path)
    assert "before" in cabinet.type(b"log\r")
    assert "before" not in cabinet.type(b"log follow\r")
    cabinet.type(b"stat")
    with path.open("ab") as file:
        file.write(to_line({"event": "e", "text": "part 7 rejected", "level": "info"}))
    assert "part 7 rejected" in cabinet.wait(0.1)
    assert cabinet.terminal.row.endswith("> stat")
    with path.open("ab") as file:
        for number in range(100):
            file.write(to_line({"event": "e", "text": f"message {number}", "level": "info"}))
    shown = cabinet.wait(0.1)
    assert "message 0" in shown
    assert "message 99" not in shown
    assert "lines left out" in cabinet.wait(0.1)
    cabinet.type(b"\x03")
    with path.open("ab") as file:
        file.write(to_line({"event": "e", "text": "later", "level": "info"}))
    assert cabinet.wait(0.1) == ""


def test_conversation_goes_on_where_the_log_does_not(told: Told, tmp_path: Path) -> None:
    """It is told, and no longer followed."""
    path = tmp_path / "station.log"
    path.write_bytes(b"")
    cabinet = Cabinet(told.name, log=path)
    cabinet.type(b"log follow\r")
    path.unlink()
    path.mkdir()
    assert "the log cannot be read any more" in cabinet.wait(0.1)
    assert not cabinet.said.follow.on
    assert "IN FORCE" in cabinet.type(b"recipe\r")


def test_conversation_nothing_in_a_message_drives_the_terminal(told: Told, tmp_path: Path) -> None:
    """Escapes and letters of other scripts come as codes in ASCII."""
    path = tmp_path / "station.log"
    path.write_bytes(to_line({"event": "e", "text": "\x1b[2Jgotcha \u00fc\u202e", "level": "info"}))
    shown = Cabinet(told.name, log=path).type(b"log\r").split("\n", 1)[1]
    assert "\\x1b[2Jgotcha \\xfc\\u202e" in shown
    assert "\x1b[2J" not in shown


def test_conversation_faults_say_what_to_do(told: Told, tmp_path: Path) -> None:
    """Of what holds now, and of the numbers that the log has named."""
    path = tmp_path / "station.log"
    path.write_bytes(to_line({"event": "e", "text": "GN404: a stranger", "level": "warning"}))
    cabinet = Cabinet(told.name, log=path)
    found = json.loads(cabinet.type(b"faults --json\r").split("\n")[1])
    assert [code["number"] for code in found["codes"]] == ["GN404"]
    assert {alert["name"] for alert in found["alerts"]} >= {"GonogoNotFull"}
    assert all(alert["do"] for alert in found["alerts"])


def test_conversation_why_says_what_rejected_a_part(cabinet: Cabinet) -> None:
    """Verdict and reason, and who gives up has the score; stages and pictures are with `part`."""
    said = cabinet.type(b"why 1002\r") + cabinet.type(b"\x03")
    while cabinet.said.errand is not None:
        said += cabinet.wait(0.01)
    assert "REJECT ENGINE: the engine's score is above the reject limit" in said
    assert "score 9" in said
    assert "decided" not in said
    assert "decided" in cabinet.type(b"part 1002\r")


def test_conversation_leaves_by_word_or_key(told: Told) -> None:
    """logout, and Ctrl-D on an empty line."""
    for typed in (b"logout\r", b"\x04"):
        cabinet = Cabinet(told.name, access=Accounts())
        cabinet.type(b"anna\r246813\r")
        cabinet.type(typed)
        assert cabinet.said.left
        assert cabinet.terminal.row == "name:"
