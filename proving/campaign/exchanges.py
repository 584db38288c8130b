"""Engines of a running station exchanged, and everything that may go wrong with that.

What must not happen ends the campaign: a bundle taken that no station may take.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import BundleTooLarge, ControlError, ProcessFailed
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.control_socket import ask
from gonogo.proving.campaign.bundles import BLIND, HUNGRY, NAME, OTHER, Damage

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

PATIENCE_S = 60.0
POLL_S = 0.02
LOADING_S = 2.0  # within which most of what may be struck happens
SWAPPED_S = 0.5  # and here: most of the checks


class Exchanges:
    """Asks the loader of a station, as a technician would; `strike` shows a fault of that kind."""

    def __init__(
        self, station: str, folder: Path, rng: random.Random, strike: Callable[[str], object]
    ) -> None:
        self._station, self._rng, self._strike = station, rng, strike
        self._installed = folder / NAME / OTHER / "bundle.gng"
        self._good = self._installed.read_bytes()
        self._damage = Damage(folder.parent, rng)

    def wrong(self) -> None:
        """Load what was damaged, or signed by nobody we know; or is exchanged while it is read."""
        if self._rng.random() < 1 / 4:
            self._exchanged_while_read()
            return
        self._put(self._damage.of(self._good))
        self._expect_refusal(self._load(OTHER))
        self._put(self._good)

    def _exchanged_while_read(self) -> None:
        """Either the sound one is loaded, or nothing; a stranger's has other limits."""
        ticket = self._ask("load", name=NAME, version=OTHER, shadow=0, keep=False)["ticket"]
        time.sleep(self._rng.uniform(0.0, SWAPPED_S))
        self._put(self._damage.of_a_stranger())
        outcome = self._outcome(ticket)
        places = self._ask("status")["places"]
        self._put(self._good)
        if any(its["reject_above"] == BLIND for place in places for its in place["limits"]):
            raise ProcessFailed("a bundle was exchanged while it was read, and was taken")
        self._leave(outcome)

    def hungry(self) -> None:
        """Load what takes more memory than it says."""
        self._expect_refusal(self._load(HUNGRY), BundleTooLarge.code)

    def struck(self, kind: str) -> None:
        """A fault at a random moment while an engine is loaded beside the one that judges."""
        self._ask("load", name=NAME, version=OTHER, shadow=0, keep=False)
        time.sleep(self._rng.uniform(0.0, LOADING_S))
        self._strike(kind)
        self._idle()

    def swap(self) -> None:
        """The other version judges, and then the former one again."""
        for do, keys in (
            ("load", {"name": NAME, "version": OTHER, "shadow": 0, "keep": False}),
            ("activate", {"without_shadow": True}),
            ("rollback", {}),
        ):
            outcome = self._outcome(self._ask(do, **keys)["ticket"])
            if outcome["number"]:
                raise ProcessFailed(f"engine {do}: {outcome['text']}")
        self._idle()

    # -- the loader --------------------------------------------------------------------

    def _ask(self, do: str, **keys: object) -> dict[str, Any]:
        return ask(self._station, purpose=PURPOSE, do=do, **keys)

    def _load(self, version: str) -> dict[str, Any]:
        ticket = self._ask("load", name=NAME, version=version, shadow=0, keep=False)["ticket"]
        return self._outcome(ticket)

    def _outcome(self, ticket: int) -> dict[str, Any]:
        """How what was asked for ended."""

        def found() -> dict[str, Any] | None:
            outcome: dict[str, Any] | None = self._ask("status")["outcome"]
            return outcome if outcome is not None and outcome["ticket"] == ticket else None

        outcome: dict[str, Any] = _until(found)
        return outcome

    def _expect_refusal(self, outcome: dict[str, Any], number: int | None = None) -> None:
        if outcome["number"] not in ([number] if number else range(1, 1000)):
            raise ProcessFailed(f"expected a refusal, got GN{outcome['number']} {outcome['text']}")
        self._idle()

    def _leave(self, outcome: dict[str, Any]) -> None:
        """Unload what was loaded."""
        if not outcome["number"]:
            self._ask("unload")
        self._idle()

    def _idle(self) -> None:
        """Wait until nothing is under way; the loader itself may be gone for a while."""

        def idle() -> bool:
            with contextlib.suppress(ControlError):
                step = self._ask("status")["step"]
                if step == "reported":
                    self._ask("unload")
                return bool(step == "idle")
            return False

        _until(idle)

    def _put(self, content: bytes) -> None:
        """Another file in its place, from one moment to the next."""
        new = self._installed.with_name("new")
        new.write_bytes(content)
        new.replace(self._installed)


def _until(found: Callable[[], Any]) -> Any:  # noqa: ANN401 - of the caller
    end_s = time.monotonic() + PATIENCE_S
    while not (value := found()):
        if time.monotonic() > end_s:
            raise ProcessFailed(f"the loader did not come to an end within {PATIENCE_S:g} s")
        time.sleep(POLL_S)
    return value
