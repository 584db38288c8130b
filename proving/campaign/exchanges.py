"""Engines of a running station exchanged, and everything that may go wrong with that.

What must not happen ends the campaign: a bundle taken that no station may take.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import BundleTooLarge, ProcessFailed
from gonogo.proving.campaign.bundles import HUNGRY, NAME, OTHER, UNREACHED, Damage
from gonogo.proving.campaign.loader import Loader

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

LOADING_S = 2.0  # within which most of what may be struck happens
SWAPPED_S = 0.5  # and here: most of the checks


class Exchanges:
    """What a technician may do to engines, and what may befall it, one method a row.

    `strike` shows a fault of that kind.
    """

    def __init__(
        self, station: str, folder: Path, rng: random.Random, strike: Callable[[str], object]
    ) -> None:
        self._loader, self._rng, self._strike = Loader(station), rng, strike
        self._installed = folder / NAME / OTHER / "bundle.gng"
        self._good = self._installed.read_bytes()
        self._damage = Damage(folder.parent, rng)

    def wrong(self) -> None:
        """Load what was damaged, or signed by nobody we know; or is exchanged while it is read."""
        if self._rng.random() < 1 / 4:
            self._exchanged_while_read()
            return
        self._put(self._damage.of(self._good))
        self._loader.expect_refusal(OTHER)
        self._put(self._good)

    def _exchanged_while_read(self) -> None:
        """Either the sound one is loaded, or nothing; a stranger's has other limits."""
        ticket = self._loader.begin(OTHER)
        time.sleep(self._rng.uniform(0.0, SWAPPED_S))
        self._put(self._damage.of_a_stranger())
        outcome = self._loader.outcome(ticket)
        places = self._loader.ask("status")["places"]
        self._put(self._good)
        # the stranger's limits are the proof: its engine would otherwise look like ours
        if any(its["reject_above"] == UNREACHED for place in places for its in place["limits"]):
            raise ProcessFailed("a bundle was exchanged while it was read, and was taken")
        if not outcome["number"]:
            self._loader.ask("unload")
        self._loader.wait_idle()

    def hungry(self) -> None:
        """Load what takes more memory than it says."""
        self._loader.expect_refusal(HUNGRY, BundleTooLarge.code)

    def struck(self, kind: str) -> None:
        """A fault at a random moment while an engine is loaded beside the one that judges."""
        self._loader.begin(OTHER)
        time.sleep(self._rng.uniform(0.0, LOADING_S))
        self._strike(kind)
        self._loader.wait_idle()

    def swap(self) -> None:
        """The other version judges, and then the former one again."""
        for do, keys in (
            ("load", {"name": NAME, "version": OTHER, "shadow": 0, "keep": False}),
            ("activate", {"without_shadow": True}),
            ("rollback", {}),
        ):
            outcome = self._loader.outcome(self._loader.ask(do, **keys)["ticket"])
            if outcome["number"]:
                raise ProcessFailed(f"engine {do}: {outcome['text']}")
        self._loader.wait_idle()

    def _put(self, content: bytes) -> None:
        """Another file in its place, from one moment to the next."""
        new = self._installed.with_name("new")
        new.write_bytes(content)
        new.replace(self._installed)  # who has the old one open goes on reading the old one
