"""What a look at the box gives: something that is wrong, or something that is as it should be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.procfs import read

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.errors import GonogoError
    from gonogo.commands.board.box import Box
    from gonogo.config.station import Station


class Ill(NamedTuple):
    """One thing that is wrong.

    `kind`: whose number it has in docs/error-codes.md. `what`: what, where, and what was expected;
    `means`: what becomes of the line by it. `commands` mend it; none where no command does.
    `stops`: no part is judged as long as it is so.
    """

    area: str
    kind: type[GonogoError]
    what: str
    means: str
    commands: tuple[str, ...] = ()
    stops: bool = False

    @property
    def line(self) -> str:
        """For a person, with all of it."""
        do = f"; do: {' && '.join(self.commands)}" if self.commands else ""
        mark = "STOPS" if self.stops else "WRONG"
        return f"{mark}  {self.area}: GN{self.kind.code}: {self.what}; {self.means}{do}"


class Fine(NamedTuple):
    """One thing that was looked at and is right."""

    area: str
    what: str

    @property
    def line(self) -> str:
        """For a person."""
        return f"fine   {self.area}: {self.what}"


Looked = Iterator[Ill | Fine]


def has_capability(number: int) -> bool:
    """Whether this process has a capability now (proc(5), CapEff)."""
    for line in read(os.getpid(), "status").splitlines():
        name, _, value = line.partition(":")
        if name == "CapEff":
            return bool(int(value, 16) >> number & 1)
    return False


class Scene(NamedTuple):
    """What is looked at: the box, and the station of a file where one was named.

    `stat_fs` says how full the disk of a folder is (statvfs(3)); `holds` whether the process that
    asks has a capability, by its number (capabilities(7)).
    """

    box: Box
    station: Station | None = None
    stat_fs: Callable[[Path], os.statvfs_result] = os.statvfs
    holds: Callable[[int], bool] = has_capability
