"""Two devices on the words of one block: it finds out by itself, rejects, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.plc.map import BOX_AT, OBJECTION_AT, SESSION_AT
from gonogo.tests.plc.blockhand import Hand
from gonogo.tests.plc.plant import BLOCKS, unit
from gonogo.tests.st.text import load

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = (BLOCKS / "FB_GoNoGo.st").read_text(encoding="utf-8")
TWO = 19
OURS, OTHER = 1111, 2222
QUIET = 205  # scans, a little more than two seconds


def station(box: int = OURS) -> Hand:
    """A line in step with a station that says its BOX_ID."""
    hand = Hand(unit())
    hand.words[BOX_AT] = box
    return hand.start()


def shows(hand: Hand, scans: int = 1, **words: int) -> None:
    """The other device's words stand there for so many scans, then ours again for one."""
    ours = hand.words[:]
    for name, value in words.items():
        hand.words[int(name[1:])] = value
    hand.scan(scans)
    heart = hand.words[2]
    hand.words = ours
    hand.words[2] = heart
    hand.scan()


def standing(hand: Hand) -> bool:
    """Whether the alarm of two devices is up, and says so before every other."""
    up: bool = hand.block["axAlarm"][TWO - 1]
    if up:
        assert (hand.block["uiAlarm"], hand.block["sAlarm"]) == (TWO, "another device writes here")
    return up


@pytest.mark.parametrize(
    "words",
    [{f"D{BOX_AT}": OTHER}, {f"D{BOX_AT}": 0, f"D{SESSION_AT}": 99}, {f"D{OBJECTION_AT}": OTHER}],
    ids=["another station", "one without an identity", "an objection"],
)
def test_block_finds_two_devices_within_few_scans(words: dict[str, int]) -> None:
    """Words that go back and forth, or an objection that is overwritten again and again."""
    hand = station()
    shows(hand, **words)
    assert not standing(hand)
    shows(hand, **words)
    shows(hand, **words)
    assert standing(hand)
    assert not hand.block["xReady"]


def test_block_finds_two_stations_that_give_no_identity() -> None:
    """Then SESSION_ID goes back and forth."""
    hand = station(box=0)
    for _ in range(3):
        shows(hand, **{f"D{SESSION_AT}": 99})
    assert standing(hand)


def test_part_with_the_accept_of_either_device_is_ejected() -> None:
    """A verdict that was believed a moment ago counts no more at the ejector."""
    hand = station()
    hand.record(hand.part())
    hand.scan(3)
    for _ in range(3):
        shows(hand, **{f"D{BOX_AT}": OTHER})
    assert not hand.passes()
    hand.record(hand.part())
    assert not hand.passes()


def test_alarm_is_cleared_only_when_the_other_device_is_gone() -> None:
    """Pressed too early it stays; two quiet seconds later it goes, and parts pass again."""
    hand = station()
    for _ in range(3):
        shows(hand, **{f"D{BOX_AT}": OTHER})
    hand.scan(2, xClearFault=True)
    assert standing(hand)
    hand.scan(QUIET, xClearFault=False)
    assert standing(hand)
    hand.scan(2, xClearFault=True)
    assert not standing(hand)
    hand.record(hand.part())
    assert hand.passes()


def _line_takes_over(hand: Hand) -> None:
    """A late write of the line that was killed comes after the first one of its heir."""
    hand.words[SESSION_AT] += 1
    hand.scan()
    shows(hand, **{f"D{SESSION_AT}": hand.words[SESSION_AT] - 1})


def _station_starts_anew(hand: Hand) -> None:
    hand.words[BOX_AT] += 7
    hand.words[SESSION_AT] += 1000
    hand.scan(3)


def _memory_is_lost(hand: Hand) -> None:
    ours, hand.words = hand.words, [0] * 96
    hand.scan()
    hand.words = ours
    hand.scan(3)


def _leftover(hand: Hand) -> None:
    """An objection to a station that is gone stands there for long."""
    shows(hand, 50, **{f"D{OBJECTION_AT}": OTHER})


@pytest.mark.parametrize(
    "play", [_line_takes_over, _station_starts_anew, _memory_is_lost, _leftover]
)
@pytest.mark.parametrize("box", [OURS, 0])
def test_block_takes_no_restart_for_a_second_device(play: Callable[[Hand], None], box: int) -> None:
    """Eight of them, six seconds apart."""
    hand = station(box)
    for _ in range(8):
        play(hand)
        assert not standing(hand)
        hand.scan(600)
    assert not standing(hand)


def test_second_device_is_no_matter_of_words_that_are_none() -> None:
    """Without MAGIC nothing is said of who writes."""
    hand = station()
    for _ in range(20):
        shows(hand, D0=0, **{f"D{BOX_AT}": OTHER})
    assert not standing(hand)


def _believes(hand: Hand) -> bool:
    """Whether a part passes whose ACCEPT was read before the other device showed up."""
    hand.record(hand.part())
    hand.scan(3)
    for _ in range(3):
        shows(hand, **{f"D{BOX_AT}": OTHER})
    return hand.passes()


def _forgets(hand: Hand) -> bool:
    """Whether the alarm goes while the other device is there."""
    for _ in range(3):
        shows(hand, **{f"D{BOX_AT}": OTHER})
    hand.scan(2, xClearFault=True)
    return not hand.block["axAlarm"][TWO - 1]


@pytest.mark.parametrize(
    ("old", "new", "slips"),
    [
        ("AND NOT xTwo AND", "AND", _believes),
        ("uiSigns >= SIGNS", "uiSigns > 99", _believes),
        ("xTwo := xTwo AND uiSignAge <= QUIET_MS", "xTwo := FALSE", _forgets),
    ],
    ids=["permit", "signs", "clear"],
)
def test_guard_against_a_second_device_left_out_is_noticed(
    old: str, new: str, slips: Callable[[Hand], bool]
) -> None:
    """The block as it ships does neither; without a guard it does."""
    assert TEXT.count(old) == 1
    for text, expected in ((TEXT, False), (TEXT.replace(old, new), True)):
        hand = Hand(load(text)["fb_gonogo"])
        hand.words[BOX_AT] = OURS
        assert slips(hand.start()) is expected
