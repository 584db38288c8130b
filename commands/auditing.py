"""What commands tell the audit trail: in which one, who asked, and why."""

from __future__ import annotations

import contextlib
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.base.errors import GonogoError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.config.station import Station
    from gonogo.ipc.audit.change import Change
    from gonogo.ipc.audit.trail import Trail

_WHY = "gonogo.why"


def _remember(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    ctx.meta[_WHY] = value or ""


# kept by the context, so that no command has one parameter more for it
why = click.option(
    "--why", expose_value=False, callback=_remember, help="the reason, for the audit trail"
)


@contextmanager
def audited(trail: Trail | None, what: str, new: Any = None, old: Any = None) -> Iterator[Change]:  # noqa: ANN401 - what a row can hold
    """Tell of a change before it takes effect and after, with the reason that was typed."""
    from gonogo.ipc.audit.change import changing
    from gonogo.ipc.audit.row import Entry

    with changing(trail, Entry(what, "asked", old, new, given_why())) as change:
        yield change


def given_why() -> str:
    """The reason that was typed; "" for none."""
    given: str = click.get_current_context().meta.get(_WHY, "")
    return given


def of_station(station: Station) -> Trail:
    """That of a station file."""
    from gonogo.ipc.audit.files import beside_records
    from gonogo.ipc.audit.trail import Trail

    return Trail(beside_records(station.records.path))


def of_running(name: str) -> Trail | None:
    """That of a running station; None where none runs, of which nothing can be changed."""
    from gonogo.ipc.audit.files import beside_records
    from gonogo.ipc.audit.trail import Trail

    path = records_of(name)
    return None if path is None else Trail(beside_records(path))


def records_of(name: str) -> Path | None:
    """Where a running station keeps its records, as its journal says; None where none runs."""
    from gonogo.ipc.journal import JournalView

    with contextlib.suppress(GonogoError, LookupError, ValueError, TypeError):
        journal = JournalView.attach(name)
        try:
            return Path(json.loads(journal.about)["path"])
        finally:
            journal.close()
    return None


def of_engines(root: Path) -> Trail | None:
    """That of a folder of installed engines; None where there is no such folder."""
    from gonogo.ipc.audit.files import in_engines
    from gonogo.ipc.audit.trail import Trail

    return Trail(in_engines(root)) if root.is_dir() else None


def digest_of(path: Path) -> str | None:
    """SHA-256 of a file that a change replaces; None where there is none."""
    import hashlib

    with contextlib.suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return None
