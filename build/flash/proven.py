"""The last step of a flash: what the station says of itself, or what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import StationSilent, StationUnhealthy
from gonogo.build.flash.health import wait_for_health

if TYPE_CHECKING:
    from gonogo.build.flash.means import Means
    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.report import Report, Steps


class Claim(NamedTuple):
    """What is on the disk by now, the version that should inspect, and what happens if not."""

    so_far: str
    version: str
    back: str


def proven(asked: Asked, means: Means, report: Report, steps: Steps, claim: Claim) -> str:
    """The step, and the end of the flash; StationUnhealthy, StationSilent."""
    steps.begin("health")
    if asked.no_reboot or asked.station is None:
        steps.end("not asked")
        return (
            f"{claim.so_far}. The station judges itself at its first start. Not proven here: "
            f"that it starts and inspects; where it does not, it {claim.back}"
        )
    station = means.station(asked.station)
    try:
        found = wait_for_health(
            station, claim.version, asked.patience_s,
            lambda says: report.drawn(f"health: {says}"), clock=means.clock,
        )  # fmt: skip
    except (StationUnhealthy, StationSilent):
        steps.end("not healthy")
        raise
    finally:
        station.close()
    steps.end(f"{found.word}: {found.says}")
    return f"done: the station inspects with {claim.version}"
