"""A box and gooseBit, an update server that others wrote (tests/peers/install.sh)."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import UpdateServerRefused
from gonogo.build.update.ddi.http import Http
from gonogo.build.update.ddi.poll import Poll
from gonogo.build.update.kept import Phase
from gonogo.build.update.settings import ServerSection
from gonogo.tests.build.flash.boxes import COMPATIBLE
from gonogo.tests.peers.program import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.build.update.onbox import Images, OnBox
    from gonogo.tests.peers.program import Program

PYTHON = Path(sys.prefix) / "peers" / "goosebit" / "bin" / "python"
SCRIPT = Path(__file__).parents[3] / "peers" / "goosebit_server.py"
TOKEN = "target-0815"  # noqa: S105 - of the tests
REGISTERED, RUNNING, ERROR, FINISHED = 2, 3, 4, 5
START_S = 120.0


class Goose:
    """The server, and what it knows of the box."""

    def __init__(self, peer: Program, folder: Path) -> None:
        self.peer, self.folder = peer, folder
        end_s = time.monotonic() + START_S
        while not peer.said("port"):
            assert time.monotonic() < end_s, peer.errors()
            time.sleep(0.05)
        self.url = f"http://127.0.0.1:{peer.said('port')[0][0]}"

    def device(self) -> tuple[str | None, int, str | None]:
        """Version, state, and the log of its last update."""
        with sqlite3.connect(self.folder / "db.sqlite3") as database:
            asked = "SELECT sw_version, last_state, last_log FROM device"
            version, state, log = database.execute(asked).fetchone()
        database.close()
        return version, state, log

    def poll(self, box: OnBox, token: str = TOKEN) -> float:
        """One look of the box."""
        (box.folder / "token").write_text(token)
        server = ServerSection(
            url=self.url, id="box-1", token_file=box.folder / "token", unencrypted=True
        )
        poll = Poll(server, Http(server), box.updater, box.places)
        poll.spare_bytes = 0
        return poll.look()


@pytest.fixture
def goose(stock: Images, tmp_path: Path) -> Iterator[Goose]:
    """It rolls 0.3.0 out to the box."""
    if not PYTHON.exists():
        pytest.skip("no gooseBit here: tests/peers/install.sh")
    folder = tmp_path / "goose"
    folder.mkdir()
    words = (PYTHON, SCRIPT, folder, stock.newer, "0.3.0", COMPATIBLE, TOKEN)
    with program(*words) as peer:
        yield Goose(peer, folder)


def test_an_update_goes_from_the_server_to_its_success(box: OnBox, goose: Goose) -> None:
    """Registered, fetched, written, switched, found good; the server has each."""
    assert goose.poll(box) == 10  # it asks what the box is first
    assert goose.device()[:2] == ("0.2.0", REGISTERED)
    goose.poll(box)
    found = box.updater.last()
    assert found is not None
    assert (found.phase, found.version) == (Phase.WAITING, "0.3.0")
    box.updater.switch()
    goose.poll(box)
    assert goose.device()[1] == RUNNING
    box.boots("B", "0.3.0")
    box.gate_says("B", "good", "5 parts judged")
    box.updater.step()
    assert goose.poll(box) == 30
    version, state, log = goose.device()
    assert (version, state) == ("0.3.0", FINISHED)
    assert log is not None
    for word in ("fetching", "waiting", "switched", "good", "5 parts judged"):
        assert word in log
    assert goose.poll(box) == 30
    assert box.asked.count("mark-active other") == 1


def test_a_box_that_went_back_is_an_error_there_with_its_reason(box: OnBox, goose: Goose) -> None:
    """And is not offered the same again."""
    goose.poll(box)
    goose.poll(box)
    box.updater.switch()
    box.boots("A", "0.2.0")
    box.gate_says("B", "bad", "no trusted picture, for 600 s")
    box.updater.step()
    goose.poll(box)
    version, state, log = goose.device()
    assert (version, state) == ("0.2.0", ERROR)
    assert "no trusted picture" in str(log)
    assert goose.poll(box) == 30
    assert len([each for each in box.asked if each.startswith("install")]) == 1


def test_another_token_is_refused(box: OnBox, goose: Goose) -> None:
    """By its number, and the token stands in no message."""
    with pytest.raises(UpdateServerRefused, match="token") as error:
        goose.poll(box, "wrong")
    assert "wrong" not in str(error.value)
