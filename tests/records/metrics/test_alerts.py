"""The alerts on the box: quiet where all is well, and each says its condition in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import FaultBit, Mode
from gonogo.ipc.board_health import Heat
from gonogo.records.metrics.alerts import ALERTS, BEHIND, CHARTS_BEHIND, LOW_BYTES, found, low
from gonogo.records.metrics.standing import Disk, DriftStanding, RowStanding
from gonogo.tests.records.metrics.made import GB, WELL

if TYPE_CHECKING:
    from gonogo.records.metrics.standing import Standing

LINE, RECORDS, BOARD = WELL.line, WELL.records, WELL.board
DRIFT = DriftStanding(alarms=0, waiting=0, odd=0, views={})


def names(standing: Standing) -> dict[str, str]:
    """What holds, by name."""
    return {alert.name: words for alert, words in found(standing)}


def test_found_is_nothing_where_all_is_well() -> None:
    """Also where nothing is known: no board, no disk, no line yet."""
    assert names(WELL) == {}
    unknown = WELL._replace(
        disk=None, drift=None, board=BOARD._replace(heat=None), line=LINE._replace(alive_age_s=None)
    )
    assert names(unknown) == {}


@pytest.mark.parametrize(
    ("standing", "name", "words"),
    [
        (WELL._replace(line=LINE._replace(mode=Mode.SAFE)), "GonogoNotFull", "stands on SAFE"),
        (WELL._replace(line=LINE._replace(alive_age_s=7.0)), "GonogoLineSilent", "for 7 s"),
        (WELL._replace(line=LINE._replace(faults=FaultBit.LINK)), "GonogoLinkDown", "no PLC"),
        (
            WELL._replace(line=LINE._replace(faults=FaultBit.CAMERA | FaultBit.CONFIG)),
            "GonogoFault",
            "camera, config",
        ),
        (
            WELL._replace(records=RECORDS._replace(waiting=BEHIND + 1)),
            "GonogoRecordsBehind",
            f"{BEHIND + 1} entries wait",
        ),
        (WELL._replace(records=RECORDS._replace(lost=3)), "GonogoRecordsLost", "3 entries"),
        (WELL._replace(records=RECORDS._replace(asides=1)), "GonogoMonthSetAside", "1 damaged"),
        (WELL._replace(disk=Disk(10**8, 200 * GB)), "GonogoDiskLow", "100 MB are free"),
        (WELL._replace(board=BOARD._replace(heat=Heat.WARM)), "GonogoHot", "warm, 51.5 degC"),
        (WELL._replace(drift=DRIFT._replace(alarms=2)), "GonogoDrift", "2 charts of drift"),
        (
            WELL._replace(drift=DRIFT._replace(waiting=CHARTS_BEHIND)),
            "GonogoDriftBehind",
            f"{CHARTS_BEHIND} parts wait",
        ),
        (
            WELL._replace(rows=(RowStanding("board", lives=False, starts=4),)),
            "GonogoProcessDown",
            "not running: board",
        ),
    ],
)
def test_found_says_what_holds(standing: Standing, name: str, words: str) -> None:
    """That and nothing else."""
    (only,) = names(standing).items()
    assert only[0] == name
    assert words in only[1]


def test_found_leaves_bits_alone_that_have_an_alert_of_their_own() -> None:
    """A warm box is told once; waiting for what a fifth of the journal holds is no alert."""
    bits = FaultBit.TEMPERATURE | FaultBit.DISK | FaultBit.DRIFT
    assert names(WELL._replace(line=LINE._replace(faults=bits))) == {}
    assert names(WELL._replace(records=RECORDS._replace(waiting=BEHIND))) == {}


@pytest.mark.parametrize(
    ("disk", "is_low"),
    [
        (Disk(LOW_BYTES - 1, 200 * GB), True),
        (Disk(LOW_BYTES, 200 * GB), False),
        (Disk(60_000, 1_000_000), False),  # a small one: by its share
        (Disk(49_999, 1_000_000), True),
    ],
)
def test_low_is_by_bytes_and_on_a_small_disk_by_its_share(disk: Disk, *, is_low: bool) -> None:
    """Whichever is less: a small disk that is half empty is no alarm."""
    assert low(disk) is is_low


def test_alerts_have_names_of_their_own() -> None:
    """Pages and rules are found by them."""
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)
