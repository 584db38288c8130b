"""The block that ships, fed by hand: scenes that end at the ejector, and what each must bring.

Every scene starts from the same line in step, with one part on the belt. The words are
written here from the register map alone, not by the product's own packing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.tests.st.machine import Block

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.tests.st.machine import Unit

DECISION, EJECT, SCAN_MS = 25, 60, 10
PERMIT, SYNC_REQUEST = 1 << 3, 1 << 14
ACCEPT = 1
SESSION = 7


class Hand:
    """One block and the words of a station that does as it is told; one count a scan."""

    def __init__(self, unit: Unit, **inputs: object) -> None:
        self.block = Block(unit)
        self.words = [0] * 96
        self.position = self.clock = 0
        self.beats = True
        self.inputs: dict[str, object] = {
            "udiDecisionCounts": DECISION,
            "udiEjectCounts": EJECT,
            "xEnable": True,
            **inputs,
        }

    def scan(self, scans: int = 1, **inputs: object) -> None:
        """`scans` scans of 10 ms with one count of belt travel each; inputs stay."""
        self.inputs.update(inputs)
        for _ in range(scans):
            self.position += 1
            self.clock += SCAN_MS
            if self.beats and self.clock % 100 == 0:
                self.words[2] = (self.words[2] + 1) % 65536
            self.block.scan(
                auiD=self.words,
                uiClockMs=self.clock % 65536,
                udiEncoder=self.position,
                **self.inputs,
            )

    def start(self) -> Hand:
        """The station in step, and the belt swept."""
        self.words[:5] = [0x474E, 1, 1, 9, SYNC_REQUEST]
        self.words[13] = SESSION
        self.scan(30)
        self.words[3:5] = [4, PERMIT]
        self.scan(EJECT + 30)
        return self

    def part(self) -> int:
        """A part at the photo-eye; its id. Four scans."""
        self.scan(2, xPartEye=True)
        self.scan(2, xPartEye=False)
        part_id: int = self.block["auiP"][3]
        return part_id

    def record(self, part_id: int, verdict: int = ACCEPT, flags: int = 0) -> int:
        """The next record, whole, and RES_SEQ; returns where it lies."""
        sequence = (self.words[12] + 1) % 65536
        at = 32 + 8 * (sequence % 8)
        self.words[at : at + 8] = [sequence, part_id, verdict, 0, 100, flags, 90, sequence]
        self.words[12] = sequence
        return at

    def passes(self) -> bool:
        """Whether the part on the belt, four scans old or more, gets by the ejector."""
        before = self.block["udiPassed"], self.block["udiRejected"]
        left = EJECT - (self.position - self.block["audiPos"][self.block["iHead"]])
        self.scan(left)
        after = self.block["udiPassed"], self.block["udiRejected"]
        assert sum(after) == sum(before) + 1
        return not self.block["xEject"]


class Scene(NamedTuple):
    """Something that happens to a part, and whether the part may pass."""

    name: str
    play: Callable[[Hand], object]
    passes: bool = False
    alarm: int = 0  # 0: none of its own


def _given(hand: Hand) -> None:
    hand.record(hand.part())


def _verdict(verdict: int) -> Callable[[Hand], object]:
    return lambda hand: hand.record(hand.part(), verdict)


def _half(word: int) -> Callable[[Hand], object]:
    def play(hand: Hand) -> None:
        at = hand.record(hand.part())
        hand.words[at + word] = (hand.words[at + word] - 8) % 65536
        hand.scan(20)

    return play


def _then(change: Callable[[Hand], object], *, scans: int = 5) -> Callable[[Hand], object]:
    """A timely ACCEPT is read, and then something changes."""

    def play(hand: Hand) -> None:
        _given(hand)
        hand.scan(scans)
        change(hand)

    return play


def _first(
    change: Callable[[Hand], object], undo: Callable[[Hand], object]
) -> Callable[[Hand], object]:
    """The ACCEPT is read while something does not hold that holds again afterwards."""

    def play(hand: Hand) -> None:
        part_id = hand.part()
        change(hand)
        hand.record(part_id)
        hand.scan(3)
        undo(hand)

    return play


def _word(at: int, value: int) -> Callable[[Hand], object]:
    return lambda hand: hand.words.__setitem__(at, value)


def _input(**inputs: object) -> Callable[[Hand], object]:
    return lambda hand: hand.inputs.update(inputs)


def _late(hand: Hand) -> None:
    part_id = hand.part()
    hand.scan(DECISION)
    hand.record(part_id)


def _second(verdict: int) -> Callable[[Hand], object]:
    def play(hand: Hand) -> None:
        part_id = hand.part()
        hand.record(part_id)
        hand.scan(3)
        hand.record(part_id, verdict)

    return play


def _dies(hand: Hand) -> None:
    hand.beats = False


def _ahead(hand: Hand) -> None:
    part_id = hand.part()
    for _ in range(9):
        hand.record(part_id)


def _apart(hand: Hand) -> None:
    hand.record(hand.part())
    hand.words[12] += 50


def _uncounted(hand: Hand) -> None:
    hand.record(hand.part())
    hand.words[12] -= 1


SCENES = (
    Scene("a fresh ACCEPT", _given, passes=True),
    Scene("silence", lambda hand: hand.part(), alarm=14),
    *(Scene(f"verdict {verdict}", _verdict(verdict)) for verdict in (0, 2, 3, 4, 5, 257, 65535)),
    Scene("flag late", lambda hand: hand.record(hand.part(), flags=2)),
    Scene("flag test", lambda hand: hand.record(hand.part(), flags=4)),
    Scene("flag degraded", lambda hand: hand.record(hand.part(), flags=1), passes=True),
    Scene("of the next part", lambda hand: hand.record(hand.part() + 1), alarm=12),
    Scene("of part 0", lambda hand: (hand.part(), hand.record(0)), alarm=12),
    Scene("SEQ_A of an older record", _half(0)),
    Scene("SEQ_B of an older record", _half(7)),
    Scene("not counted in RES_SEQ", _uncounted),
    Scene("nine ahead", _ahead),
    Scene("RES_SEQ far ahead", _apart),
    Scene("after the decision point", _late, alarm=13),
    Scene("a second ACCEPT", _second(ACCEPT), alarm=12),
    Scene("a REJECT after the ACCEPT", _second(2), alarm=12),
    Scene("without permit", _first(_word(4, 0), _word(4, PERMIT))),
    Scene("in another session", _first(_word(13, 8), _word(12, 0))),
    Scene("in a resync", _first(_word(4, PERMIT | SYNC_REQUEST), _word(12, 0))),
    Scene("permit withdrawn", _then(_word(4, 0)), alarm=15),
    Scene("heart stands still", _then(_dies), alarm=4),
    Scene("words gone", _then(_word(0, 0)), alarm=2),
    Scene("another map", _then(_word(1, 2)), alarm=3),
    Scene("disabled", _then(_input(xEnable=False))),
    Scene("test mode", _then(_input(xTestMode=True)), alarm=17),
)


def outcome(unit: Unit, scene: Scene) -> tuple[bool, bool]:
    """What became of the scene's part, and whether the alarm of the scene came up."""
    hand = Hand(unit).start()
    scene.play(hand)
    passes = hand.passes()
    return passes, not scene.alarm or hand.block["axAlarm"][scene.alarm - 1]
