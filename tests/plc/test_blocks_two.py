"""Two devices on the words of one block: it finds out by itself, rejects, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import NS_PER_MS
from gonogo.plc.handshake.handshake import render
from gonogo.plc.handshake.state import Connected, Polled, Strangers, first_state
from gonogo.plc.register_map import BOX_AT, D_WORDS, OBJECTION_AT, SESSION_AT
from gonogo.plc.transports.transport import Inputs
from gonogo.tests.plc.blockhand import Hand
from gonogo.tests.plc.plant import BLOCKS, Plant, Station, unit
from gonogo.tests.st.text import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from gonogo.base.words import TriggerEvent
    from gonogo.plc.handshake.state import Event
    from gonogo.tests.plc.plantbelt import Belt
    from gonogo.tests.st.machine import Unit

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


class One(Station):
    """One of two stations on a PLC: it judges well, or passes everything, and never notices."""

    def __init__(self, random: Random, box: int, *, all_good: bool) -> None:
        super().__init__(random, 1)
        self.state = first_state(random.randint(1, 65535), box=box)
        self.all_good = all_good

    def tell(self, event: Event) -> tuple[TriggerEvent, ...]:
        """Give one event to a handshake of the kind that knew of no second device."""
        pulses = super().tell(event)
        fresh = Strangers(box=self.state.strangers.box)
        self.state = self.state._replace(latched=0, strangers=fresh)
        return pulses

    def read(self, words: Sequence[int], since_ms: int, now_ms: int, belt: Belt) -> None:
        """What the PLC says, which may be of the other one's parts, too."""
        inputs = Inputs(tuple(words), since_ms * NS_PER_MS, now_ms * NS_PER_MS)
        for pulse in self.tell(Polled(inputs)):
            good = self.all_good or belt.named(pulse.part_id).good
            self.results.append((now_ms + self.random.randint(10, 90), pulse, good))


class Shared(Plant):
    """A line whose block gets the words of two stations; the second one comes later."""

    def __init__(self, seed: int, boxes: tuple[int, int], block: Unit) -> None:
        super().__init__(seed, block=block)
        self.station = One(self.random, boxes[0], all_good=False)
        self.second: One | None = None
        self._box = boxes[1]
        self._read_ms = 0

    def comes(self) -> None:
        """The second station is switched on."""
        self.second = One(self.random, self._box, all_good=True)
        self.second.tell(Connected(self.now_ms * NS_PER_MS))

    def _poll(self) -> None:
        if self.random.random() < 0.5:
            super()._poll()
        if self.second is not None and self.random.random() < 0.5:
            self.second.work(self.now_ms)
            self._write(render(self.second.state).words, D_WORDS)
            self.second.read(self.block["auiP"], self._read_ms, self.now_ms, self.belt)
            self._read_ms = self.now_ms


def shared_run(seed: int, boxes: tuple[int, int], block: Unit) -> Shared:
    """Ten parts with one station, thirty with two; the plant judges each at the ejector."""
    plant = Shared(seed, boxes, block)
    plant.run(1000)
    for part in range(40):
        if part == 10:
            assert plant.block["uiAlarm"] == 0
            plant.comes()
        plant.put(good=plant.random.random() < 0.5)
        plant.move(70)
    return plant


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("boxes", [(OURS, OTHER), (OURS, 0)])
def test_no_bad_part_passes_by_a_second_station_that_passes_everything(
    seed: int, boxes: tuple[int, int]
) -> None:
    """The alarm is up before the first of its parts is at the ejector; then all are ejected."""
    plant = shared_run(seed, boxes, unit())
    assert plant.block["sAlarm"] == "another device writes here"
    assert any(item.passed for item in plant.belt.gone)
    assert not any(item.passed for item in plant.belt.gone[-20:])


def test_judge_of_two_stations_sees_a_block_that_does_not_know_of_them() -> None:
    """Without the alarm bad parts pass by the second one's ACCEPT."""
    block = load(TEXT.replace("uiSigns >= SIGNS", "uiSigns > 65000"))["fb_gonogo"]
    with pytest.raises(AssertionError):  # noqa: PT012 - of some run
        for seed in range(20):
            shared_run(seed, (OURS, OTHER), block)
