"""The commissioning page, walked line by line: its own commands, against the block that ships.

The PLC is another maker's Modbus server with the block's text behind it; `mbpoll` is the
technician's tool, and `gonogo` runs as the page calls it.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.scene.section import SyntheticSection
from gonogo.proving.plcsim.truth import truth_of
from gonogo.tests.stations import remains_of, small_station

pytest.importorskip("pyModbusTCP", reason="pyModbusTCP is not installed")
from gonogo.tests.plc.blockplc import EJECT, SCAN_S, BlockPlc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station

PAGE = Path(__file__).parents[1] / "docs" / "commissioning-plc.md"
THERE = "192.168.0.10"
CAMERA = {"driver": "synthetic", "width_px": 640, "height_px": 480, "pool": 8, "seed": 7}
BAD = {"defect_pct": 50, "defects": ["wrong_size"]}
STANDING = set(range(7, 15)) | {19}  # alarms that somebody must clear
PERMIT = 8
WAIT_S = 120
STEPS = {1: 1, 2: 1, 3: 4, 4: 3, 5: 1, 13: 1}  # commands of each


def commands() -> dict[int, list[str]]:
    """The page's own lines, by the number of their step."""
    text = PAGE.read_text(encoding="utf-8").partition("## First start")[2].partition("\n## ")[0]
    steps = re.split(r"^(\d+)\. ", text, flags=re.MULTILINE)
    found = {
        int(number): [line.strip() for block in re.findall(r"```sh\n(.*?)```", body, re.DOTALL)
                      for line in block.strip().splitlines()]
        for number, body in zip(steps[1::2], steps[2::2], strict=True)
    }  # fmt: skip
    return {number: lines for number, lines in found.items() if lines}


class Technician:
    """Types what the page says, at the box."""

    def __init__(self, plc: BlockPlc, file: Path) -> None:
        self._plc, self._file = plc, file
        self._lines = commands()

    def next(self, step: int) -> str:
        """The next line of a step."""
        return self._lines[step].pop(0)

    def read(self, step: int) -> dict[int, int]:
        """The next line is one of mbpoll: the words that it shows, by address."""
        words = self._words(self.next(step), "mbpoll")
        command = [*words, "-p", str(self._plc.port)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=WAIT_S)
        shown = re.findall(r"^\[(\d+)\]:\s+(-?\d+)", done.stdout, re.MULTILINE)
        return {int(at): int(value) & 0xFFFF for at, value in shown}

    def read_until(self, step: int, *wanted: tuple[int, int]) -> dict[int, int]:
        """As `read`, once more where it shows something else: a busy box loses the link, too."""
        line = self._lines[step][0]
        end = time.monotonic() + WAIT_S
        while not set(wanted) <= (found := self.read(step)).items():
            assert time.monotonic() < end, f"step {step}: expected {wanted}, read {found}"
            self._lines[step].insert(0, line)
        return found

    def says(self, step: int) -> str:
        """The next line is one of gonogo: what it says; it must end well."""
        done = subprocess.run(
            self.gonogo(step), check=False, capture_output=True, text=True, timeout=WAIT_S
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def gonogo(self, step: int) -> list[str]:
        """The next line as this Python runs it."""
        words = self._words(self.next(step), "gonogo")
        words = [str(self._file) if word == "STATION" else word for word in words]
        return [sys.executable, "-c", "from gonogo.commands.cli import main; main()", *words[1:]]

    @staticmethod
    def _words(line: str, tool: str) -> list[str]:
        words = [word.replace(THERE, "127.0.0.1") for word in shlex.split(line, comments=True)]
        assert words[0] == tool, line
        return words


@pytest.fixture
def plc() -> Iterator[BlockPlc]:
    """A PLC with the block in it, as it is downloaded: disabled, the belt off."""
    with BlockPlc() as plc:
        yield plc


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """Its name is nobody else's; the file beside it is what the technician has."""
    return small_station(tmp_path)


def write_file(folder: Path, station: Station, port: int) -> Path:
    """The station file; a rule sees each wrong size."""
    camera = " ".join(
        f"{key} = {value!r}\n".replace("'", '"') for key, value in (CAMERA | BAD).items()
    )
    path = folder / "station.toml"
    path.write_text(
        f'[station]\nname = "{station.station.name}"\nbudget_ms = 250\npitch_mm = 60\n'
        '[trigger]\ndriver = "plc"\n'
        f'[plc]\ndriver = "modbus-client"\nhost = "127.0.0.1"\nport = {port}\n'
        "timeout_ms = 1000\nscan_ms = 40\n"
        f'[[view]]\nname = "top"\n[view.camera]\n{camera}'
        '[[view.rule]]\nname = "diameter"\nkind = "dimension"\nmeasure = "width"\n'
        'mm_per_px = 0.2\nsegment = { object_is = "light", threshold = 70 }\n'
        "low = 71.4\nhigh = 72.6\n"
        '[records]\npath = "parts.sqlite"\n[realtime]\nenabled = false\n',
        encoding="utf-8",
    )
    return path


@contextlib.contextmanager
def running(command: list[str], plc: BlockPlc) -> Iterator[None]:
    """The station, from its start until it is stopped with Ctrl-C."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        plc.until("the station does not come", lambda: not plc.alarms() & {2, 3, 4, 5, 6})
        yield
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 0


def test_the_page_says_what_is_walked_here() -> None:
    """A command that is added to the page is one more to be tried."""
    assert {number: len(lines) for number, lines in commands().items()} == STEPS


def test_the_page_can_be_walked_and_leaves_no_alarm_behind(
    plc: BlockPlc, station: Station, tmp_path: Path
) -> None:
    """Steps 1 to 13, those that need no air and no chute; each command is the page's own."""
    if shutil.which("mbpoll") is None:
        pytest.skip("mbpoll is not installed (Debian: apt install mbpoll)")
    technician = Technician(plc, write_file(tmp_path, station, plc.port))
    prepare(plc, technician)
    run = technician.gonogo(4)
    with running(run, plc):
        connect(plc, technician)
        judge_parts(plc)
        lose_the_link(plc)
        bypass(plc)
        assert technician.read(13)[8] > 0
    assert not plc.fates[plc.part()]  # the station is stopped: each part is ejected
    with running(run, plc):
        restart_the_plc(plc)
    assert remains_of(station) == []


def prepare(plc: BlockPlc, technician: Technician) -> None:
    """Steps 1 to 3: nothing runs yet."""
    line = technician._lines[1][0]
    plc.until("no scan", lambda: plc.block["uiPlcHeart"] > 0)
    first = technician.read(1)
    technician._lines[1].insert(0, line)  # "say this twice"
    second = technician.read(1)
    assert first[100] == 1
    assert first[101] != second[101]
    assert plc.alarms() <= {2, 15}
    technician.says(2)
    assert "nothing wrong found" in technician.says(3)
    before = plc.block["auiP"][4]
    assert "REJECT for part" in technician.says(3)
    shown = technician.read(3)[12]
    assert shown == before + 1
    assert technician.read(3)[104] == shown
    plc.until("the probe's heart", lambda: 6 not in plc.alarms())
    assert plc.alarms() <= {4, 15}


def connect(plc: BlockPlc, technician: Technician) -> None:
    """Steps 4 and 5: stopped, then running."""
    plc.until("no session", lambda: plc.block["xSynced"])
    d = technician.read_until(4, (0, 18254), (1, 1), (3, 2), (5, 0))
    p = technician.read_until(4, (115, d[13]))
    assert d[13] != 0
    assert (p[113] - d[2]) & 0xFFFF < 600  # it follows: an mbpoll later, some beats on
    assert not plc.alarms() & STANDING
    plc.inputs["xEnable"] = plc.belt = True
    plc.until("not ready", lambda: plc.block["xReady"] and not plc.block["xSweep"])
    d = technician.read(5)
    assert d[3] in {4, 5}
    assert d[4] & PERMIT
    assert plc.alarms() <= {18}


def judge_parts(plc: BlockPlc) -> None:
    """Steps 6 and 7: good ones pass, bad ones never do."""
    fates = {part_id: plc.fates[part_id] for part_id in (plc.part() for _ in range(10))}
    camera = SyntheticSection.model_validate(CAMERA | BAD)
    good = {part_id for part_id in fates if truth_of(camera, part_id).good}
    assert 0 < len(good) < len(fates)
    assert any(fates[part_id] for part_id in good)
    assert not any(fates[part_id] for part_id in fates if part_id not in good)


def passes_again(plc: BlockPlc) -> None:
    """Within few parts; a box that is busy may be late with one."""
    assert any(plc.fates[plc.part()] for _ in range(20))
    plc.inputs["xClearFault"] = True  # of a part that was named and lost meanwhile: alarm 14
    plc.until("not cleared", lambda: not plc.alarms() & STANDING)
    plc.inputs["xClearFault"] = False


def lose_the_link(plc: BlockPlc) -> None:
    """Step 8: words that stand still are a cable that is out."""
    bank = plc._server.data_bank
    get = bank.get_holding_registers
    frozen = get(0, 96)
    bank.get_holding_registers = lambda at, count, *rest: (
        frozen[at : at + count] if at < 96 and not rest else get(at, count, *rest)
    )
    plc.until("alarm 4", lambda: 4 in plc.alarms())
    assert not plc.fates[plc.part()]
    bank.get_holding_registers = get
    passes_again(plc)


def bypass(plc: BlockPlc) -> None:
    """Step 12."""
    before = plc.block["udiBypassed"]
    plc.inputs["xBypass"] = True
    plc._eye = 3
    plc.until("nothing is bypassed", lambda: plc.block["udiBypassed"] == before + 1)
    assert 16 in plc.alarms()
    plc.inputs["xBypass"] = False
    passes_again(plc)


def restart_the_plc(plc: BlockPlc) -> None:
    """Steps 9 and 10: the station is there again; a PLC that starts sweeps its belt."""
    passes_again(plc)
    plc.restart()
    plc.until("not swept", lambda: plc.block["xStarted"] and not plc.block["xSweep"])
    assert plc._counts * SCAN_S > EJECT * SCAN_S
    passes_again(plc)
