"""`io test` and `io force`: by whom, in which time, and never so that a part may pass."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CommandUnknown, OutputRefused
from gonogo.console.serial.outputs import io_force, io_test, io_test_end
from gonogo.console.serial.reads import status
from gonogo.console.serial.reads_link import io
from gonogo.console.standing import standing
from gonogo.ipc.output_test import Output, looked
from gonogo.tests.console.serial.page import EJECTING
from gonogo.tests.console.serial.ran import at, begun, facts, linked, rows
from gonogo.tests.console.serial.told import CODE, Accounts, Cabinet, told_station
from gonogo.tests.fakes import scratch_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.output_test import Forced
    from gonogo.tests.console.serial.told import Told


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station with an ejector."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("out")) as found:
        (found.records.parent / "cell.toml").write_text(EJECTING)
        begun(found)
        linked(found, facts())
        yield found


@pytest.fixture
def told(running: Told) -> Iterator[Told]:
    """Nothing is tried yet."""
    yield running
    io_test_end(at(running), ())


def forced(told: Told) -> Forced | None:
    """What is, at this moment."""
    return looked(told.name, time.monotonic_ns())[1]


def test_an_output_is_forced_in_test_mode_and_in_the_trail(told: Told) -> None:
    """With who and why; `io`, `status` and its JSON show it."""
    with pytest.raises(Exception, match="GN508: no test mode"):
        io_force(at(told), ("fault", "on"))
    assert io_test(at(told), ()).value == {"for_s": 120.0}
    answer = io_force(at(told), ("fault", "on"))
    assert answer.value == {"output": "fault", "on": True, "for_s": 10}
    found = forced(told)
    assert found is not None
    assert (found.output, found.on) == (Output.FAULT, True)
    done = rows(told, "output forced")[-2]
    assert (done.new, done.why) == (answer.value, "a reason")
    assert done.who["account"] == "anna"
    for lines in (io(at(told), ()).lines, status(at(told), ()).lines):
        assert any("TEST MODE for " in line and "fault is forced on" in line for line in lines)
    assert standing(told.name)["outputs_tried"]["forced"]["output"] == "fault"
    io_test_end(at(told), ())
    assert forced(told) is None
    assert standing(told.name)["outputs_tried"] is None
    assert not any("TEST MODE" in line for line in io(at(told), ()).lines)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (("accept", "on"), OutputRefused, "never is"), (("permit", "on"), OutputRefused, "never"),
        (("ready", "off"), OutputRefused, "expected one of eject, degraded, warning, fault"),
        (("eject", "off"), OutputRefused, 'on_means = "eject" whatever comes by would pass'),
        (("eject", "up"), CommandUnknown, "on or off, got 'up'"),
        (("fault", "on", "0"), CommandUnknown, "a number of 1 to 60"),
        (("fault", "on", "61"), CommandUnknown, "a number of 1 to 60"),
    ],
)  # fmt: skip
def test_what_would_let_a_part_pass_is_never_forced(
    told: Told, given: tuple[str, ...], error: type[Exception], said: str
) -> None:
    """Also in test mode; nothing else is either."""
    io_test(at(told), ())
    with pytest.raises(error) as refused:
        io_force(at(told), given)
    assert said in str(refused.value)
    assert forced(told) is None


def test_an_ejector_that_passes_while_on_is_forced_off_alone(told: Told) -> None:
    """And none of a station that drives none."""
    file = told.records.parent / "cell.toml"
    io_test(at(told), ())
    for text, said in (
        (EJECTING.replace('"eject"', '"pass"'), 'on_means = "pass"'),
        (EJECTING.partition("[eject]")[0], "drives no ejector"),
    ):
        file.write_text(text)
        begun(told)
        with pytest.raises(OutputRefused) as refused:
            io_force(at(told), ("eject", "on"))
        assert said in str(refused.value)
        assert forced(told) is None
    file.write_text(EJECTING)
    begun(told)
    io_force(at(told), ("eject", "on", "60"))
    assert forced(told) is not None


@pytest.mark.parametrize("leaves", ["logout", "cable", "idle"])
def test_whoever_leaves_ends_what_they_tried(told: Told, leaves: str) -> None:
    """By word, by cable, and by doing nothing."""
    cabinet = Cabinet(told.name, access=Accounts())
    for line in ("anna", "246813", "io test", "", CODE, "io force warning on 60", "", CODE):
        cabinet.type(line.encode() + b"\r")
    assert forced(told) is not None
    if leaves == "logout":
        cabinet.type(b"logout\r")
    elif leaves == "cable":
        cabinet.session.hang_up()
    else:
        cabinet.wait(Accounts.idle_s + 1.0)
    assert looked(told.name, time.monotonic_ns()) == (0, None)


def test_a_session_that_tried_nothing_ends_nothing(told: Told) -> None:
    """Somebody else's test goes on."""
    io_test(at(told), ())
    Cabinet(told.name).session.hang_up()
    assert looked(told.name, time.monotonic_ns())[0] > 0


@pytest.mark.parametrize("line", [b"io forc eject on\r", b"io f eject on\r", b"io te\r"])
def test_a_force_wants_its_words_in_full(told: Told, line: bytes) -> None:
    """And an observer may not."""
    cabinet = Cabinet(told.name)
    assert "in full: io" in cabinet.type(line)
    watcher = Cabinet(told.name, access=Accounts())
    watcher.type(b"bert\r246813\r")
    assert "GN653" in watcher.type(b"io test\r")
