"""What comes over the socket of the loader: right, wrong, and malicious."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.base.errors import ControlError, EngineChangeError, EngineNotInstalled, GonogoError
from gonogo.engines.loading.process import PURPOSE
from gonogo.engines.loading.steps import Step
from gonogo.ipc.control_socket import ask, control_path
from gonogo.tests.control import served as serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.engines.loading.stage import Stage


@pytest.fixture
def served(stage: Stage, station: str) -> Iterator[Stage]:
    """The same, with its socket."""
    with serving(station, stage.handler.handle, PURPOSE):
        yield stage


def test_socket_is_this_users_alone_and_beside_the_supervisors(served: Stage, station: str) -> None:
    """0600, under another name."""
    path = control_path(station, PURPOSE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path != control_path(station)
    assert ask(station, purpose=PURPOSE, do="status")["step"] == "idle"
    assert served.step() is Step.IDLE


def test_socket_answers_at_once_with_a_ticket(served: Stage, station: str) -> None:
    """Before anything was checked or loaded."""
    found = ask(station, purpose=PURPOSE, do="load", name="bolt", version="1.1.0")
    assert found == {"ticket": 1, "parts": served.section.shadow_parts}


def test_socket_tells_a_refusal_with_its_number(served: Stage, station: str) -> None:
    """As text, in the error of the socket."""
    with pytest.raises(ControlError, match="GN342: this station judges by bolt"):
        ask(station, purpose=PURPOSE, do="load", name="nut", version="1.0.0")
    assert served.now().ticket == 0


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{", b"[]\n", b'"load"\n', b"\xff\xfe\n", b"x" * 9000, b"[" * 4000 + b"\n",
     b'{"do": {"do": "load"}}\n', b'{"do": "load", "name": "../../etc", "version": "1.0.0"}\n',
     b'{"do": "load", "name": "bolt", "version": "../../../1.0.0"}\n',
     b'{"do": "load", "name": "bolt", "version": "1.1.0", "shadow": 1e400}\n'],
)  # fmt: skip
def test_socket_survives_what_is_no_request(served: Stage, station: str, line: bytes) -> None:
    """Refused or not answered; no place is told anything, and the next request is served."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(str(control_path(station, PURPOSE)))
        with contextlib.suppress(OSError):
            client.sendall(line)
            client.shutdown(socket.SHUT_WR)
            reply = client.recv(4096)
            assert reply == b"" or json.loads(reply)["ok"] is False or b"../" in line
    assert ask(station, purpose=PURPOSE, do="status")["step"] in {"idle", "checking"}
    served.come_to(Step.IDLE)
    assert [place.load for place in served.slots.places] == [1, 0]


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"do": "lod"}, "expected one of status, load, activate, rollback, unload, got 'lod'"),
        ({}, "got None"),
        ({"do": ["load"]}, "got \\['load'\\]"),
        ({"do": "status", "all": 1}, "status: expected nothing else, got all"),
        ({"do": "load", "name": "bolt"}, "version: expected text"),
        ({"do": "load", "name": "bolt", "version": 1.1}, "version: expected text"),
        ({"do": "load", "name": "bolt", "version": "1.1.0", "shadow": -1}, "shadow: expected 0"),
        ({"do": "load", "name": "bolt", "version": "1.1.0", "shadow": True}, "shadow: expected 0"),
        ({"do": "load", "name": "bolt", "version": "1.1.0", "keep": 1}, "keep: expected true"),
        ({"do": "load", "name": "bolt", "version": "1.1.0", "force": 1}, "got force"),
        ({"do": "activate", "without_shadow": "yes"}, "without_shadow: expected true or false"),
    ],
)
def test_handler_refuses_a_malformed_request(
    stage: Stage, request_: dict[str, Any], says: str
) -> None:
    """With what was expected."""
    with pytest.raises(ControlError, match=says):
        stage.handler.handle(request_)
    assert stage.step() is Step.IDLE


@pytest.mark.parametrize("name", ["nut", "", None, 7, "../bolt"])
def test_handler_loads_only_what_the_station_judges_by(stage: Stage, name: object) -> None:
    """Nothing else has a view to judge."""
    with pytest.raises(EngineNotInstalled, match="judges by bolt"):
        stage.handler.handle({"do": "load", "name": name, "version": "1.1.0"})


def test_handler_rolls_back_a_named_engine(stage: Stage) -> None:
    """A name that the station does not know is refused; a known one without a past, later."""
    with pytest.raises(EngineNotInstalled):
        stage.ask("rollback", name="nut")
    stage.ask("rollback", name="bolt")
    stage.come_to(Step.IDLE)
    assert stage.refusal()[0] == 342


def test_handler_takes_no_second_check_while_a_disk_hangs(stage: Stage) -> None:
    """A file that never ends being read: refused after its time, and not begun again."""
    selected = stage.section.folder / "bolt" / "selected"
    selected.unlink()
    os.mkfifo(selected)  # nobody writes into it: reading waits for ever
    stage.ask("rollback")
    stage.tick(stage.section.load_limit_s + 1)
    assert stage.refusal()[0] == 351
    assert stage.step() is Step.IDLE
    with pytest.raises(EngineChangeError, match="still waits for the disk"):
        stage.load()
    os.close(os.open(selected, os.O_RDWR))  # let the thread go


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    st.dictionaries(
        st.sampled_from(["do", "name", "version", "shadow", "keep", "without_shadow"]),
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=8),
                  st.sampled_from(["load", "activate", "rollback", "unload", "status", "bolt"]),
                  st.lists(st.integers(), max_size=2)),
    )
)  # fmt: skip
def test_handler_answers_anything_or_refuses_it(stage: Stage, request_: dict[str, Any]) -> None:
    """An answer that is JSON, or one of our own errors; what judges was told nothing."""
    with contextlib.suppress(GonogoError):
        json.dumps(stage.handler.handle(request_))
    assert stage.slots.places[0].load == 1
    assert stage.slots.pending is None
