"""Score limits into the station file, and taken back: told in the trail before and after."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import LimitsNotApplied
from gonogo.config import limits_applying
from gonogo.config.limits_in_file import limits_in
from gonogo.config.station import load_station
from gonogo.console.limits.subject import subject_of
from gonogo.ipc.audit.change import changing
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.audit.who import who
from gonogo.ipc.last_good_file import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.thresholds import Thresholds
    from gonogo.config.limits_applying import Change
    from gonogo.console.limits.subject import Subject

WHEN = (
    "a station that runs judges by its former limits until it is started again: it reads its file "
    "at the start alone"
)


class Asking(NamedTuple):
    """Why limits are changed, and who wants it, as the audit trail has them."""

    why: str
    author: Callable[[], dict[str, Any]] = who


def planned(subject: Subject, limits: ScoreLimits) -> Change:
    """What the station file would be with them; LimitsNotApplied, StationFileError."""
    return limits_applying.planned(
        subject.file, subject.place, limits, limits_in(subject.view.engine)
    )


def apply_limits(change: Change, subject: Subject, of_them: Thresholds, asking: Asking) -> None:
    """Write what was planned; `of_them` is what is expected of the new limits. LimitsNotApplied."""
    told = {
        "expected": of_them.expected(), "how": of_them.how,
        "in force before": list(subject.in_force[:2]),  # also where they were the card's
    }  # fmt: skip
    with _told(change, "limits", told, asking):
        limits_applying.apply(change, lambda copy: _check(copy, change, subject))


def apply_rules(change: Change, asking: Asking) -> None:
    """Write numbers of rules that were planned; LimitsNotApplied."""
    with _told(change, "limits", {}, asking):
        limits_applying.apply(change, lambda copy: load_station(copy, change.folder))


def undo_limits(change: Change, asking: Asking) -> None:
    """Write what stood there before the last limits; LimitsNotApplied."""
    with _told(change, "limits undo", {}, asking):
        limits_applying.undo(change, lambda copy: load_station(copy, change.folder))


def diff_lines(change: Change) -> Iterator[str]:
    """What differs, as programmers know it."""
    old, new = (text.decode().splitlines() for text in (change.before, change.after))
    yield from difflib.unified_diff(old, new, str(change.path), "with the limits", lineterm="", n=2)


@contextmanager
def _told(change: Change, what: str, told: dict[str, Any], asking: Asking) -> Iterator[None]:
    """Between two rows of the audit trail."""
    where = {"file": change.path, "view": change.place.view, "recipe": change.place.recipe}
    old = {**where, **change.old, "sha256": digest(change.before)}
    new = {**where, **change.new, "sha256": digest(change.after), **told}
    records = load_station(change.path, change.folder).records.path
    trail = Trail(beside_records(records), author=asking.author)
    with changing(trail, Entry(what, "asked", old, new, asking.why)):
        yield


def _check(copy: Path, change: Change, subject: Subject) -> None:
    """The copy is a station file that is right, and judges by these limits."""
    limits = change.new["recheck_above"], change.new["reject_above"]
    found = subject_of(copy, change.place.view, change.place.recipe, folder=change.folder).in_force
    if found[:2] != limits:
        raise LimitsNotApplied(
            f"{subject.file}: with the new limits it would judge by {found[:2]}, expected "
            f"{limits}; type them in"
        )
