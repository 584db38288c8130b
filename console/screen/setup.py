"""What a technician looks at: the newest frame of a view in figures, master parts, what changed."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError, NoSuchPart
from gonogo.base.words import NS_PER_MS
from gonogo.config.key_changes import key_changes
from gonogo.config.reader import read
from gonogo.config.started_by import START, started_by
from gonogo.console.access.roles import Action
from gonogo.console.access.sign_in_trail import IN, OUT, REFUSED
from gonogo.console.screen.spoken import author
from gonogo.console.show.audit import in_lines
from gonogo.console.show.figures import figures_of, histograms
from gonogo.ipc.audit.change import changing
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.control_socket import ask
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.last_good_file import last_good, unmarked
from gonogo.ipc.master_part import MasterPartView, Phase, said
from gonogo.records.pictures.ring import RingReader

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.console.screen.access import Person
    from gonogo.console.screen.desk import Sender
    from gonogo.console.screen.shown import Behind
    from gonogo.ipc.audit.row import Row
    from gonogo.ipc.master_part import PlaceView, Request

BINS = 64  # of a histogram, four grey levels each
ROWS = 50  # of the audit trail
# what people said of parts, and that they came and went: the station judges as before
NO_CHANGE = frozenset({"disposition", IN, OUT, REFUSED})
BACK = "back"  # asked for in place of a part: the request is taken back
_SHARE = 0.01  # of what is said in percent


class Setup:
    """Of one station. Each call reads memory or files."""

    def __init__(self, behind: Behind) -> None:
        self._behind, self._plan = behind, behind.plan

    def view(self, number: int) -> dict[str, Any]:
        """The newest frame of a view in figures; NoSuchPart where there is none now.

        Shares are of 1; `focus` compares one setting of the lens with another of the same scene.
        """
        entry = self._behind.watcher.newest
        look = next((each for each in entry.looks if each.view == number), None) if entry else None
        pixels = None
        if entry is not None and look is not None and look.generation:
            plan = self._plan
            geometry = plan.views[number].geometry
            ring = FrameRing.attach(plan.station, number, geometry, read_only=True)
            with closing(RingReader(ring)) as reader:
                copied = reader.take(look, entry.part.serial)
            pixels = None if copied is None else copied.pixels
        if entry is None or pixels is None:
            raise NoSuchPart(f"view {self._plan.views[number].name}: no frame of it is there now")
        age_ms = (time.monotonic_ns() - entry.part.trigger_ns) // NS_PER_MS
        where = {"run": self._behind.watcher.now.run, "serial": entry.part.serial}
        return {**where, "part_id": entry.part.part_id, "age_ms": age_ms, **in_figures(pixels)}

    def golden(self) -> dict[str, Any]:
        """Master parts: whether parts may pass, what was shown when, and what is under way."""
        now_ns = time.monotonic_ns()
        with closing(MasterPartView.attach(self._plan.station)) as memory:
            request = memory.request
            places = [
                {"part": part.name.lower(), **_place(place, now_ns)}
                for part, place in memory.places.items()
            ]
            left_ms = max(memory.until_ns - now_ns, 0) // NS_PER_MS
            why = said(request.why, memory.reason)
        return {"places": places, "request": _request(request, left_ms, why)}

    def show_golden(self, part: str, sender: Sender) -> int:
        """As the console's `golden`: the number of the request, 0 of one that is taken back."""
        trail = Trail(beside_records(self._plan.records), author=author(*sender))
        if part == BACK:
            with changing(trail, Entry("master part taken back", "asked")):
                ask(self._plan.station, do="master-part-back")
            return 0
        with changing(trail, Entry("master part", "asked", None, part)) as change:
            number: int = ask(self._plan.station, do="master-part", part=part)["number"]
            change.new = {"part": part, "number": number}
        return number

    def changes(self, person: Person) -> dict[str, Any]:
        """What was changed since the station last came up, and what differs in its file since.

        The start before that is among them: what was new in its file. Who it was is for those who
        may see the audit trail.
        """
        trail = Trail(beside_records(self._plan.records))
        names = Action.SEE_AUDIT in person.may
        try:
            file = started_by(self._plan.station, trail)
            differs, why = _differs(file), ""
        except GonogoError as error:
            file, differs, why = None, None, str(error.args[0])
        rows = [_row(row, names=names) for row in since_it_worked(trail.path)]
        name = None if file is None else str(file)
        return {"file": name, "differs": differs, "why": why, "rows": rows}


def in_figures(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Of a frame, uint8 H x W (x 3, BGR): figures, and a histogram of BINS for each channel."""
    found = figures_of(pixels)
    counts = histograms(pixels).reshape(-1, BINS, 256 // BINS).sum(axis=2)
    return {
        "height_px": pixels.shape[0], "width_px": pixels.shape[1],
        "mean": found.mean, "contrast": found.contrast, "focus": found.focus,
        "saturated": _SHARE * found.saturated_pct, "black": _SHARE * found.black_pct,
        "histogram": counts.tolist(),
    }  # fmt: skip


def since_it_worked(trail: Path) -> list[Row]:
    """Rows since the station last came up, the newest first, and the start that came up then."""
    rows = rows_backwards(trail)
    newer = takewhile(lambda row: not (row.what == START and row.state == "done"), rows)
    found = list(islice((row for row in newer if row.what not in NO_CHANGE), ROWS))
    began = next((row for row in rows if row.what == START), None) if len(found) < ROWS else None
    return [*found, began] if began is not None else found


def _differs(file: Path) -> list[list[Any]] | None:
    """Key, old and new value of what is not as it was when the station last came up.

    None where no file of that time is kept.
    """
    kept = last_good(file)
    if not kept.is_file():
        return None
    with suppress(ValueError):  # edited until it is no TOML: said by whoever reads it
        changed = key_changes(unmarked(kept, read(kept)), read(file))
        return [[key, *pair] for key, pair in changed.items()]
    return [["", None, "no TOML"]]


def _row(row: Row, *, names: bool) -> dict[str, Any]:
    who = str(row.who.get("login", "?")) if names else ""
    _, *lines = in_lines(row, "")
    return {"at": row.at, "what": row.what, "state": row.state, "who": who, "lines": lines}


def _place(place: PlaceView, now_ns: int) -> dict[str, Any]:
    passed, due = place.passed_ns, place.due_ns
    return {
        "gate": place.gate.name,
        "passed_age_ms": (now_ns - passed) // NS_PER_MS if passed else None,
        "due_ms": (due - now_ns) // NS_PER_MS if due else None,
    }  # fmt: skip


def _request(request: Request, left_ms: int, why: str) -> dict[str, Any] | None:
    if not request.number:
        return None
    left = left_ms if request.phase is Phase.ARMED else None
    return {
        "number": request.number, "part": request.part.name.lower(), "phase": request.phase.name,
        "why": why, "ended": request.ended, "left_ms": left,
    }  # fmt: skip
