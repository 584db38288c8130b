"""A change that is told in the audit trail before it takes effect, and again once it has."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import AuditNotWritten
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.audit.row import Entry, Row
    from gonogo.ipc.audit.trail import Trail

log = get_logger(__name__)


class Change:
    """What a change has made: `new` may be set once it is known better than when it was asked."""

    def __init__(self, new: Any) -> None:  # noqa: ANN401 - what a row can hold
        self.new = new


@contextmanager
def changing(trail: Trail | None, entry: Entry) -> Iterator[Change]:
    """Tell that it is asked for, then how it ended: done, or failed with the error's own words.

    Without a trail nothing is told. A row that cannot be written stops no change: a station must
    be able to go back to its former engine on a full disk. That is said aloud instead.
    """
    asked = told(trail, entry._replace(state="asked"))
    change = Change(entry.new)
    number = None if asked is None else asked.number
    # who asked is the same in both rows, and why
    ended = entry._replace(why="", asked=number)
    try:
        yield change
    except BaseException as error:
        if _is_failure(error):
            new = {"asked": change.new, "error": _in_words(error)}
            told(trail, ended._replace(state="failed", new=new))
        else:
            told(trail, ended._replace(state="done", new=change.new))
        raise
    told(trail, ended._replace(state="done", new=change.new))


def told(trail: Trail | None, entry: Entry) -> Row | None:
    """Write a row; None where it could not be, which is said aloud and stops nothing."""
    if trail is None:
        return None
    try:
        return trail.append(entry)
    except AuditNotWritten as error:
        log.error("audit_not_written", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
        return None


def _is_failure(error: BaseException) -> bool:
    """Whatever is raised, but an ordered end of the program."""
    return not (isinstance(error, SystemExit) and not error.code)


def _in_words(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"exit code {error.code}"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted: whether it took effect is not known here"
    return str(error) or type(error).__name__
