"""The local socket: right answers to right questions, and nobody can hold the supervisor up."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.base.errors import ControlError, FaultError
from gonogo.base.maintenance_key import lock_of, proof_of, salt_of
from gonogo.ipc.control_socket import CLIENTS, ControlServer, ask, control_path
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.master_part import AskingView
from gonogo.tests.control import served
from gonogo.tests.fakes import scratch_station
from gonogo.tests.table import row, supervised, turn_until
from gonogo.watchdog.commands import Commands
from gonogo.watchdog.master_part import MasterPartRequests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from gonogo.watchdog.supervisor import Supervisor

KEY = "let me in"
LOCK = lock_of(KEY)
PROOF = proof_of(salt_of(LOCK), KEY)


def echo(station: str) -> AbstractContextManager[ControlServer]:
    """A server that says back what it was asked."""
    return served(station, lambda request: {"asked": request})


def raw(station: str, data: bytes) -> bytes:
    """What comes back for these very bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(str(control_path(station)))
        with contextlib.suppress(OSError):  # turned away before it had said all
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return client.recv(4096)
        return b""


def test_control_answers_a_request(station: str) -> None:
    """And its socket is for this user only, and gone afterwards."""
    with echo(station):
        assert ask(station, do="status") == {"asked": {"do": "status"}}
        assert stat.S_IMODE(control_path(station).stat().st_mode) == 0o600
    assert not control_path(station).exists()


def test_control_without_a_station_says_so(station: str) -> None:
    """With what to look for."""
    with pytest.raises(ControlError, match="is it running, on this box and as this user"):
        ask(station, do="status")


@pytest.mark.parametrize("data", [b"", b"\n", b"no json\n", b"[1]\n", b"{", b"x" * 9000, b"\xff\n"])
def test_control_survives_what_is_no_request(station: str, data: bytes) -> None:
    """Answered or not, the next client is served."""
    with echo(station):
        reply = raw(station, data)
        assert reply == b"" or json.loads(reply)["ok"] is False
        assert ask(station, do="status")["asked"] == {"do": "status"}


def test_control_turns_the_many_away_and_serves_the_few(station: str) -> None:
    """200 clients that say nothing: bounded, and served again when they are gone."""
    with echo(station):
        crowd = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(200)]
        for client in crowd:
            client.setblocking(False)  # noqa: FBT003 - the signature of socket
            with contextlib.suppress(BlockingIOError):
                client.connect(str(control_path(station)))
        with pytest.raises(ControlError, match="too many commands at once"):
            ask(station, do="status")
        for client in crowd:
            client.close()
        while control_crowded(station):
            pass
        assert ask(station, do="status")
    assert CLIENTS < 200


def control_crowded(station: str) -> bool:
    """Whether those who left still stand in the queue."""
    try:
        ask(station, do="status")
    except ControlError:
        return True
    return False


def commands_of(supervisor: Supervisor, board: FaultBoard) -> Commands:
    """What a supervisor answers."""
    plan = supervisor.plan
    master_part = MasterPartRequests(supervisor.rows, AskingView.attach(plan.station))
    return Commands(supervisor.rows, plan, board, master_part)


@contextmanager
def commanded(station: str, **plan: Any) -> Iterator[tuple[Supervisor, Commands, FaultBoard]]:  # noqa: ANN401 - fields of the plan
    """A supervisor with one row called as an engine, and its commands."""
    with supervised(station, row("engine A", "obey", station), **plan) as supervisor:
        board = FaultBoard.attach(station)
        turn_until(supervisor, lambda: supervisor.was_up)
        yield supervisor, commands_of(supervisor, board), board
        board.close()


def unlocked() -> dict[str, str]:
    """The part of a plan that lets the key in."""
    return {"key_scrypt": LOCK}


def test_inject_is_locked_without_a_key_in_the_station_file(station: str) -> None:
    """Nobody injects faults into a station that was not opened for it."""
    with commanded(station) as (_, commands, _), pytest.raises(ControlError, match="locked"):
        commands.handle({"do": "inject", "kind": "engine-kill", "proof": PROOF})


@pytest.mark.parametrize("key", ["wrong", "", None, 7])
def test_inject_refuses_a_wrong_key_and_logs_it(
    station: str, key: object, caplog: pytest.LogCaptureFixture
) -> None:
    """And does nothing."""
    with commanded(station, **unlocked()) as (_, commands, board):
        with pytest.raises(ControlError, match="wrong maintenance key"):
            commands.handle({"do": "inject", "kind": "camera-black", "proof": key})
        assert not board.active("camera-black")
    assert "maintenance: fault camera-black refused: wrong key" in caplog.messages


def test_inject_shows_a_fault_and_logs_it_until_it_is_cleared(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """On the board, with its amount."""
    with commanded(station, **unlocked()) as (_, commands, board):
        commands.handle({"do": "inject", "kind": "engine-slow", "amount": 20, "proof": PROOF})
        assert board.active("engine-slow")
        assert board.amount("engine-slow") == 20
        commands.handle({"do": "clear", "proof": PROOF})
        assert not board.active("engine-slow")
    assert "maintenance: fault engine-slow injected" in caplog.messages


def test_inject_kills_the_process_of_a_row(station: str) -> None:
    """And the supervisor does what it does for any dead process."""
    with commanded(station, **unlocked()) as (supervisor, commands, _):
        beat = supervisor.beats.rows[1]
        commands.handle({"do": "inject", "kind": "engine-kill", "proof": PROOF})
        turn_until(supervisor, lambda: beat.starts == 2 and supervisor.rows[0].standing.up)


def test_inject_freezes_a_process_for_a_time(station: str) -> None:
    """Stopped, and going on again when its time is over."""
    with commanded(station, **unlocked()) as (supervisor, commands, _):
        beat = supervisor.beats.rows[1]
        commands.handle({"do": "inject", "kind": "engine-stop", "for_s": 0.05, "proof": PROOF})
        frozen_at = beat.count
        while os.path.exists(f"/proc/{beat.pid}") and beat.count <= frozen_at + 1:  # noqa: PTH110
            supervisor.supervise()
            commands.look(time.monotonic_ns())
        assert beat.starts == 1


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"kind": "engine-kil"}, "did you mean engine-kill"),
        ({"kind": "log-flood", "amount": 0}, "expected 1..100000, got 0"),
        ({"kind": "camera-black", "amount": 1}, "takes no amount"),
        ({"kind": "camera-black", "for_s": -1}, "for_s: expected above 0"),
        ({"kind": "camera-black", "for_s": "x"}, "for_s: expected a number"),
        ({"kind": "camera-lost"}, "has no meaning on this station: no camera"),
        ({"kind": "line-kill"}, "no process 'line' runs"),
    ],
)
def test_inject_refuses_what_cannot_be_shown(
    station: str, request_: dict[str, object], says: str
) -> None:
    """Unknown kinds, amounts out of range, and kinds without meaning here."""
    plan = unlocked() | {"refused_faults": {"camera-lost": "no camera"}}
    with (
        commanded(station, **plan) as (_, commands, _),
        pytest.raises(ValueError, match=says),
    ):
        commands.handle({"do": "inject", "proof": PROOF} | request_)


def test_acknowledge_tries_a_latched_row_again(station: str) -> None:
    """What ended too often is started once more."""
    plan = row("engine A", "fragile", station, strikes=2, code=4)
    with supervised(station, plan) as supervisor:
        commands = commands_of(supervisor, FaultBoard.attach(station))
        turn_until(supervisor, lambda: supervisor.rows[0].standing.latched)
        assert commands.handle({"do": "acknowledge"}) == {"latched": ["engine A"]}
        turn_until(supervisor, lambda: supervisor.beats.rows[1].starts == 3)


def test_status_names_every_process(station: str) -> None:
    """With its state, its number and how often it was started."""
    with commanded(station) as (supervisor, commands, _):
        (found,) = commands.handle({"do": "status"})["rows"]
        pid = supervisor.beats.rows[1].pid
        expected = {"name": "engine A", "state": "up", "pid": pid, "starts": 1, "warning": 0}
        assert found == expected
        os.kill(pid, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["do", "kind", "for_s", "amount", "proof"]),
        st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=8),
                  st.sampled_from(["inject", "clear", "status", "engine-kill"])),
    )
)  # fmt: skip
def test_commands_answer_anything_or_refuse_it(request_: dict[str, Any]) -> None:
    """Whatever comes over the socket: an answer or one of our own errors."""
    with scratch_station() as name, supervised(name, **unlocked()) as supervisor:
        commands = commands_of(supervisor, FaultBoard.attach(name))
        with contextlib.suppress(ControlError, FaultError):
            json.dumps(commands.handle(request_))
