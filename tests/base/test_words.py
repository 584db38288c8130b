"""The words of the product: numbers that stand in the PLC's map, in rows and in shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import (
    LAST_PART_ID,
    FaultBit,
    MasterAnswer,
    MasterPart,
    Mode,
    Reason,
    Status,
    TriggerEvent,
    VerdictKind,
    following,
    not_inspected,
)

if TYPE_CHECKING:
    from enum import IntEnum, IntFlag


def numbers(words: type[IntEnum | IntFlag]) -> dict[str, int]:
    """Names and numbers."""
    return {each.name: int(each.value) for each in words if each.name}


def test_words_of_the_plc_map_keep_their_numbers() -> None:
    """PLC programs and databases of years hold them: a number is never given away anew."""
    assert numbers(VerdictKind) == {
        "NONE": 0, "ACCEPT": 1, "REJECT": 2, "RECHECK": 3, "NOT_INSPECTED": 4,
    }  # fmt: skip
    assert numbers(Reason) == {
        "OK": 0, "ENGINE": 10, "ENGINE_DOUBT": 11, "ENGINE_SILENT": 12, "ENGINE_DATA": 13,
        "RULE": 20, "RULE_BLIND": 21, "CAMERA": 30, "FRAME": 31, "DEADLINE": 40, "OVERRATE": 41,
        "PART_ID": 42, "RECIPE": 43, "TRIGGER": 44, "BELT": 45,
        "MASTER_PART": 50,
    }  # fmt: skip
    assert numbers(FaultBit) == {
        "CAMERA": 1, "LIGHT": 2, "ENGINE": 4, "DISK": 8, "TEMPERATURE": 16, "DEADLINE": 32,
        "LINK": 64, "NOT_ACKING": 128, "CONFIG": 256, "STRANGER": 512, "EJECTOR": 1024,
        "TRIGGER": 2048, "MASTER_PART": 4096, "DRIFT": 8192,
    }  # fmt: skip


def test_words_of_the_records_keep_their_numbers() -> None:
    """The journal of a run may be read by the version after the one that wrote it."""
    assert numbers(Mode) == {"FULL": 0, "RULES_ONLY": 1, "SAFE": 2}
    assert numbers(Status) == {"PASS": 0, "FAIL": 1, "CANNOT_TELL": 2}
    assert numbers(MasterPart) == {"NONE": 0, "GOOD": 1, "BAD": 2}
    assert numbers(MasterAnswer) == {"NONE": 0, "RIGHT": 1, "WRONG": 2, "VOID": 3}


def test_following_part_id_is_never_0() -> None:
    """0 says that there is no part: after the last of 16 bits comes 1."""
    assert [following(0), following(1), following(LAST_PART_ID - 1)] == [1, 2, LAST_PART_ID]
    assert following(LAST_PART_ID) == 1


def test_not_inspected_is_no_opinion_of_anybody() -> None:
    """Neither rules nor engine have said anything, and the station stands on nothing."""
    verdict = not_inspected(Reason.OVERRATE)
    assert (verdict.kind, verdict.reason) == (VerdictKind.NOT_INSPECTED, Reason.OVERRATE)
    assert (verdict.rules, verdict.engine) == (VerdictKind.NONE, VerdictKind.NONE)
    assert (verdict.score, verdict.mode) == (0, Mode.SAFE)


def test_trigger_event_is_to_be_inspected_unless_it_says_otherwise() -> None:
    """A reason to reject must be given."""
    assert TriggerEvent(7, 123).reject is Reason.OK
