"""What systemd hears while rows come up one after the other."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from gonogo.tests.table import row, supervised, turn_until
from gonogo.watchdog.plan import SupervisorPlan
from gonogo.watchdog.ties import SLACK_S, Ties

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_limit_of_a_start_is_put_off_for_each_row_by_its_own(
    station: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine may take longer to load than the unit would wait for all of them; then READY."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", manager.getsockname())
        rows = [
            row("records", "obey", station, name="records"),
            row("engine", "obey", station, name="engine", required=True).model_copy(
                update={"start_limit_s": 900.0}
            ),
        ]
        ties = Ties(SupervisorPlan(station=station, rows=()))
        assert "NOTIFY_SOCKET" not in os.environ
        with supervised(station, *rows) as table:

            def told() -> bool:
                ties.tell(table)
                return table.was_up

            turn_until(table, told)
            ties.tell(table)
            assert table.coming is None
        ties.close(ordered=True)
        heard: list[bytes] = []
        while not heard or heard[-1] != b"STOPPING=1":
            heard.append(manager.recv(256))
    kept = [words for words in heard if words != b"WATCHDOG=1"]
    more_us = [round((limit_s + SLACK_S) * 1e6) for limit_s in (60.0, 900.0)]
    assert kept == [
        f"EXTEND_TIMEOUT_USEC={more_us[0]}\nSTATUS=records starts".encode(),
        f"EXTEND_TIMEOUT_USEC={more_us[1]}\nSTATUS=engine starts".encode(),
        b"READY=1\nSTATUS=running",
        b"STOPPING=1",
    ]
