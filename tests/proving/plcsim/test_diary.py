"""The diary: whole lines in the order of telling, the truth beside each part, and a full disk."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from gonogo.proving.plcsim.diary import Diary
from gonogo.proving.plcsim.plan import PartTruth

PATIENCE_S = 10.0


def truth(part_id: int) -> PartTruth:
    """Odd parts are good."""
    return PartTruth(part_id % 2 == 1, "good" if part_id % 2 else "bad")


def lines(path: Path) -> list[dict[str, Any]]:
    """What the judge reads."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_diary_writes_what_was_told_in_that_order(tmp_path: Path) -> None:
    """One object a line, with the event, its time and its keys; all of it once it is closed."""
    path = tmp_path / "run.jsonl"
    diary = Diary(path, truth)
    for k in range(200):
        diary.tell("ack", 10 * k, seq=k)
    diary.close()
    assert lines(path) == [{"t_ns": 10 * k, "event": "ack", "seq": k} for k in range(200)]
    assert diary.error is None


def test_diary_tells_the_truth_of_a_part_at_both_ends_of_the_belt(tmp_path: Path) -> None:
    """With trigger, pass and eject, and with nothing else."""
    path = tmp_path / "run.jsonl"
    diary = Diary(path, truth)
    for event in ("trigger", "heard", "pass", "eject"):
        diary.tell(event, 1, part_id=2)
    diary.close()
    told = {event["event"]: event.get("label") for event in lines(path)}
    assert told == {"trigger": "bad", "heard": None, "pass": "bad", "eject": "bad"}


def test_diary_keeps_why_it_could_not_write() -> None:
    """A full disk ends nothing but the writing; telling and closing go on."""
    diary = Diary(Path("/dev/full"), truth)
    diary.tell("ack", 1, seq=1)
    end_s = time.monotonic() + PATIENCE_S
    while diary.error is None and time.monotonic() < end_s:
        time.sleep(0.001)
    diary.tell("ack", 2, seq=2)
    diary.close()
    assert isinstance(diary.error, OSError)


def test_diary_keeps_a_truth_that_cannot_be_told(tmp_path: Path) -> None:
    """The run must say so: without truth there is nothing to judge by."""

    def lost(_part_id: int) -> PartTruth:
        raise FileNotFoundError

    diary = Diary(tmp_path / "run.jsonl", lost)
    diary.tell("trigger", 1, part_id=1)
    diary.close()
    assert isinstance(diary.error, FileNotFoundError)
