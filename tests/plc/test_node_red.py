"""Node-RED beside and in place of a PLC: contrib-modbus polls us, contrib-s7 reads beside us.

tests/peers/install.sh installs it; each test skips by name where it is missing.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.plc.register_map import MAGIC, MAP_VERSION, PlcWords, pack_plc
from gonogo.plc.transports.s7_section import S7Section
from gonogo.tests.peers.program import program
from gonogo.tests.plc.s7_peers import DB, S7Plc
from gonogo.tests.plc.test_third_party import (
    ACCEPT,
    PART_ID,
    Line,
    let_parts_through,
    served,
)

if TYPE_CHECKING:
    from gonogo.tests.peers.program import Program

__all__ = ["served"]  # a fixture

HERE = Path(__file__).parents[1] / "peers" / "nodered"
D_BYTES, RUN = 192, 3
D_RES_SEQ, D_SESSION = 12, 13


def node_red(kind: str, *where: object) -> contextlib.AbstractContextManager[Program]:
    """Node-RED with the flow of that kind."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "node-red").exists():
        pytest.skip("Node-RED is not installed: tests/peers/install.sh")
    return program(node, HERE / "run.js", kind, "127.0.0.1", *map(str, where))


def test_node_red_as_plc_by_contrib_modbus(served: tuple[Line, str]) -> None:
    """A flow of its nodes polls, acknowledges each record, and reads the bits."""
    line, port = served
    with node_red("modbus", port) as peer:
        let_parts_through(line, peer)


def test_node_red_reads_the_data_block_beside_us_by_contrib_s7() -> None:
    """A dashboard takes one more connection; it sees what we write, and disturbs nothing."""
    plc = S7Plc()
    section = S7Section(driver="s7", host="127.0.0.1", port=plc.port, db=DB, timeout_ms=1000)
    with contextlib.closing(plc), contextlib.closing(Line(section)) as line:
        scan = Scan(plc)
        with node_red("s7", plc.port, DB) as peer:
            line.until(lambda: scan() and line.link.permit and peer.said("words"))
            line.report(PART_ID, ACCEPT)
            line.until(lambda: scan() and line.deliveries)
            assert line.deliveries[-1].delivered
            sequence = plc.words(0, 96)[D_RES_SEQ]
            shown = [str(word) for word in (MAGIC, MAP_VERSION, sequence, sequence)]
            line.until(lambda: scan() and peer.said("words")[-1] == shown)
            assert line.link.permit


class Scan:
    """One scan of a PLC that acknowledges what it sees; True, to stand in a condition."""

    def __init__(self, plc: S7Plc) -> None:
        self._plc = plc
        self._heart = 0

    def __call__(self) -> bool:
        self._heart += 1
        d = self._plc.words(0, 96)
        words = PlcWords(
            map_version=MAP_VERSION,
            heart=self._heart,
            ctrl=RUN,
            ack_seq=d[D_RES_SEQ],
            dev_heart_echo=d[2],
            session_echo=d[D_SESSION],
        )
        self._plc.put(D_BYTES, struct.pack(">20H", *pack_plc(words)))
        return True
