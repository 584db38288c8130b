"""Which slot GRUB starts next, by the counters in its environment, and what changes them.

Pure: a dict of the block in, a dict of changes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("A", "B")


class Counters(NamedTuple):
    """ORDER, and of each slot whether it may be started, and whether it was begun already."""

    order: tuple[str, ...]
    ok: Mapping[str, bool]
    tried: Mapping[str, bool]

    @property
    def active(self) -> str | None:
        """The slot that GRUB starts next; None where neither may be started.

        Where all that may be started were begun already, GRUB clears that and takes the first.
        """
        fit = [name for name in self.order if self.ok[name]]
        fresh = [name for name in fit if not self.tried[name]]
        return next(iter([*fresh, *fit]), None)


def counters(env: Mapping[str, str]) -> Counters:
    """What the block says; a slot of which it says nothing may not be started, as GRUB has it."""
    named = [name for name in env.get("ORDER", "A B").split() if name in NAMES]
    order = tuple(dict.fromkeys([*named, *NAMES]))
    return Counters(
        order,
        {name: env.get(f"{name}_OK") == "1" for name in NAMES},
        {name: env.get(f"{name}_TRY", "0") != "0" for name in NAMES},
    )


def other(name: str) -> str:
    """The slot beside it."""
    return NAMES[1 - NAMES.index(name)]


def unfinished(name: str) -> dict[str, str]:
    """A slot that is being written may not be started: as RAUC marks one bad before it writes."""
    return {f"{name}_OK": "0", f"{name}_TRY": "0"}


def tried_once(name: str) -> dict[str, str]:
    """The slot is begun once; marked good by the box itself, else the other one comes back."""
    return {"ORDER": f"{name} {other(name)}", f"{name}_OK": "1", f"{name}_TRY": "0"}
