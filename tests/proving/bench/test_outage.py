"""What the PLC saw of an outage, from its own changes of the permit."""

from __future__ import annotations

import pytest

from gonogo.proving.bench.outage import NEVER_NS, NS_PER_MS, Gap, gap_of, in_outage
from gonogo.proving.campaign.rows import ROWS
from gonogo.proving.campaign.run import Shot
from gonogo.tests.fakes import entry_of

KNOWN = {row.name: row for row in ROWS}
START_NS = 10**12


def at(ms: float) -> int:
    """So long after the fault."""
    return START_NS + round(ms * NS_PER_MS)


def shot(name: str = "plc-silent") -> Shot:
    """A fault at the start; a silence lasts 700 ms."""
    return Shot(KNOWN[name], START_NS, 0, 0, 0)


def test_gap_counts_the_way_back_from_the_peer_s_return() -> None:
    """Off 300 ms after the fault, back 150 ms after the silence was over."""
    changes = [(at(-500), True), (at(300), False), (at(850), True)]
    assert gap_of(shot(), at(5000), changes) == Gap(300.0, 150.0)


def test_gap_of_a_permit_that_was_back_first_is_no_time() -> None:
    """A reset is over at once; what is back before that has not been away for less than nothing."""
    changes = [(at(300), False), (at(650), True)]
    assert gap_of(shot(), at(5000), changes) == Gap(300.0, 0.0)


def test_gap_is_none_where_no_scan_saw_it() -> None:
    """The permit went before, or with the next outage."""
    changes = [(at(-100), False), (at(-50), True), (at(2000), False)]
    assert gap_of(shot(), at(1900), changes) is None


def test_gap_that_never_ends_meets_no_limit() -> None:
    """As long as anything may be."""
    found = gap_of(shot(), at(5000), [(at(300), False)])
    assert found is not None
    assert found.back_ms > NEVER_NS / NS_PER_MS / 2


@pytest.mark.parametrize(
    ("name", "at_ms", "inside"),
    [
        ("plc-silent", -1, False),
        ("plc-silent", 0, True),
        ("plc-silent", 699, True),
        ("plc-silent", 701, False),
        ("plc-reset", 199, True),
        ("plc-reset", 201, False),
    ],
)
def test_cycle_is_in_an_outage_while_it_lasts(
    name: str,
    at_ms: float,
    inside: bool,  # noqa: FBT001 - a parameter
) -> None:
    """By the part's trigger."""
    entry = entry_of(1)
    entry = entry._replace(part=entry.part._replace(trigger_ns=at(at_ms)))
    assert in_outage(entry, [shot(name)]) is inside
