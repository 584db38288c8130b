"""Commands that change the station file: a candidate, and a commit that wants to be confirmed.

    configure -> set, delete -> diff -> commit confirm 120 -> commit

`set` and its like change nothing but the candidate, which is of this session alone.
"""

from __future__ import annotations

import contextlib
import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import (
    ChangeNotLive,
    ChangeNotWritten,
    ChangeTakenBack,
    CommandDenied,
    CommandUnknown,
    GonogoError,
    StationFileError,
)
from gonogo.base.secret_words import without_secrets
from gonogo.config.live_keys import retold
from gonogo.config.trying import keep, put
from gonogo.console.serial.changes import audited
from gonogo.console.serial.light import learnt_before, lights_of, refuse_beyond, tell_log
from gonogo.console.serial.light import on_trial as waited_for
from gonogo.console.serial.reads import records_of, whole
from gonogo.console.serial.table import Answer
from gonogo.console.serial.trying import on_trial
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.control_socket import LINE_BYTES, ask
from gonogo.ipc.last_good_file import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.config.candidate import Candidate
    from gonogo.console.serial.table import At

LEAST_S, USUAL_S, MOST_S = 10, 120, 3600
SET_STATION, SET_CAMERA = "set-station", "set-camera"  # as the table of roles calls them


def configure(at: At, _: Sequence[str]) -> Answer:
    """Open the station file."""
    candidate = at.bench.candidate = _opened(at)
    return Answer(
        [
            "the station file is open; 'commit confirm' puts what you set in force",
            f"  {candidate.path}",
        ],
        {"file": str(candidate.path), "sha256": candidate.sha256},
    )


def set_key(at: At, given: Sequence[str]) -> Answer:
    """One value of the candidate."""
    candidate = _candidate(at)
    candidate.set(given[0], " ".join(given[1:]))
    return _differs(candidate)


def delete_key(at: At, given: Sequence[str]) -> Answer:
    """One key less."""
    candidate = _candidate(at)
    candidate.delete(given[0])
    return _differs(candidate)


def show(at: At, _: Sequence[str]) -> Answer:
    """All of the candidate, or of the station file where nobody configures."""
    candidate = at.bench.candidate or _opened(at)
    text = without_secrets(candidate.raw.decode())
    return Answer(text.splitlines(), text)


def diff(at: At, _: Sequence[str]) -> Answer:
    """What differs, and what is wrong with it."""
    candidate = _candidate(at)
    found = _differs(candidate)
    try:
        candidate.station()
    except StationFileError as error:
        return Answer([*found.lines, *str(error.args[0]).split("\n")], found.value)
    return found


def discard(at: At, _: Sequence[str]) -> Answer:
    """The candidate is none any more."""
    at.bench.candidate = None
    return Answer(["left out; nothing was changed"], {})


def commit_confirm(at: At, given: Sequence[str]) -> Answer:
    """On trial for so many seconds."""
    for_s = whole(given[0], LEAST_S, MOST_S) if given else USUAL_S
    candidate = _candidate(at)
    new, changes = candidate.station(), _changes(candidate)
    rows, lights = retold(candidate.old, new, changes), lights_of(new, changes)
    refuse_beyond(at.station, new, lights)
    learnt = learnt_before(candidate.old, lights)
    with audited(at, "station file on trial", _as_row(candidate, 1), _as_row(candidate, 0)):
        needs = SET_CAMERA if len(lights) == len(changes) else SET_STATION
        at.bench.trial = _try(at, candidate, {"rows": rows, "for_s": for_s}, needs)
    tell_log(lights, new, learnt)
    keeps = (
        f"on trial for {for_s} s, in {', '.join(rows) or 'no process'}: 'commit' keeps it; else "
        "the old values come back then, at once when the cable goes, and at every start"
    )
    lines = [keeps, *_of_port(candidate, changes), *learnt]
    value = {"id": at.bench.trial, "for_s": for_s, "rows": sorted(rows), "learnt": learnt}
    return waited_for(at, new, lights, Answer(lines, value))


def commit(at: At, _: Sequence[str]) -> Answer:
    """What is on trial is the station file."""
    found = _waiting(at)
    told, fresh = found["told"], Path(found["file"])
    path, before = Path(told["file"]), str(told["sha256"])
    with audited(at, "station file kept", {"file": str(path)}, {"sha256": before}) as change:
        keep(path, fresh, before)
        change.new = {"file": str(path), "sha256": digest(path.read_bytes())}
        # what has no answer finds out for itself: the file on trial is not there any more
        with contextlib.suppress(GonogoError):
            ask(at.station, do="keep", id=found["id"])
    at.bench.trial, at.bench.candidate = "", None
    return Answer([f"{path}: kept"], change.new)


def commit_take_back(at: At, _: Sequence[str]) -> Answer:
    """The old values, now."""
    found = _waiting(at)
    with audited(at, "station file taken back", None, {"file": found["told"].get("file")}):
        ask(at.station, do="take-back", id=found["id"], why=at.why or f"by {at.who.name}")
    at.bench.trial = ""
    return Answer(["taken back: the old values are in force in a moment"], {})


def commit_at_next_start(at: At, _: Sequence[str]) -> Answer:
    """Written, and read by whoever starts the station."""
    if on_trial(at) is not None:
        raise ChangeNotWritten("a change waits to be confirmed: `commit` or `commit take-back` it")
    candidate = _candidate(at)
    candidate.station()
    with audited(at, "station file written", _as_row(candidate, 1), _as_row(candidate, 0)):
        fresh = put(candidate.path, candidate.raw)
        try:
            keep(candidate.path, fresh, candidate.sha256)
        finally:
            fresh.unlink(missing_ok=True)
    at.bench.candidate = None
    return Answer([f"{candidate.path}: written; it holds from the station's next start on"], {})


def _waiting(at: At) -> dict[str, Any]:
    """The change on trial, if who asks may decide on it; ChangeTakenBack, CommandDenied."""
    found = on_trial(at)
    if found is None:
        raise ChangeTakenBack("nothing is on trial: the values in force are the old ones")
    needs = str(found["told"].get("needs", SET_STATION))
    if not at.may(needs):
        raise CommandDenied(f"what is on trial: the role '{at.who.role}' may not ({needs})")
    return found


def _try(at: At, candidate: Candidate, wanted: dict[str, Any], needs: str) -> str:
    """Have the supervisor begin; its file is there if that has worked, and else it is not."""
    who = {"account": at.who.name, "role": at.who.role, "way": at.way, "from": at.port}
    told = {
        "who": who, "trail": str(trail_of(records_of(at))),
        "file": str(candidate.path), "sha256": candidate.sha256, "needs": needs,
    }  # fmt: skip
    if len(json.dumps([wanted, told])) > LINE_BYTES // 2:
        raise ChangeNotLive("so much is not changed at once: commit it in parts")
    fresh = put(candidate.path, candidate.raw)
    try:
        ask(
            at.station, do="try", id=fresh.name, file=str(fresh), in_place=str(candidate.path),
            sha256=digest(candidate.raw), told=told, **wanted,
        )  # fmt: skip
    except GonogoError:
        fresh.unlink(missing_ok=True)
        raise
    return fresh.name


def _of_port(candidate: Candidate, changes: dict[str, list[Any]]) -> list[str]:
    """What a terminal has to do at a port whose settings change under it."""
    old, new = candidate.old.console, candidate.station().console
    if old is None or new is None or not {"console.baud", "console.device"} & changes.keys():
        return []
    return [
        f"in 2 s THIS PORT goes on at {new.baud} baud, {new.device}:",
        "  set the terminal to that, sign in, and 'commit' there;",
        f"  else it comes back at {old.baud} baud, {old.device}",
    ]


def _differs(candidate: Candidate) -> Answer:
    changes = candidate.changes()
    lines = [f"{key}: {_said(old)} -> {_said(new)}" for key, (old, new) in changes.items()]
    return Answer(lines or ["nothing differs from the station file"], changes)


def _said(value: Any) -> str:  # noqa: ANN401 - a TOML value
    return "(not there)" if value is None else json.dumps(value, default=str)


def _changes(candidate: Candidate) -> dict[str, list[Any]]:
    found = candidate.changes()
    if not found:
        raise CommandUnknown("nothing differs from the station file: there is nothing to commit")
    return found


def _as_row(candidate: Candidate, side: int) -> dict[str, Any]:
    """One side of the change, for the trail: 0 what it was, 1 what it becomes."""
    values = {key: both[side] for key, both in candidate.changes().items()}
    raw = (candidate.before, candidate.raw)[side]
    return {"file": str(candidate.path), "sha256": digest(raw), "keys": values}


def _candidate(at: At) -> Candidate:
    if at.bench.candidate is None:
        raise CommandUnknown("nothing is being changed: expected `configure` first")
    return at.bench.candidate


def _opened(at: At) -> Candidate:
    # late: it knows the whole station file, which the process is spared until somebody configures
    module = import_module("gonogo.config.candidate")
    found: Candidate = module.Candidate(_file(at))
    return found


def _file(at: At) -> Path:
    if at.file is None:
        raise StationFileError(
            f"station '{at.station}': by which station file it runs is not known here; expected "
            "one that was started with `gonogo run FILE`"
        )
    return at.file
