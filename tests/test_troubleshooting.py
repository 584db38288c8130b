"""Every symptom of docs/troubleshooting.md is tried: what its first column says is said."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import GonogoError
from gonogo.base.ports import listening
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.words import Mode, Reason
from gonogo.commands.board.found import Needs, find
from gonogo.commands.check import as_json
from gonogo.commands.cli import main
from gonogo.commands.show.worth import sentence
from gonogo.console.show.codes import codes
from gonogo.console.show.headline import Seen, headline
from gonogo.console.show.part import REASONS
from gonogo.ipc.link_table import LinkFacts, LinkFlag
from gonogo.ipc.station_lock import StationLock
from gonogo.plc.link.map_check import standing
from gonogo.plc.register_map import Header, PlcWords, pack_header, pack_plc
from gonogo.tests.commands.board import boxes
from gonogo.tests.stations import PLAIN_FILE, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE = Path(__file__).parents[1] / "docs" / "troubleshooting.md"
ROW = re.compile(r"^\| `(.*?)` \| (.*) \|([^|]*)\|$", re.MULTILINE)
PLC = 'driver = "modbus-client"\nhost = "127.0.0.1"\nport = 1502'
CAMERA = 'driver = "synthetic"'
NO_ENGINE = "[[view.rule]]"


def station(folder: Path, *changes: tuple[str, str]) -> Path:
    """The plain station file with other words."""
    text = PLAIN_FILE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "station.toml"
    path.write_text(text)
    return path


def checked(folder: Path, *changes: tuple[str, str]) -> str:
    """What `gonogo check` finds in it."""
    return "\n".join(each["text"] for each in as_json(station(folder, *changes))["findings"])


def typed(*words: object) -> str:
    """What a command says."""
    return CliRunner().invoke(main, [str(each) for each in words]).output


def of_link(flags: LinkFlag, **plc: int) -> str:
    """The first line of the status, of a link that stands so."""
    link = linked(flags, **plc)
    return headline(Seen(1, 1, Mode.FULL, link)).says


def linked(flags: LinkFlag, **plc: int) -> LinkFacts:
    """A link with these flags, and what the PLC says on it."""
    inputs = pack_plc(PlcWords(**plc))
    return LinkFacts(
        1, 0, flags, 0, 1, 0, 0, 0, 1, 0, inputs, pack_header(Header()), (), (0,) * 3, ""
    )  # fmt: skip


# -- what makes each symptom appear ----------------------------------------------------------


def refused(folder: Path) -> str:
    """Nobody listens at the PLC's port."""
    return checked(folder, (PLC, PLC.replace("1502", str(free_port()))))


def silent(folder: Path) -> str:
    """Somebody takes the connection, and says nothing."""
    with closing(listening(("127.0.0.1", 0), 4)) as server:
        port = f"{server.getsockname()[1]}\ntimeout_ms = 50"
        return checked(folder, (PLC, PLC.replace("1502", port)))


def taken(folder: Path) -> str:
    """Another program serves the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        plc = f'driver = "modbus-server"\nport = {server.getsockname()[1]}'
        return checked(folder, (PLC, plc))


def runs_already(folder: Path) -> str:
    """The second one of a name is refused."""
    first = StationLock("trouble", folder)
    try:
        with pytest.raises(GonogoError) as refusal:
            StationLock("trouble", folder)
    finally:
        first.close()
    return str(refusal.value)


def open_to_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The private directory, with another mode."""
    place = runtime_dir() / f"open-{folder.name}"
    place.mkdir(mode=0o755)
    place.chmod(0o755)
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", str(place))
    try:
        return checked(folder)
    finally:
        place.rmdir()


def replayed(folder: Path) -> str:
    """A camera of a folder in which nothing can be shown."""
    pictures = folder / "pictures"
    pictures.mkdir()
    ok, deep = cv2.imencode(".png", np.zeros((48, 64), np.uint16))
    assert ok
    (pictures / "deep.png").write_bytes(deep.tobytes())
    (pictures / "words.png").write_text("no picture")
    return checked(folder, (CAMERA, 'driver = "replay"\nfolder = "pictures"'))


def of_wire(driver: str, *keys: str) -> tuple[str, str]:
    """Another [plc]."""
    return PLC, "\n".join([f'driver = "{driver}"', *keys])


ALIVE = LinkFlag.CONNECTED | LinkFlag.ALIVE
SIDE = {"of": 40, "events": 9, "share_pct": 22.5, "low_pct": 10.0, "high_pct": 40.0, "max_pct": 5}
GPIO = '[trigger]\ndriver = "gpio"\nchip = "/dev/gpiochip99"\nline = "3"'
RTU = of_wire("modbus-rtu-server", 'device = "/dev/ttyUSB99"')
TAUGHT = '[view.engine]\nmodel = "none.onnx"\n[view.engine.prepare]\nmethod = "teach"\n'
TRIES: dict[str, Callable[[Path], str]] = {
    "expected a station file": lambda folder: typed("check", folder / "none.toml"),
    "got the unknown key": lambda folder: checked(folder, ("pitch_mm", "pitch")),
    "expected one of ..., got": lambda folder: checked(folder, ('"dimension"', '"dimention"')),
    "is missing; make the engine": lambda folder: typed(
        "run", station(folder, (NO_ENGINE, f"{TAUGHT}{NO_ENGINE}"))
    ),
    "no engine '": lambda folder: checked(
        folder,
        (NO_ENGINE, f'[view.engine]\nbundle = "bolt"\n{NO_ENGINE}'),
        ("[records]", '[engines]\nfolder = "engines"\n[records]'),
    ),
    "expected at least one limit": lambda folder: checked(folder, ("low = 1.0\nhigh = 50.0", "")),
    "already runs on this box": runs_already,
    "another program listens": taken,
    "chip ... is not there": lambda folder: checked(folder, ('[trigger]\ndriver = "plc"', GPIO)),
    "connection refused": refused,
    "no valid reply": silent,
    "address of '": lambda folder: checked(folder, ('"127.0.0.1"', '"plc.nowhere.invalid"')),
    "PLC_HEART stands still": lambda _: of_link(LinkFlag.CONNECTED),
    "the PLC has not taken": lambda _: of_link(ALIVE | LinkFlag.VERSION_OK),
    "the PLC expects map": lambda _: of_link(ALIVE, map_version=7),
    "MAGIC (D0)": lambda _: swapped(),
    "D0-D31 hold something": lambda _: told_of(range(7, 39)),
    "no trusted picture": lambda _: (
        headline(Seen(1, 1, Mode.SAFE, linked(ALIVE | LinkFlag.VERSION_OK | LinkFlag.SYNCED))).says
    ),
    "the line has said nothing": lambda _: headline(Seen(10**11, 1, Mode.FULL, linked(ALIVE))).says,
    "above the reject limit": lambda _: REASONS[Reason.ENGINE.name],
    "a rule measured": lambda _: REASONS[Reason.RULE.name],
    "a rule could not": lambda _: REASONS[Reason.RULE_BLIND.name],
    "the part came faster": lambda _: REASONS[Reason.OVERRATE.name],
    "NOT GOOD ENOUGH": lambda _: sentence({"escape": SIDE, "overkill": SIDE, "enough": False}, 4),
    "station.budget_ms": lambda folder: checked(
        folder, ("pitch_mm = 100", "pitch_mm = 100\nbudget_ms = 20")
    ),
    "the part is there after": lambda folder: checked(
        folder, ("pitch_mm = 100", "pitch_mm = 100\nspeed_mm_s = 1000\ndecision_distance_mm = 50")
    ),
    "this user may not schedule": lambda folder: " ".join(
        each.what for each in find(boxes.pc(folder)._replace(realtime=lambda: False), Needs()).lacks
    ),
    "open: No such file": lambda folder: checked(
        folder, (CAMERA, 'driver = "v4l2"\ndevice = "/dev/video99"\nexposure_us = 1000')
    ),
    "no such folder": lambda folder: checked(folder, (CAMERA, 'driver = "replay"\nfolder = "no"')),
    "has 16 bits": replayed,
    "is no PNG": replayed,
    "found none; is all": lambda folder: typed(
        "calibrate", station(folder), "top", "--board", "9x6", "--square-mm", "5"
    ),
    "is it running": lambda folder: typed("status", "--station", folder.name),
    "no such file, nor": lambda folder: typed("part", "4711", "--station", station(folder)),
    "keeps no log": lambda folder: typed("log", station(folder)),
    "records.images.folder": lambda folder: checked(
        folder, ("[records]", '[records.images]\nfolder = "/proc/pictures"\n[records]')
    ),
    "cannot be rehearsed": lambda folder: typed("rehearse", station(folder, RTU)),
    "no such device": lambda folder: checked(folder, RTU),
}


def swapped() -> str:
    """Our header as a PLC with the other order of bytes gives it."""
    words = [(word & 0xFF) << 8 | word >> 8 for word in pack_header(Header())]
    return told_of(words)


def told_of(words: Iterable[int]) -> str:
    """What is said of D0-D31 that are read before the first write."""
    found = standing(list(words))
    assert found.wrong
    return found.text


def pattern(symptom: str) -> re.Pattern[str]:
    """The words of the page; dots stand for anything within a line."""
    return re.compile(".*?".join(map(re.escape, symptom.split("..."))))


SYMPTOMS = [row[0] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]
ALONE = {"others may use it": open_to_others}  # needs an environment of its own


def tried(symptom: str) -> list[str]:
    """By which tries: by their first words."""
    return [words for words in (*TRIES, *ALONE) if symptom.startswith(words)]


def test_every_symptom_of_the_page_is_tried_and_no_other() -> None:
    """A row more needs a try more."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(SYMPTOMS) == len(re.findall(r"^\| `", text, re.MULTILINE))
    assert [len(tried(each)) for each in SYMPTOMS] == [1] * len(SYMPTOMS)
    assert len(SYMPTOMS) == len(TRIES) + len(ALONE)


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_symptom_appears_as_the_page_has_it(
    symptom: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made, not quoted."""
    if "chip" in symptom:
        pytest.importorskip("gpiod", reason="gpiod is not installed")
    (words,) = tried(symptom)
    alone = ALONE.get(words)
    said = TRIES[words](tmp_path) if alone is None else alone(tmp_path, monkeypatch)
    assert pattern(symptom).search(said), said


def test_numbers_of_the_page_exist() -> None:
    """Each is in the list of error codes."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    numbers = {number for row in rows for number in re.findall(r"GN\d{3}", row[2])}
    assert len(numbers) > 15
    assert numbers <= set(codes())
