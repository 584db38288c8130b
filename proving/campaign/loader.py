"""The loader of a running station, asked over its socket as a technician's console asks it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ControlError, ProcessFailed
from gonogo.engines.loading.process import PURPOSE
from gonogo.ipc.control_socket import ask
from gonogo.proving.campaign.bundles import NAME

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60.0
POLL_S = 0.02


class Loader:
    """Orders, and their ends; ProcessFailed where one does not end as it must."""

    def __init__(self, station: str) -> None:
        self._station = station

    def ask(self, do: str, **keys: object) -> dict[str, Any]:
        """One order, and what is said to it at once; what comes of it takes longer."""
        return ask(self._station, purpose=PURPOSE, do=do, **keys)

    def begin(self, version: str) -> int:
        """Begin to load that version, which is not to judge by itself; the order's ticket."""
        found = self.ask("load", name=NAME, version=version, shadow=0, keep=False)
        return int(found["ticket"])

    def outcome(self, ticket: int) -> dict[str, Any]:
        """How what was asked for ended."""

        def found() -> dict[str, Any] | None:
            outcome: dict[str, Any] | None = self.ask("status")["outcome"]
            # an older order's end stands there until this one has its own
            return outcome if outcome is not None and outcome["ticket"] == ticket else None

        outcome: dict[str, Any] = _until(found)
        return outcome

    def expect_refusal(self, version: str, number: int | None = None) -> None:
        """Load what must not be taken; `number`: refused with that error, any by default."""
        outcome = self.outcome(self.begin(version))
        if outcome["number"] not in ([number] if number else range(1, 1000)):
            raise ProcessFailed(f"expected a refusal, got GN{outcome['number']} {outcome['text']}")
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until nothing is under way; the loader itself may be gone for a while."""

        def idle() -> bool:
            with contextlib.suppress(ControlError):
                step = self.ask("status")["step"]
                # loaded, reported and waiting for a person: nobody here wants it to judge
                if step == "reported":
                    self.ask("unload")
                return bool(step == "idle")
            return False

        _until(idle)


def _until(found: Callable[[], Any]) -> Any:  # noqa: ANN401 - of the caller
    end_s = time.monotonic() + PATIENCE_S
    while not (value := found()):
        if time.monotonic() > end_s:
            raise ProcessFailed(f"the loader did not come to an end within {PATIENCE_S:g} s")
        time.sleep(POLL_S)
    return value
