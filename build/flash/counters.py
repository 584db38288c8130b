"""Which slot GRUB starts next, by the counters in its environment, and what changes them.

As packaging/box/grub/grub.cfg has it: each start costs a slot one of its TRIES, and only a box that
is found healthy gets them back. Pure: a dict of the block in, a dict of changes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("A", "B")
TRIES = 3


class Counters(NamedTuple):
    """ORDER; of each slot whether it may be started, and how often it was and was not healthy."""

    order: tuple[str, ...]
    ok: Mapping[str, bool]
    begun: Mapping[str, int]

    @property
    def active(self) -> str:
        """The slot that GRUB starts next.

        Where no slot has a try left, all counts begin anew. Where neither may be started, the one
        that was last told to come first is: a box that starts nothing helps nobody.
        """
        fit = [name for name in self.order if self.ok.get(name)]
        left = [name for name in fit if self.begun[name] != TRIES]
        first = "B" if self.order in (("B", "A"), ("B",)) else "A"
        return next(iter([*left, *fit]), first)


def counters(env: Mapping[str, str]) -> Counters:
    """What the block says; of what it does not say GRUB has defaults."""
    return Counters(
        tuple(env.get("ORDER", "A B").split()),
        {name: env.get(f"{name}_OK", "1") == "1" for name in NAMES},
        {name: _count(env.get(f"{name}_TRY", "0")) for name in NAMES},
    )


def _count(said: str) -> int:
    return int(said) if said in {"1", "2", "3"} else 0


def other(name: str) -> str:
    """The slot beside it."""
    return NAMES[1 - NAMES.index(name)]


def unfinished(name: str) -> dict[str, str]:
    """A slot that is being written may not be started: as RAUC marks one bad before it writes."""
    return {f"{name}_OK": "0", f"{name}_TRY": "0"}


def on_trial(name: str) -> dict[str, str]:
    """The slot starts next, TRIES times; marked good by the box itself, else the other is back."""
    return {"ORDER": f"{name} {other(name)}", f"{name}_OK": "1", f"{name}_TRY": "0"}
