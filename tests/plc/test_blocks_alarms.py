"""What the block says: alarms with their texts, stop of the line, commands, and its words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gonogo.plc.register_map import Command, CtrlBit, unpack_plc
from gonogo.tests.plc.blockhand import EJECT, PERMIT, SESSION, SYNC_REQUEST, Hand
from gonogo.tests.plc.plant import BLOCKS, unit
from gonogo.tests.plc.scl import to_scl
from gonogo.tests.st.machine import Block
from gonogo.tests.st.text import load

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = (BLOCKS / "FB_GoNoGo.st").read_text(encoding="utf-8")
PAGE = (BLOCKS.parents[1] / "docs" / "commissioning-plc.md").read_text(encoding="utf-8")
CONFIRM: dict[str, object] = {"xUseConfirm": True, "uiConfirmMs": 200, "uiMaxUnconfirmed": 2}


def _crowd(hand: Hand) -> None:
    for _ in range(33):
        hand.part()


def _unseen(rejects: int) -> Callable[[Hand], None]:
    """So many parts are ejected, and nothing falls into the chute."""

    def play(hand: Hand) -> None:
        for _ in range(rejects):
            hand.record(hand.part(), 2)
        hand.scan(EJECT + 30)

    return play


def _jump(hand: Hand) -> None:
    hand.position += 5000
    hand.scan()


def _stray(hand: Hand) -> None:
    hand.scan(2, xRejectConfirm=True)


def _late(hand: Hand) -> None:
    part_id = hand.part()
    hand.scan(EJECT)
    hand.record(part_id)
    hand.scan()


def _unknown(hand: Hand) -> None:
    hand.record(12345)
    hand.scan()


def _silent(hand: Hand) -> None:
    hand.part()
    hand.scan(EJECT)


def _apart(hand: Hand) -> None:
    hand.words[12] += 50
    hand.scan(120)


def _words(**values: int) -> Callable[[Hand], None]:
    def play(hand: Hand) -> None:
        for name, value in values.items():
            hand.words[int(name[1:])] = value
        hand.scan(2)

    return play


def _inputs(**inputs: object) -> Callable[[Hand], None]:
    return lambda hand: hand.scan(2, **inputs)


def _dies(hand: Hand) -> None:
    hand.beats = False
    hand.scan(35)


CROWDED: dict[str, object] = {"udiEjectCounts": 500}
WATCHED: dict[str, object] = {"udiMaxStepCounts": 100}

# number: (what happens, inputs of the block, whether it stops the line)
ALARMS: dict[int, tuple[Callable[[Hand], None], dict[str, object], bool]] = {
    1: (_inputs(udiDecisionCounts=EJECT + 1), {}, False),
    2: (_words(D0=0), {}, False),
    3: (_words(D1=2), {}, False),
    4: (_dies, {}, False),
    5: (_words(D4=PERMIT | 64), {}, False),
    6: (_apart, {}, False),
    7: (_crowd, CROWDED, True),
    8: (_unseen(2), CONFIRM, True),
    9: (_jump, WATCHED, False),
    10: (_stray, CONFIRM, False),
    11: (_unseen(1), CONFIRM, False),
    12: (_unknown, {}, False),
    13: (_late, {}, False),
    14: (_silent, {}, False),
    15: (_words(D4=0), {}, False),
    16: (_inputs(xBypass=True), {}, False),
    17: (_inputs(xTestMode=True), {}, False),
    18: (_words(D4=PERMIT | 16), {}, False),
    19: (_words(D5=512), {}, False),
}
STANDING = range(7, 15)  # until they are cleared


def _texts() -> dict[int, str]:
    return {int(n): text for n, text in re.findall(r"(\d+): sAlarm := '(.*)';", TEXT)}


def test_alarm_texts_are_those_of_the_page() -> None:
    """Every alarm of the block is in the table of the commissioning page, word for word."""
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| [^|]{10,} \| [^|]{10,} \|$", PAGE, re.MULTILINE)
    listed = {int(number): text for number, text in rows}
    assert {0: "", **listed} == _texts()
    assert set(listed) == set(ALARMS)


@pytest.mark.parametrize("number", ALARMS)
def test_alarm_comes_up_with_its_cause(number: int) -> None:
    """The number, its text, and whether the line stops; cleared, it goes once its cause has."""
    play, inputs, stops = ALARMS[number]
    hand = Hand(unit(), **inputs).start()
    assert hand.block["uiAlarm"] == 0
    play(hand)
    block = hand.block
    assert block["axAlarm"][number - 1]
    assert block["sAlarm"] == _texts()[block["uiAlarm"]] != ""
    assert block["uiAlarm"] <= number
    assert block["xStopLine"] is stops
    hand.scan(1, xClearFault=True, xRejectConfirm=False)
    assert block["axAlarm"][number - 1] is (number not in STANDING)
    assert not block["xStopLine"]


def test_confirmed_rejects_raise_no_alarm() -> None:
    """One part in the chute for each that was ejected, and the count goes to the station."""
    hand = Hand(unit(), **CONFIRM).start()
    for _ in range(5):
        hand.record(hand.part(), 2)
        hand.scan(EJECT)
        hand.scan(2, xRejectConfirm=True)
        hand.scan(2, xRejectConfirm=False)
    assert (hand.block["uiAlarm"], hand.block["udiUnconfirmed"]) == (0, 0)
    assert unpack_plc(hand.block["auiP"]).rejects_confirmed == 5


def test_confirmation_in_between_keeps_the_line_running() -> None:
    """Only rejects in a row count towards stopping the line."""
    hand = Hand(unit(), **CONFIRM).start()
    for seen in (False, True, False):
        hand.record(hand.part(), 2)
        hand.scan(EJECT - 2)
        hand.scan(2, xRejectConfirm=seen)
        hand.scan(30, xRejectConfirm=False)
    assert hand.block["udiUnconfirmed"] == 2
    assert not hand.block["xStopLine"]


def test_crowded_out_parts_are_ejected_all() -> None:
    """A part that found no place in the ring is swept out, together with its neighbours."""
    hand = Hand(unit(), udiEjectCounts=500, uiEjectMs=10).start()
    for _ in range(40):
        hand.record(hand.part())
        hand.scan()
    hand.scan(500 - 39 * 5)
    assert hand.block["udiPassed"] == 0
    hand.scan(39 * 5)
    assert not hand.block["xEject"]
    assert hand.block["udiPassed"] == 0


def test_belt_is_swept_after_a_start() -> None:
    """What was on the belt when the PLC started is ejected, and nothing blows at standstill."""
    hand = Hand(unit(), uiEjectMs=10)
    hand.scan()
    assert not hand.block["xEject"]
    for _ in range(EJECT):
        hand.scan()
        assert hand.block["xEject"]
        hand.position -= 1
        hand.scan()
        assert not hand.block["xEject"]
    hand.scan(2)
    hand.scan()
    assert not hand.block["xEject"]


def test_parts_pass_in_bypass_and_only_then() -> None:
    """Bypass: the coil stays off, parts are counted apart; off again, rejects are ejected."""
    hand = Hand(unit()).start()
    hand.record(hand.part(), 2)
    hand.scan(EJECT, xBypass=True)
    assert (hand.block["udiBypassed"], hand.block["xEject"]) == (1, False)
    hand.record(hand.part(), 2)
    hand.scan(EJECT - 10)
    hand.scan(10, xBypass=False)
    assert (hand.block["udiRejected"], hand.block["xEject"]) == (1, True)


def test_belt_pulses_stand_in_for_an_encoder() -> None:
    """With xUsePulses each rising edge is a count."""
    hand = Hand(unit(), xUsePulses=True, udiDecisionCounts=5, udiEjectCounts=10)
    for _ in range(15):
        hand.scan(2, xBeltPulse=True)
        hand.scan(2, xBeltPulse=False)
    assert hand.block["udiPos"] == 15


def test_commands_go_one_by_one() -> None:
    """Clear fault is command 1; while the station has not answered, the next one waits."""
    hand = Hand(unit()).start()
    hand.scan(2, xClearFault=True)
    said = unpack_plc(hand.block["auiP"])
    assert (said.cmd_seq, said.cmd_code) == (1, Command.CLEAR_FAULT)
    hand.scan(2, xClearFault=False)
    hand.scan(2, xClearFault=True)
    assert unpack_plc(hand.block["auiP"]).cmd_seq == 1
    hand.words[10] = 1
    hand.scan(2, xLoadRecipe=True, uiRecipe=5)
    said = unpack_plc(hand.block["auiP"])
    assert (said.cmd_seq, said.cmd_code) == (2, Command.CLEAR_FAULT)
    hand.words[10] = 2
    hand.scan(3)
    said = unpack_plc(hand.block["auiP"])
    assert (said.cmd_seq, said.cmd_code, said.recipe_request) == (3, Command.LOAD_RECIPE, 5)


def test_resync_is_commanded_when_sequences_do_not_meet() -> None:
    """A second out of step is enough, then once a second; RES_SEQ is never acknowledged."""
    hand = Hand(unit()).start()
    hand.words[12] = 300
    hand.scan(120)
    said = unpack_plc(hand.block["auiP"])
    assert (said.cmd_code, said.ack_seq) == (Command.RESYNC, 0)
    hand.words[12:14] = [0, SESSION + 1]
    hand.words[4] = SYNC_REQUEST
    hand.scan()
    assert unpack_plc(hand.block["auiP"]).session_echo == SESSION + 1


def test_part_id_goes_on_behind_what_the_station_saw() -> None:
    """After a restart of the PLC ids do not begin anew, and PART_ID waits for a part."""
    hand = Hand(unit())
    hand.words[15] = 65534
    hand.start()
    assert unpack_plc(hand.block["auiP"]).part_id == 0
    assert [hand.part() for _ in range(3)] == [65535, 1, 2]


def test_words_are_those_of_the_map() -> None:
    """Each word the block says, read by the station's own unpacking."""
    hand = Hand(unit(), uiRecipe=3, uiBeltMmS=200, uiPackMl=6, xTestMode=True, xBypass=True)
    hand.position = 70_000
    hand.start()
    hand.words[4] |= SYNC_REQUEST
    hand.scan()
    said = unpack_plc(hand.block["auiP"])
    assert said.map_version == 1
    assert said.ctrl == sum(CtrlBit)
    assert (said.recipe_request, said.belt_mm_s, said.packml_state) == (3, 200, 6)
    assert said.encoder == hand.position
    assert said.dev_heart_echo == hand.words[2]
    assert said.session_echo == SESSION


def test_example_program_runs_the_block() -> None:
    """The call example for a Modbus PLC, as it stands: words in, words out, line running."""
    example = (BLOCKS / "PRG_GoNoGo.st").read_text(encoding="utf-8")
    program = Block(load(TEXT + example)["prg_gonogo"])
    for scan in range(7000):
        heart = scan // 10 % 65536
        program["auiHolding"] = [0x474E, 1, heart, 4, PERMIT, *program["auiHolding"][5:]]
        program.scan()
    assert program["sAlarmText"] == "station and PLC are out of step, resync commanded"
    assert program["xLineRuns"]
    assert unpack_plc(program["auiHolding"][100:120]).heart == 7000


def test_scl_is_the_same_text() -> None:
    """The S7 source is the Structured Text in Siemens' spelling; scl.py says how to renew it."""
    assert (BLOCKS / "FB_GoNoGo.scl").read_text(encoding="utf-8") == to_scl(TEXT)


def test_data_block_has_the_offsets_of_the_map() -> None:
    """DB_GoNoGo is 232 bytes, and each offset that its comment names is that of its word."""
    text = (BLOCKS / "DB_GoNoGo.scl").read_text(encoding="utf-8")
    arrays = re.findall(r"([DP]) : Array\[0\.\.(\d+)\] of UInt;", text)
    assert [(name, int(last) + 1) for name, last in arrays] == [("D", 96), ("P", 20)]
    named = re.findall(r"(?:byte|  ) +(\d+) ([DP])(\d+) ", text)
    assert len(named) > 35
    for byte, area, word in named:
        assert int(byte) == 2 * int(word) + 192 * (area == "P")


@pytest.mark.parametrize(
    "inputs", [{"xEnable": False}, {"xTestMode": True}], ids=["disabled", "test mode"]
)
def test_records_sent_by_hand_leave_no_alarm_behind(inputs: dict[str, object]) -> None:
    """A probe names whatever part was seen last, or none; all are acknowledged, none passes."""
    hand = Hand(unit()).start()
    part_id = hand.part()
    hand.scan(EJECT + 5, **inputs)  # it is gone
    hand.block["axAlarm"] = [False] * len(hand.block["axAlarm"])
    for named in (part_id, 12345, 0):
        hand.record(named)
        hand.scan()
    hand.scan(20, xEnable=True, xTestMode=False)
    assert hand.block["auiP"][4] == hand.words[12]
    assert hand.block["uiAlarm"] == 0
    assert (hand.block["udiStrange"], hand.block["udiLate"]) == (0, 0)


def test_second_verdict_by_hand_takes_an_accept_away() -> None:
    """No alarm, and no part that passes because of it either."""
    hand = Hand(unit()).start()
    part_id = hand.part()
    hand.record(part_id)
    hand.scan(2, xEnable=False)
    hand.record(part_id)
    hand.scan(2)
    hand.scan(2, xEnable=True)
    assert not hand.passes()
