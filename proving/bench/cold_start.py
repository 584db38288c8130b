"""From the start of the service to the first verdict, over the load of the engine alone.

A start is `gonogo run STATION` as a unit starts it, until the PLC (simulated) has acknowledged the
first part that was judged with the engine. The PLC triggers: a part comes with the first scan
that sees the permit, and one every PITCH_MS after it, so that no part is waited for. Its camera
has its one picture in a file: what a simulated camera draws is no part of a start.

The control of each start is the engine's load alone (gonogo.proving.bench.engine_load), right
before it. Before each of both the program's files are dropped from memory (posix_fadvise(2)), of
which the kernel keeps those pages that a process has mapped; what was read from the disk stands
in the note.
"""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import tomlkit

from gonogo.base.realtime import permitted
from gonogo.base.words import Mode
from gonogo.config.station import Station
from gonogo.drivers.cameras.synthetic import render_good
from gonogo.ipc.journal import JournalReader, JournalView
from gonogo.ipc.journal_records import VerdictEntry
from gonogo.launch.process_rows import supervisor_plan
from gonogo.proving.bench.engine_load import Loaded
from gonogo.proving.bench.rows import Row
from gonogo.proving.bench.station import HEIGHT_PX, WIDTH_PX, bench_station
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gonogo.proving.plcsim.row import Row as JudgedPart

NAMES = ("cold_start_first_verdict",)
STARTS, OVER_S = 7, 2.0
PITCH_MS = 50.0
PARTS = 10_000_000  # never reached
PATIENCE_S, LOOK_S, STOP_S = 120.0, 0.1, 30.0
NS_PER_S, INBLOCK_BYTES = 1e9, 512  # getrusage(2)
PACKAGE = Path(__file__).resolve().parents[2]
_RUN = "from gonogo.commands.cli import main; main()"


class NoVerdict(RuntimeError):
    """A start without a figure."""


class Start(NamedTuple):
    """Seconds to the first verdict with the engine and to the first at all; MB from the disk."""

    full_s: float
    any_s: float
    read_mb: float


class Alone(NamedTuple):
    """Seconds of the engine's load alone, of these for the choice; MB from the disk."""

    load_s: float
    choice_s: float
    read_mb: float
    backend: str


def measure(starts: int = STARTS) -> list[Row]:
    """The one row; two minutes."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        folder = Path(name)
        station = cold_station(folder)
        found = [(alone(station, folder), start(station, folder)) for _ in range(1 + starts)]
    # the first turn compiles what was never imported, as an installation does
    return [row_of([each for each, _ in found[1:]], [each for _, each in found[1:]])]


def row_of(loads: Sequence[Alone], starts: Sequence[Start]) -> Row:
    """The medians' difference over what it may be, with all that it was reckoned of."""
    load_s = [each.load_s for each in loads]
    full_s = [each.full_s for each in starts]
    note = (
        f"{len(starts)} starts: to the first verdict with the engine {_spread(full_s)}, the first "
        f"at all {_spread([each.any_s for each in starts])}; the engine alone {_spread(load_s)} "
        f"({loads[-1].backend}; {_spread([each.choice_s for each in loads])} of it to choose); "
        f"parts every {PITCH_MS:g} ms; from the disk {_mb(starts)} a start, {_mb(loads)} a load; "
        f"{permitted()}; what it may be stands as the control"
    )
    over_s = statistics.median(full_s) - statistics.median(load_s)
    return Row(NAMES[0], over_s, OVER_S, "lower", "s", 1.0, note)


def _spread(found_s: Sequence[float]) -> str:
    return f"{statistics.median(found_s):.2f} s ({min(found_s):.2f} to {max(found_s):.2f})"


def _mb(found: Sequence[Start] | Sequence[Alone]) -> str:
    return f"{statistics.median(each.read_mb for each in found):.0f} MB"


def cold_station(folder: Path) -> Station:
    """That of the other rows, with one picture for a camera."""
    station = bench_station(folder, "plc")
    (picture,) = render_good(station.view[0].camera, 1)  # type: ignore[arg-type]  # it is synthetic
    shown = folder / "shown" / "good"
    shown.mkdir(parents=True)
    cv2.imwrite(str(shown / "1.png"), picture)
    fields = station.model_dump(mode="json", exclude_unset=True)
    fields["view"][0]["camera"] = {
        "driver": "replay",
        "folder": str(shown.parent),
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
    }
    (folder / "station.toml").write_text(tomlkit.dumps(fields), encoding="utf-8")
    return Station.model_validate(fields)


# -- cold, and what was read because of it ---------------------------------------------------


def forget(folders: Iterable[Path]) -> None:
    """Drop what is in memory of the files below, but for what a process has mapped."""
    os.sync()  # what is not on the disk yet cannot be dropped
    for folder in folders:
        for at, _, names in os.walk(folder):
            for name in names:
                # a link to nothing, a pipe, a file of somebody else: no part of a start
                with contextlib.suppress(OSError):
                    _forget(f"{at}/{name}")


def _forget(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def program_folders() -> list[Path]:
    """Where the program, its packages and Python itself lie."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = {Path(sysconfig.get_path(name)).resolve() for name in names} | _code()
    # once, though one lies in another
    return [each for each in found if not any(other in each.parents for other in found)]


def _code() -> set[Path]:
    """The package's own folders: beside it lie other things where it is a checkout."""
    return {each for each in PACKAGE.iterdir() if (each / "__init__.py").is_file()}


def _read_bytes() -> int:
    """From the disk, by programs that were started here and have ended, and by those they began."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock * INBLOCK_BYTES


# -- the two sides ---------------------------------------------------------------------------


def alone(station: Station, folder: Path) -> Alone:
    """The engine's load, cold."""
    told = next(row.argument for row in supervisor_plan(station).rows if row.name == "engine A")
    forget([*program_folders(), folder])
    before, began_ns = _read_bytes(), time.monotonic_ns()
    command = [sys.executable, "-I", "-m", "gonogo.proving.bench.engine_load", told]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = Loaded.of(said)
    return Alone(
        (found.warm_ns - began_ns) / NS_PER_S,
        (found.chosen_ns - found.imported_ns) / NS_PER_S,
        (_read_bytes() - before) / 1e6,
        found.backend,
    )


def start(station: Station, folder: Path) -> Start:
    """The service's, cold; NoVerdict where none comes."""
    journal = folder / "plc.jsonl"
    with simulator(simulator_plan(station, PARTS, journal, pitch_ms=PITCH_MS)):
        forget([*program_folders(), folder])
        before, began_ns = _read_bytes(), time.monotonic_ns()
        with _service(folder / "station.toml") as process:
            full_ns, any_ns = _firsts(process, station.station.name, journal)
        read = _read_bytes() - before
    return Start((full_ns - began_ns) / NS_PER_S, (any_ns - began_ns) / NS_PER_S, read / 1e6)


@contextmanager
def _service(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-I", "-c", _RUN, "run", str(file)]
    # its messages are of no use here, but for those of a start that fails
    with (
        (file.parent / "log").open("wb") as log,
        subprocess.Popen(command, stderr=log) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _firsts(process: subprocess.Popen[bytes], station: str, journal: Path) -> tuple[int, int]:
    """When the PLC acknowledged the first part with the engine, and the first at all."""
    end_s = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end_s:
        time.sleep(LOOK_S)
        acked = [each for each in judge(journal).rows if each.acked_ns]
        if acked:
            reader = JournalReader(JournalView.attach(station))
            full_ns = first_full_ns(acked, [e for e in reader if isinstance(e, VerdictEntry)])
            if full_ns:
                return full_ns, min(each.acked_ns for each in acked)
    log = (journal.parent / "log").read_text(encoding="utf-8", errors="replace")
    raise NoVerdict(f"no part was judged with the engine within {PATIENCE_S:.0f} s:\n{log}")


def first_full_ns(acked: Sequence[JudgedPart], entries: Sequence[VerdictEntry]) -> int:
    """When the first part was acknowledged that the station judged in mode FULL; 0 for none."""
    full = {
        each.part.part_id for each in entries if each.mode is Mode.FULL and None not in each.scores
    }
    return min((each.acked_ns for each in acked if each.part_id in full), default=0)
