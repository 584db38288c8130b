"""Limits into a station file and out of it again: the file as it was, or whole with the new ones.

Score limits of an engine, and the numbers of rules, alike.

    read -> a copy beside it -> the copy is loaded as a station file -> fsync -> rename

What is needed to take the last ones back lies beside it (`cell.toml.limits-undo`): the file as it
was, and the SHA-256 of the file as it was left. A file that was edited since is not touched.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.atomic_file import SYSTEM, fill, move, replace, settle
from gonogo.base.errors import LimitsNotApplied, NothingToUndo
from gonogo.config.limits_in_file import Place, with_limits
from gonogo.config.reader import read
from gonogo.config.rule_keys_in_file import with_rule_keys
from gonogo.ipc.last_good_file import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.base.atomic_file import Files
    from gonogo.base.scores import ScoreLimits
    from gonogo.config.rule_keys_in_file import RuleKeys

    Check = Callable[[Path], object]

Limits = dict[str, float | None]


class Change(NamedTuple):
    """A station file before and after; `old`, `new`: what it says itself of the limits of `place`.

    None where it leaves one to the card of the engine. `folder`: where its relative paths start,
    which is that of a link to it.
    """

    path: Path
    folder: Path
    place: Place
    before: bytes
    after: bytes
    old: Limits
    new: Limits


def planned(path: Path, place: Place, limits: ScoreLimits, old: Limits) -> Change:
    """What it would be; LimitsNotApplied, StationFileError where it cannot be."""
    new: Limits = {"recheck_above": limits.recheck_above, "reject_above": limits.reject_above}
    return _planned(path, place, lambda raw: with_limits(raw, place, limits), old, new)


def planned_rules(path: Path, view: str, rules: RuleKeys, old: RuleKeys) -> Change:
    """The same of numbers of the rules of a view; `old`: what the file says of them now."""
    place = Place(view, what="rules")
    return _planned(
        path, place, lambda raw: with_rule_keys(raw, view, rules), _flat(old), _flat(rules)
    )


def _planned(
    path: Path, place: Place, written: Callable[[bytes], bytes], old: Limits, new: Limits
) -> Change:
    folder, path = path.absolute().parent, path.resolve()  # a link stays a link
    before = read(path)
    return Change(path, folder, place, before, written(before), old, new)


def _flat(rules: RuleKeys) -> Limits:
    return {f"{rule}.{key}": value for rule, keys in rules.items() for key, value in keys.items()}


def apply(change: Change, check: Check, files: Files = SYSTEM) -> None:
    """Write it; LimitsNotApplied, or what `check` raises of the copy, leaves the file as it was."""
    told = {
        "view": change.place.view, "recipe": change.place.recipe, "what": change.place.what,
        "old": change.old, "new": change.new, "sha256": digest(change.after),
        "before": change.before.decode(),
    }  # fmt: skip
    with _written(change.path, change.before, change.after, check, files) as copy:
        # first: without it the change could not be taken back
        replace(undo_path(change.path), json.dumps(told, indent=1).encode(), files)
        move(copy, change.path, files)


def last(path: Path) -> Change:
    """The change that can be taken back, as what undoing it does; NothingToUndo says why none."""
    folder, path = path.absolute().parent, path.resolve()
    place, old, new, sha256, before = _told(path)
    now = read(path)
    if digest(now) != sha256:
        raise NothingToUndo(
            f"{path}: it was edited since limits were applied (its sha256 is {digest(now)[:12]}, "
            f"expected {sha256[:12]}), and what was edited would be lost: type the former limits "
            f"of {place} in by hand: {_as_typed(old)}"
        )
    return Change(path, folder, place, now, before, new, old)


def undo(change: Change, check: Check, files: Files = SYSTEM) -> None:
    """Write what `last` found, and forget it."""
    with _written(change.path, change.before, change.after, check, files) as copy:
        move(copy, change.path, files)
    undo_path(change.path).unlink(missing_ok=True)
    settle(change.path.parent, files)


def undo_path(station: Path) -> Path:
    """Where that lies which takes the last limits back."""
    return station.with_name(f"{station.name}.limits-undo")


@contextlib.contextmanager
def _written(path: Path, before: bytes, after: bytes, check: Check, files: Files) -> Any:  # noqa: ANN401 - an iterator of its path
    """A copy with the rights of the file, on the disk and checked; it goes where it is not used."""
    copy = path.with_name(f".{path.stem}.proposed{path.suffix}")
    try:
        fill(copy, (after,), files, os.O_TRUNC)
        as_owned(copy, path, files)
        check(copy)
        # at the last moment: an editor may have been at it meanwhile
        if read(path) != before:
            raise LimitsNotApplied(f"{path}: somebody has just edited it; it is as they left it")
        yield copy
    except OSError as error:
        raise LimitsNotApplied(
            f"{error.filename or path}: {error.strerror or error}; expected a folder that this "
            f"user may write, with free space; {path} is as it was"
        ) from error
    finally:
        copy.unlink(missing_ok=True)


def as_owned(copy: Path, path: Path, files: Files) -> None:
    """Who may read it stays so: a new file is for this user alone."""
    there = path.stat()
    with contextlib.suppress(PermissionError):
        os.chown(copy, there.st_uid, there.st_gid)
    copy.chmod(there.st_mode & 0o7777)
    fd = files.open(copy, os.O_RDONLY)
    try:
        files.fsync(fd)
    finally:
        files.close(fd)


def _told(path: Path) -> tuple[Place, Limits, Limits, str, bytes]:
    kept = undo_path(path)
    try:
        told = json.loads(kept.read_bytes())
        place = Place(str(told["view"]), int(told["recipe"]), str(told.get("what", "engine")))
        old, new = ({str(k): v for k, v in told[name].items()} for name in ("old", "new"))
        return place, old, new, str(told["sha256"]), str(told["before"]).encode()
    except FileNotFoundError:
        raise NothingToUndo(
            f"{path}: no limits were applied to it, or they were taken back already; those that "
            "came with a bundle go with it: gonogo swap rollback"
        ) from None
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise NothingToUndo(
            f"{kept}: it cannot be read ({error}); expected what was written when limits were "
            "applied; `gonogo audit` has the former limits, type them in by hand"
        ) from error


def _as_typed(limits: Limits) -> str:
    """As it stands in the file; a key that was not there is to go."""
    return ", ".join(
        f"{key} left out" if value is None else f"{key} = {value:g}"
        for key, value in limits.items()
    )
