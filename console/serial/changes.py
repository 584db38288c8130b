"""Commands that change something: the same requests that the command line makes, in the same trail.

None of them waits for what it has begun: `engine list` and `status` show what becomes of it.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import GonogoError
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.table import Answer
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc import lots
from gonogo.ipc.audit.change import changing, told
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.audit.who import who
from gonogo.ipc.control_socket import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from gonogo.console.serial.table import At
    from gonogo.ipc.audit.change import Change

_NS_PER_S = 1e9


def audited(
    at: At,
    what: str,
    new: Any = None,  # noqa: ANN401 - what a row can hold
    old: Any = None,  # noqa: ANN401 - as above
) -> AbstractContextManager[Change]:
    """Tell the station's trail of a change, in the name of who is at the console."""
    trail = Trail(trail_of(records_of(at)), author=lambda: author(at))
    return changing(trail, Entry(what, "asked", old, new, at.why))


class Lasting:
    """A change that takes its time: told before it begins, and once how it ended."""

    def __init__(self, at: At, what: str, new: dict[str, Any]) -> None:
        self._trail = Trail(trail_of(records_of(at)), author=lambda: author(at))
        self._entry = Entry(what, "done", None, new)
        row = told(self._trail, self._entry._replace(state="asked", why=at.why))
        self._entry = self._entry._replace(asked=None if row is None else row.number)
        self._over = False

    def ended(self, problem: str) -> None:
        """'' for well; what is said after the first time is not heard."""
        if self._over:
            return
        self._over = True
        failed = {"asked": self._entry.new, "error": problem}
        entry = self._entry._replace(state="failed", new=failed) if problem else self._entry
        told(self._trail, entry)


def author(at: At) -> dict[str, Any]:
    """The person by their account, and where from, beside the process that acts."""
    person = {"account": at.who.name, "role": at.who.role, "way": at.way, "from": at.port}
    return who() | person


def engine_activate(at: At, _: Sequence[str]) -> Answer:
    """What was loaded and compared judges from the next part on."""
    return _swap(at, "activate", without_shadow=False)


def engine_activate_without_shadow(at: At, _: Sequence[str]) -> Answer:
    """The same of what nobody has compared enough."""
    return _swap(at, "activate", without_shadow=True)


def engine_rollback(at: At, given: Sequence[str]) -> Answer:
    """The former version judges again."""
    return _swap(at, "rollback", name=given[0] if given else None)


def _swap(at: At, do: str, **request: object) -> Answer:
    with audited(at, f"engine {do}", request, _judging(at)) as change:
        ticket = ask(at.station, purpose=PURPOSE, do=do, **request)["ticket"]
        change.new = {**request, "ticket": ticket}
    return Answer(["begun; 'engine list' shows how it ends"], {"ticket": ticket})


def _judging(at: At) -> dict[str, Any] | None:
    # for the trail alone: a loader that does not answer says so when it is asked in earnest
    with contextlib.suppress(GonogoError):
        places = ask(at.station, purpose=PURPOSE, do="status")["places"]
        return {"judges": [each["holds"] for each in places if each["role"] == "active"]}
    return None


def golden_good(at: At, _: Sequence[str]) -> Answer:
    """The next part is one that is known to be good."""
    return _golden(at, "good")


def golden_bad(at: At, _: Sequence[str]) -> Answer:
    """The next part is one that is known to be bad."""
    return _golden(at, "bad")


def _golden(at: At, part: str) -> Answer:
    with audited(at, "master part", part) as change:
        number = ask(at.station, do="master-part", part=part)["number"]
        change.new = {"part": part, "number": number}
    return Answer([f"show the known {part} part now; 'status' says more"], {"number": number})


def golden_cancel(at: At, _: Sequence[str]) -> Answer:
    """The next part is one like any other."""
    with audited(at, "master part taken back"):
        ask(at.station, do="master-part-back")
    return Answer(["taken back: the next part is one like any other"], {})


def acknowledge(at: At, _: Sequence[str]) -> Answer:
    """What was left alone is tried again."""
    with audited(at, "acknowledge") as change:
        latched = change.new = ask(at.station, do="acknowledge")["latched"]
    said = f"tried again: {', '.join(latched)}" if latched else "nothing was left alone"
    return Answer([said], {"latched": latched})


def lot_begin(at: At, given: Sequence[str]) -> Answer:
    """Parts from now on are of that lot."""
    return _lot(at, lots.fit(" ".join(given)))


def lot_end(at: At, _: Sequence[str]) -> Answer:
    """Parts from now on are of none."""
    return _lot(at, None)


def _lot(at: At, name: str | None) -> Answer:
    path = lots.beside_records(records_of(at))
    marks = lots.read_marks(path)
    before = marks[-1].lot if marks else None
    with audited(at, "lot", {"lot": name}, {"lot": before}) as change:
        mark = lots.begin(path, name)
        change.new = {"lot": name, "from_ns": mark.at_ns}
    # said when it is so: whoever reads it may let the first part go
    time.sleep(max(mark.at_ns - time.monotonic_ns(), 0) / _NS_PER_S)
    return Answer([f"lot {name} from now on" if name else "no lot from now on"], {"lot": name})


def note(at: At, given: Sequence[str]) -> Answer:
    """What was done by hand, into the trail."""
    trail = Trail(trail_of(records_of(at)), author=lambda: author(at))
    row = trail.append(Entry("note", "noted", why=" ".join(given)))
    return Answer([f"row {row.number}: {row.why}"], {"row": row.number})
