"""jetson-stats (jtop), where somebody has installed it: its temperatures beside those of sysfs.

It is under the AGPL-3.0 and no part of this product: loaded here alone, in the process that
watches the board and by `gonogo check`, and only if it is there. It needs its own service
(jtop.service), which may be away, of another version, or end at any time; then what sysfs says is
all there is.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from gonogo.base.errors import JetsonStatsSilent
from gonogo.drivers.board.reading import BoardReading, Zone
from gonogo.drivers.board.thermal import plausible_c

if TYPE_CHECKING:
    from collections.abc import Callable

AGAIN_S = 60.0  # a service that is away is asked for that often
INTERVAL_S = 1.0


def installed() -> Any:  # noqa: ANN401 - a package of others, without types
    """The module; None where it is not there. Whatever else it raises when loaded comes through."""
    try:
        return importlib.import_module("jtop")
    except ModuleNotFoundError as error:
        if error.name != "jtop":  # it is there, and lacks something
            raise
        return None


class JetsonStats:
    """A client of its service; `load` brings the module, or None without one."""

    def __init__(self, load: Callable[[], Any] = installed) -> None:
        self._load = load
        self._client: Any = None
        self._next_s = 0.0
        self.absent = False  # not installed: nothing to ask again

    def add_to(self, reading: BoardReading, now_s: float) -> BoardReading:
        """The reading with the zones that sysfs does not have; JetsonStatsSilent, once a minute.

        After that it is the reading as it was, until the service is asked again.
        """
        if self.absent or (self._client is None and now_s < self._next_s):
            return reading
        try:
            found = self._zones()
        # of a package of others, and of multiprocessing behind it: anything
        except Exception as error:  # noqa: BLE001
            self._give_up(error, now_s)
        known = {zone.name.removesuffix("-thermal").lower() for zone in reading.zones}
        more = tuple(zone for zone in found if zone.name.lower() not in known)
        return reading._replace(
            zones=reading.zones + tuple(each._replace(name=f"jtop {each.name}") for each in more)
        )

    def close(self) -> None:
        """Let go of the service; idempotent."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # it is not asked any more, whatever it says
                client.close()

    def _zones(self) -> list[Zone]:
        if self._client is None:
            module = self._load()
            if module is None:
                self.absent = True
                return []
            client = module.jtop(interval=INTERVAL_S)
            client.start()
            self._client = client
        if not self._client.ok(spin=True):
            raise ConnectionError("it has stopped")
        return [Zone(str(name), _degrees(its)) for name, its in self._client.temperature.items()]

    def _give_up(self, error: Exception, now_s: float) -> NoReturn:
        self.close()
        self._next_s = now_s + AGAIN_S
        said = " ".join(str(error).split()) or type(error).__name__
        raise JetsonStatsSilent(
            f"jetson-stats is installed and does not answer ({said}); expected its service: "
            "`sudo systemctl status jtop.service`; sysfs is read all the same, or say "
            'jetson_stats = "never" in [board]'
        ) from error


def _degrees(its: Any) -> float | None:  # noqa: ANN401 - as its versions have it
    """A number in older versions, {"temp": .., "online": ..} from 4.2 on; -256 is a dead sensor."""
    if isinstance(its, dict):
        its = its.get("temp") if its.get("online", True) else None
    return plausible_c(float(its)) if isinstance(its, (int, float)) else None
