"""What the health gate decides, as a table; and what it does to a box, on files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gonogo.build.box import gate
from gonogo.build.box.gate import ALONE, BAD, GOOD, WAIT, Box, Gate, Seen, decide

LINK = {"connected": True, "alive": True, "synced": True, "permit": True}
JUDGES = {"word": "judging", "says": "judging", "mode": "FULL", "cycles": 5, "link": LINK}
TRIAL = Seen(JUDGES, commissioned=True, answers=False, sick_s=0, proven=False, other=True)


def judging(**other: Any) -> dict[str, Any]:  # noqa: ANN401 - of a JSON object
    """A station's status, with some of it otherwise."""
    return {**JUDGES, **other}


@pytest.mark.parametrize(
    ("seen", "word", "says"),
    [
        (TRIAL, GOOD, "5 parts judged, FULL"),
        (TRIAL._replace(status=judging(word="rules-only", mode="RULES_ONLY")), GOOD, "RULES_ONLY"),
        (TRIAL._replace(status=judging(cycles=4)), WAIT, "4 of 5 parts"),
        # it judges, and no part comes: a line that stands is no reason to go back
        (TRIAL._replace(status=judging(cycles=0), sick_s=9999), WAIT, "0 of 5 parts"),
        (TRIAL._replace(status=None), WAIT, "no station answers"),
        (TRIAL._replace(status=None, sick_s=600), BAD, "no station answers, for 600 s"),
        (TRIAL._replace(status=None, sick_s=600, other=False), ALONE, "no other slot"),
        (TRIAL._replace(status=judging(word="safe", says="no picture")), WAIT, "no picture"),
        (TRIAL._replace(status=judging(word="safe", says="no picture"), sick_s=600), BAD, "no pic"),
        (TRIAL._replace(status=judging(word="no-plc", says="refused"), sick_s=600), BAD, "refused"),
        (TRIAL._replace(status=judging(link={**LINK, "synced": False})), WAIT, "not synced"),
        (TRIAL._replace(status=judging(link={**LINK, "alive": False}), sick_s=600), BAD, "alive"),
        (TRIAL._replace(status=judging(link=None)), WAIT, "not connected"),
        # many parts, and none of them for a PLC that follows
        (TRIAL._replace(status=judging(cycles=99, link={**LINK, "permit": False})), WAIT, "permit"),
        # healthy before: a PLC that is off is no reason to change the program
        (TRIAL._replace(status=None, sick_s=9999, proven=True), GOOD, "healthy before"),
        # its engines are being made: the station waits for them, and so does the gate
        (TRIAL._replace(status=None, preparing=True, sick_s=599), WAIT, "engines are being made"),
        (TRIAL._replace(status=None, preparing=True, sick_s=600), BAD, "made, for 600 s"),
        (TRIAL._replace(status=None, preparing=True, proven=True), GOOD, "healthy before"),
        (TRIAL._replace(commissioned=False, answers=True), GOOD, "no station file"),
        (TRIAL._replace(commissioned=False), WAIT, "the program does not answer"),
        (TRIAL._replace(commissioned=False, sick_s=600), BAD, "the program does not answer"),
    ],
)
def test_decide_says_what_is_to_be_done_and_why(seen: Seen, word: str, says: str) -> None:
    """Each case that a box can be in."""
    found, reason = decide(seen)
    assert found == word
    assert says in reason


@pytest.mark.parametrize(
    ("status", "preparing", "free_s", "found"),
    [
        (None, True, 100.0, (0.0, 60.0)),
        (None, True, 30.0, (10.0, 0.0)),  # over an hour in all: the rest counts
        (None, False, 100.0, (40.0, 100.0)),
        (JUDGES, False, 100.0, (0.0, 100.0)),
    ],
)
def test_counted_takes_the_making_of_engines_off_its_hour(
    status: dict[str, Any] | None,
    preparing: bool,  # noqa: FBT001 - a table
    free_s: float,
    found: tuple[float, float],
) -> None:
    """Of 40 s: how many count against the slot, and what is left of the hour."""
    seen = TRIAL._replace(status=status, preparing=preparing)
    assert gate.counted(seen, 40.0, free_s) == found


@pytest.mark.parametrize(
    ("words", "slot"),
    [
        ("root=PARTLABEL=gonogo-a ro rauc.slot=A quiet", "A"),
        ("rauc.slot=B\n", "B"),
        ("rauc.slot=AB quiet", ""),
        ("quiet", ""),
    ],
)
def test_slot_is_read_of_the_kernels_words(words: str, slot: str) -> None:
    """As GRUB hands them over."""
    assert gate.slot_of(words) == slot


@pytest.mark.parametrize(
    ("order", "ok", "tried", "booted", "lost"),
    [
        ("B A", "1", "3", "A", "B"),
        ("B A", "1", "1", "A", ""),  # it did not have its tries yet
        ("B A", "0", "3", "A", ""),  # found bad already, with its reason
        ("B A", "1", "3", "B", ""),
        ("", "1", "3", "A", ""),
    ],
)
def test_slot_that_did_not_come_up_is_told_apart(
    order: str, ok: str, tried: str, booted: str, lost: str
) -> None:
    """First in the order, not refused, and all of its tries are gone."""
    assert gate.gave_up({"ORDER": order, "B_OK": ok, "B_TRY": tried}, booted) == lost


class Bench:
    """A box of files, and the words that were said to programs."""

    def __init__(self, folder: Path, slot: str, counters: str) -> None:
        self.said: list[str] = []
        self.counters = counters
        self.box = Box(
            state=folder / "box",
            station=folder / "station.toml",
            grub=folder / "grub",
            image=folder / "image.json",
            cmdline=folder / "cmdline",
            program=Path("/gonogo"),
        )
        for each in (self.box.state, self.box.grub):
            each.mkdir()
        (self.box.grub / "grubenv").write_text("# GRUB Environment Block\n")
        self.box.image.write_text(json.dumps({"version": "2", "image": "abc"}))
        self.box.cmdline.write_text(f"quiet rauc.slot={slot}")
        self.status = "{}"
        self.prepares = ["inactive"]  # what its unit is, one time after the other, then as the last

    def answer(self, *words: str) -> str:
        """In the place of programs that a test has not."""
        self.said.append(" ".join(words))
        if words[0] == "grub-editenv":
            return self.counters
        if words[-1] == "--json":
            return self.status
        if "ActiveState" in " ".join(words):
            return (self.prepares.pop(0) if self.prepares[1:] else self.prepares[0]) + "\n"
        return "1.0"

    def kept(self) -> dict[str, Any]:
        """health.json."""
        found: dict[str, Any] = json.loads((self.box.state / "health.json").read_text())
        return found


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Slot B is on trial, and A would boot."""
    made = Bench(tmp_path, "B", "ORDER=B A\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=1\n")
    monkeypatch.setattr(gate, "said", made.answer)
    monkeypatch.setattr(gate, "POLL_S", 0.0)
    return made


def test_gate_marks_a_judging_slot_good_and_keeps_what_it_knows_it_by(bench: Bench) -> None:
    """The next boot asks no more; GRUB's block has a copy."""
    bench.box.station.touch()
    bench.status = json.dumps(JUDGES)
    Gate(bench.box, 600, 5).run()
    assert "rauc status mark-good booted" in bench.said
    assert (bench.box.state / "good-B").read_text() == "abc\n"
    assert (bench.box.grub / "grubenv.good").read_text() == "# GRUB Environment Block\n"
    assert (bench.kept()["slot"], bench.kept()["word"]) == ("B", "good")
    bench.said.clear()
    bench.status = "{}"
    Gate(bench.box, 600, 5).run()
    assert not [each for each in bench.said if "setpriv" in each]
    assert "rauc status mark-good booted" in bench.said


def test_gate_reboots_into_the_other_slot_and_keeps_the_reason(bench: Bench) -> None:
    """Marked bad before the box goes down."""
    bench.box.station.touch()
    bench.status = json.dumps(judging(word="safe", says="no trusted picture"))
    Gate(bench.box, 0, 5).run()
    assert bench.said[-2:] == ["rauc status mark-bad booted", "systemctl --no-block reboot"]
    assert bench.kept()["reason"].startswith("no trusted picture")
    assert (bench.box.state / "journal-B.txt").exists()
    assert not (bench.box.state / "good-B").exists()


def test_gate_counts_no_time_in_which_engines_are_made(bench: Bench) -> None:
    """And asks no station meanwhile; with no second to spare it takes the slot for good later."""
    bench.box.station.touch()
    bench.status = json.dumps(JUDGES)
    bench.prepares = ["activating", "activating", "active"]
    Gate(bench.box, 1e-9, 5).run()
    assert bench.kept()["word"] == "good"
    asked = [each for each in bench.said if each.endswith("--json")]
    assert len(asked) == 1


def test_gate_waits_an_hour_in_all_for_engines_that_are_made(bench: Bench) -> None:
    """A making that hangs is a station that does not judge."""
    bench.box.station.touch()
    bench.prepares = ["activating"]
    gate_of_box = Gate(bench.box, 1e-9, 5, prepare_s=0.0)
    gate_of_box.run()
    assert bench.kept()["word"] == "bad"
    assert bench.kept()["reason"].startswith("its engines are being made, for")


def test_gate_tells_of_a_slot_that_did_not_come_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the other one, which booted in its place."""
    made = Bench(tmp_path, "A", "ORDER=B A\nA_OK=1\nA_TRY=1\nB_OK=1\nB_TRY=3\n")
    monkeypatch.setattr(gate, "said", made.answer)
    (made.box.state / "good-A").write_text("abc\n")
    Gate(made.box, 600, 5).run()
    assert "rauc status mark-bad other" in made.said
    assert made.kept() == {
        "slot": "B",
        "word": "bad",
        "reason": "it did not come up in 3 boots",
        "version": None,
        "booted": "A",
        "status": {},
    }


def test_gate_puts_back_counters_that_a_power_cut_damaged(bench: Bench) -> None:
    """RAUC reads no other block; GRUB has booted by the copy."""
    (bench.box.state / "good-B").write_text("abc\n")
    (bench.box.grub / "grubenv").write_bytes(b"")
    (bench.box.grub / "grubenv.good").write_text("the copy")
    bench.counters = ""
    Gate(bench.box, 600, 5).run()
    assert (bench.box.grub / "grubenv").read_text() == "the copy"


def test_gate_needs_nothing_of_the_product() -> None:
    """An image whose program is broken is what it is there for."""
    code = f"import sys, runpy; runpy.run_path({gate.__file__!r}); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert not [each for each in done.stdout.split() if each.split(".")[0] == "gonogo"]


def test_replace_leaves_the_old_file_where_the_new_one_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full or damaged data partition does not end the gate."""
    gate.replace(tmp_path / "there" / "file", "text")
    assert "No such file" in capsys.readouterr().out
    gate.replace(tmp_path / "file", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
