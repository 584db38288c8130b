"""A scene whose station judges by a model file, with parts that passed it, as a review wants them.

Import as `gonogo.tests.console.screen.reviewed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.config.started_by import START
from gonogo.console.access.roles import Action
from gonogo.console.screen.access import AUDIT, SAY, SEE, Asker, Person
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.console.screen.scene import Scene

OPERATOR = frozenset({SEE, SAY, AUDIT})
ALL = OPERATOR | {each.value for each in Action}


class Roles:
    """Everybody is who a header says: the boss may all, ann what an operator may, others see."""

    def person(self, asker: Asker) -> Person:
        """By that header."""
        name = asker.headers.get("x-who", "nobody")
        may = {"boss": ALL, "ann": OPERATOR, "blind": frozenset[str]()}
        return Person(name, frozenset(may.get(name, {SEE})))


class Everybody:
    """Whoever comes is the boss."""

    def person(self, asker: Asker) -> Person:
        """From wherever."""
        assert asker.headers
        return Person("boss", frozenset(ALL))


def started(scene: Scene, file: Path) -> None:
    """The scene is of the station of that file, and has its records beside it."""
    scene.records = file.parent / "parts.sqlite"
    told = {"file": str(file.absolute())}
    Trail(beside_records(scene.records)).append(Entry(START, "asked", None, told))
