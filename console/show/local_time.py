"""Times as the clock on the wall of this box shows them."""

from __future__ import annotations

from datetime import datetime, timezone


def local(wall_ms: int) -> str:
    """Day and time to the millisecond, with the zone's distance from UTC."""
    then = datetime.fromtimestamp(wall_ms // 1000, timezone.utc).astimezone()
    whole = then.replace(microsecond=wall_ms % 1000 * 1000)
    return whole.isoformat(" ", timespec="milliseconds")
