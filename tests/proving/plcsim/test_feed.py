"""Where parts come from, asked scan by scan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.proving.plcsim.feed import DeviceFeed, Moment, PlcFeed
from gonogo.proving.plcsim.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

MS = 1_000_000


def plan(**keys: Any) -> Plan:  # noqa: ANN401 - whatever a plan takes
    """Pitch 100 ms, scan 10 ms."""
    settings = {"journal": Path("unused"), "parts": 3, "pitch_ms": 100, "budget_ms": 50}
    return Plan.model_validate(settings | keys)


def fed(
    feed: PlcFeed, times_ms: Iterable[int], *, permit: bool = True, first: int = 1
) -> list[int]:
    """The moments, in ms, at which a part came."""
    came: list[int] = []
    for at_ms in times_ms:
        moment = Moment(first + len(came), permit, None, at_ms * MS)
        if feed.next_part(moment) is not None:
            came.append(at_ms)
    return came


def test_plc_feed_takes_the_scan_nearest_to_its_grid() -> None:
    """Scans that are 4 ms early or late shift no part by a whole scan, and none comes too many."""
    assert fed(PlcFeed(plan()), (0, 10, 96, 106, 204, 214, 300)) == [0, 96, 204]


def test_plc_feed_brings_nothing_without_a_permit_or_beyond_the_plan() -> None:
    """With feed "always" the first part still waits for one."""
    assert fed(PlcFeed(plan()), range(0, 500, 10), permit=False) == []
    always = plan(feed="always")
    assert fed(PlcFeed(always), range(0, 500, 10), permit=False) == []
    assert fed(PlcFeed(always), range(0, 500, 10), permit=False, first=2) == [0, 100]
    assert fed(PlcFeed(plan()), range(0, 900, 10)) == [0, 100, 200]


def test_plc_feed_keeps_its_ids_in_a_reboot_unless_told_otherwise() -> None:
    """The next part may come at once in both cases."""
    for restart, part_id in ((False, 8), (True, 7)):
        feed = PlcFeed(plan(first_id=7))
        assert feed.next_part(Moment(1, permit=True, last_part=None, now_ns=0)) == 7
        feed.power_up(ids_restart=restart)
        assert feed.next_part(Moment(2, permit=True, last_part=None, now_ns=10 * MS)) == part_id


def test_device_feed_takes_each_change_of_d15_for_a_part() -> None:
    """But for what it shows when the session begins, and for 0, which is never an id."""
    feed = DeviceFeed()
    shown = (None, 4, 4, 5, 5, 0, 6, None, 6)
    moments = [Moment(1, permit=False, last_part=last, now_ns=0) for last in shown]
    came = [feed.next_part(moment) for moment in moments[:7]]
    assert came == [None, None, None, 5, None, None, 6]
    feed.power_up(ids_restart=True)
    assert [feed.next_part(moment) for moment in moments[7:]] == [None, None]
