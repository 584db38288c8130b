"""`gonogo disposition audit`: accepted parts, and nothing that would sway the answer."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.records.picture_words import PictureKind
from gonogo.records.pictures.rows import PictureRows
from gonogo.tests.records.pictures.made import HOUR, recorded, row_of
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

PARTS = 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station file; the parts of its sample have passed now, in a shift that began hours ago."""
    start = (datetime.now().astimezone().hour + 12) % 24
    path = tmp_path / "station.toml"
    path.write_text(
        f'{PLAIN_FILE}shift_starts = ["{start:02}:00"]\n[records.images]\nfolder = "pictures"\n'
    )
    base, folder = tmp_path / "parts.sqlite", tmp_path / "pictures"
    recorded(base, *range(1, PARTS + 1))
    rows = PictureRows(base, folder)
    (folder / HOUR).mkdir(parents=True)
    for serial in range(1, PARTS + 1):
        place = f"{HOUR}/{serial}.png"
        (folder / place).write_bytes(b"pixels")
        rows.write([row_of(serial, kind=PictureKind.AUDIT, path=place)])
    rows.close()
    return path


def typed(file: Path, *words: str, ends: int = 0) -> str:
    """What `gonogo disposition audit ...` prints, and that it ends so."""
    found = CliRunner().invoke(main, ["disposition", "audit", *words, "--station", str(file)])
    assert found.exit_code == ends, found.output
    return found.output


def ticket(file: Path) -> str:
    """Of the next part."""
    shown = json.loads(typed(file, "next", "--this-shift", "--json"))
    return str(shown["ticket"])


def test_next_shows_the_picture_and_no_score(file: Path) -> None:
    """Nor part number, verdict or what anybody said: the path and a ticket alone."""
    said = typed(file, "next", "--this-shift")
    assert re.fullmatch(
        rf"audit (audit-[0-9a-f]+)\n"
        rf"  picture  top: {file.parent}/pictures/{HOUR}/[123]\.png\n"
        r"  answer   gonogo disposition audit answer \1 good --station .*\n",
        said,
    )
    assert said == typed(file, "next", "--this-shift")


def test_next_asks_on_a_terminal_until_somebody_quits(file: Path) -> None:
    """One picture after the other; a code that does not fit is asked for again."""
    words = ["gonogo", "disposition", "audit", "next", "--this-shift", "--station", str(file)]
    code = f"import sys; sys.argv = {words}; from gonogo.commands.cli import main; main()"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as asking:
        os.close(theirs)
        os.write(ours, b"d\ngood-part\nd\nscratch\nq\n")
        said = b""
        with contextlib.suppress(OSError):  # Linux says EIO where the other side has gone
            while some := os.read(ours, 4096):
                said += some
    os.close(ours)
    assert asking.returncode == 0, said
    text = said.decode()
    assert [text.count(each) for each in ("picture  top: ", "GN614", "number 1")] == [2, 1, 1]
    assert "score" not in text
    assert json.loads(typed(file, "next", "--this-shift", "--json"))["open"]
    assert (
        "scratch"
        in CliRunner().invoke(main, ["disposition", "list", "--station", str(file)]).output
    )


def test_answers_give_the_escape_rate(file: Path) -> None:
    """Good, a defect, not known; then nothing is open."""
    for number, word in enumerate(("good", "defect", "unsure"), start=1):
        said = typed(file, "answer", ticket(file), word)
        assert said == f"written down, number {number}\n"
    assert json.loads(typed(file, "next", "--this-shift", "--json")) == {"open": False}
    assert "nothing to look at: of each shift 20" in typed(file, "next", "--this-shift")
    words = ["disposition", "figures", "--json", "--station", str(file)]
    found = json.loads(CliRunner().invoke(main, words).output)
    assert (found["escape"]["events"], found["escape"]["of"], found["excluded"]) == (1, 2, 1)
    words = ["disposition", "list", "--json", "--station", str(file)]
    listed = CliRunner().invoke(main, words).output.splitlines()
    assert [json.loads(line)["word"] for line in listed] == ["confirmed", "missed-defect", "unsure"]
    assert {json.loads(line)["origin"] for line in listed} == {"audit"}


def test_answer_that_is_sent_twice_counts_once(file: Path) -> None:
    """Another answer with the same ticket is refused."""
    first = ticket(file)
    for _ in range(2):
        assert "number 1" in typed(file, "answer", first, "good")
    assert "GN613" in typed(file, "answer", first, "defect", ends=1)


def test_answer_takes_only_tickets_that_are_open(file: Path) -> None:
    """One that somebody made up is none."""
    assert "GN614: ticket 'x'" in typed(file, "answer", "x", "good", ends=1)


def test_audit_asks_of_shifts_that_are_over(file: Path) -> None:
    """Else the first parts of a shift would be looked at more often than the last."""
    said = typed(file, "next")
    assert "nothing to look at" in said
    assert "--this-shift" in said


def test_audit_needs_pictures(tmp_path: Path) -> None:
    """And says where they are asked for."""
    path = tmp_path / "station.toml"
    path.write_text(PLAIN_FILE)
    assert "expected --station FILE.toml with [records.images]" in typed(path, "next", ends=1)
