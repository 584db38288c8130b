"""What is on trial: begun, confirmed, taken back, and what the processes are told of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import ChangeNotWritten, ChangeTakenBack, ControlError
from gonogo.console.serial.plan import ConsolePlan
from gonogo.ipc.audit.files import rows_backwards
from gonogo.ipc.last_good_file import digest
from gonogo.ipc.process_table import ProcessTable
from gonogo.tests.console.serial.told import ToldRow, Watch
from gonogo.tests.table import WAIT_S, row, supervised, turn_until
from gonogo.watchdog.means import Means
from gonogo.watchdog.plan import SupervisorPlan
from gonogo.watchdog.supervisor import Supervisor
from gonogo.watchdog.trials import BEGINS_S, Trials

if TYPE_CHECKING:
    from pathlib import Path

BAUD = [["console", "baud"], 9600]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """A table with a console."""
    return Watch(tmp_path / "parts.sqlite")


def file_of(folder: Path) -> Path:
    """The new station file."""
    file = folder / ".cell.trying-1.toml"
    file.write_bytes(b"new")
    return file


def wish(file: Path, **other: Any) -> dict[str, Any]:  # noqa: ANN401 - of a request
    """What a console asks for."""
    told = {"trail": str(file.with_name("parts.audit.jsonl")), "who": {"account": "anna"}}
    return {
        "do": "try", "id": "1", "file": str(file), "in_place": str(file.with_name("cell.toml")),
        "sha256": digest(b"new"), "rows": {"console": [BAUD]}, "for_s": 120,
        "told": told,
    } | other  # fmt: skip


def how(watch: Watch) -> str:
    """It ended, once the thread has decided."""
    found = watch.ended()
    return found["how"] if found is not None else "none"


def bauds(row: ToldRow) -> list[int]:
    """What the console was told, in order."""
    return [json.loads(argument)["console"]["baud"] for argument in row.told]


def test_trial_begins_once_its_answer_is_through_and_ends_with_the_old_argument(
    watch: Watch, tmp_path: Path
) -> None:
    """To the byte; the file is gone, and the trail has who it was and why."""
    before = watch.row.plan.argument
    watch.trials.table["try"](wish(file_of(tmp_path)))
    watch.go(BEGINS_S - 0.1)
    assert watch.row.told == []
    watch.go(0.2)
    assert bauds(watch.row) == [9600]
    watch.go(117.0)
    assert len(watch.row.told) == 1
    watch.go(2.0)
    assert how(watch) == "taken back"
    assert watch.row.told[1] == before
    assert [each.name for each in tmp_path.glob(".cell*")] == []
    (told,) = rows_backwards(tmp_path / "parts.audit.jsonl")
    assert (told.what, told.why) == (
        "station file taken back", "nobody has confirmed it in time",
    )  # fmt: skip
    assert isinstance(told.new, dict)
    assert told.new["who"] == {"account": "anna"}


def test_trial_that_is_confirmed_stays(watch: Watch, tmp_path: Path) -> None:
    """Nothing is told anew, and the trail hears of nothing: the console has told it."""
    file = file_of(tmp_path)
    watch.trials.table["try"](wish(file))
    watch.go(BEGINS_S)
    file.rename(tmp_path / "cell.toml")
    watch.trials.table["keep"]({"id": "1"})
    assert how(watch) == "kept"
    watch.go(1000.0)
    assert bauds(watch.row) == [9600]
    assert list(rows_backwards(tmp_path / "parts.audit.jsonl")) == []
    # said once more by a console that has not heard the answer
    watch.trials.table["keep"]({"id": "1"})


def test_trial_tells_what_a_start_with_the_new_file_would_tell(
    watch: Watch, tmp_path: Path
) -> None:
    """To the byte: the next supervisor adopts the process that was confirmed as it is."""
    before = ConsolePlan.model_validate_json(watch.row.plan.argument)
    console = before.console.model_copy(update={"baud": 9600})
    watch.trials.table["try"](wish(file_of(tmp_path)))
    watch.go(BEGINS_S)
    assert watch.row.told == [before.model_copy(update={"console": console}).model_dump_json()]


def test_trial_whose_confirmer_was_killed_before_it_said_so_stays(
    watch: Watch, tmp_path: Path
) -> None:
    """The file is the new one: what runs is, too."""
    file = file_of(tmp_path)
    watch.trials.table["try"](wish(file))
    watch.go(BEGINS_S)
    file.rename(tmp_path / "cell.toml")
    watch.go(120.0)
    assert how(watch) == "kept"
    assert bauds(watch.row) == [9600]


def test_keep_without_the_file_is_taken_back(watch: Watch, tmp_path: Path) -> None:
    """Nobody has made it the station file: what runs goes with what the next start would read."""
    watch.trials.table["try"](wish(file_of(tmp_path)))
    watch.go(BEGINS_S)
    watch.trials.table["keep"]({"id": "1"})
    assert how(watch) == "taken back"
    assert bauds(watch.row) == [9600, 115200]


def test_trial_whose_file_other_hands_removed_is_taken_back(watch: Watch, tmp_path: Path) -> None:
    """It is not the station file: somebody has tidied up, or has typed `gonogo run` once more."""
    file = file_of(tmp_path)
    (tmp_path / "cell.toml").write_bytes(b"old")
    watch.trials.table["try"](wish(file))
    watch.go(BEGINS_S)
    file.unlink()
    watch.go(120.0)
    assert how(watch) == "taken back"
    assert bauds(watch.row) == [9600, 115200]


def test_take_back_before_it_has_begun_tells_nobody_anything(watch: Watch, tmp_path: Path) -> None:
    """The process has not heard of it."""
    watch.trials.table["try"](wish(file_of(tmp_path)))
    watch.trials.table["take-back"]({"id": "1", "why": "the cable went"})
    assert how(watch) == "taken back"
    watch.go(1000.0)
    assert watch.row.told == []
    (told,) = rows_backwards(tmp_path / "parts.audit.jsonl")
    assert told.why == "the cable went"
    for do in ("keep", "take-back"):
        with pytest.raises(ChangeTakenBack):
            watch.trials.table[do]({"id": "1"})


def test_try_is_one_at_a_time(watch: Watch, tmp_path: Path) -> None:
    """Two would not know whose file it is."""
    watch.trials.table["try"](wish(file_of(tmp_path)))
    with pytest.raises(ChangeNotWritten, match="by anna"):
        watch.trials.table["try"](wish(file_of(tmp_path), id="2"))
    shown = watch.trials.table["trial"]({})["trial"]
    assert (shown["id"], shown["left_s"]) == ("1", 120.0)


@pytest.mark.parametrize(
    "wrong",
    [{"id": 1}, {"file": None}, {"sha256": 7}, {"for_s": 5}, {"for_s": 7200}, {"for_s": "120"},
     {"rows": {"line": [BAUD]}}, {"rows": {"nobody": [BAUD]}}, {"rows": []}, {"told": None},
     {"rows": {"console": [[["console", "bauds"], 1]]}}, {"rows": {"console": [[[], 1]]}},
     {"rows": {"console": [3]}}, {"rows": {"console": [[["station", "x"], 1]]}}],
)  # fmt: skip
def test_try_refuses_what_it_cannot_take_back(
    watch: Watch, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """A row that parts wait for above all; nothing is on trial then."""
    line = ToldRow("line", '{"console": {"baud": 9600}}', apart=False)
    trials = Trials([line, watch.row])
    with pytest.raises(ControlError, match=r"expected|not told"):
        trials.table["try"](wish(file_of(tmp_path)) | wrong)
    assert trials.table["trial"]({})["trial"] is None


def test_row_that_is_told_anew_ends_in_order_and_begins_again(station: str) -> None:
    """Another process, without a strike; what stands beside it in the table goes on."""
    first, other = (row(name, "obey", station, name=name) for name in ("console", "line"))
    with supervised(station, first, other) as table:
        turn_until(table, lambda: table.was_up)
        beat, line = table.beats.rows[1:3]
        pid, line_pid = beat.pid, line.pid
        changed = row("console", "obey", station, name="another").argument
        table.rows[0].retell(changed)
        turn_until(table, lambda: beat.pid not in (0, pid) and table.rows[0].standing.up)
        assert beat.was_told(changed)
        assert (line.pid, beat.starts) == (line_pid, 2)


def test_adopted_row_that_was_on_trial_is_told_what_counts(station: str) -> None:
    """The supervisor that had begun the trial was killed: nobody has confirmed it."""
    counts = row("console", "obey", station, name="a").model_copy(
        update={"apart": True, "alike": "the same"}
    )
    tried = row("console", "obey", station, name="b").argument
    plan = SupervisorPlan(station=station, rows=(counts,))
    with supervised(station, counts) as killed:
        turn_until(killed, lambda: killed.was_up)
        killed.rows[0].retell(tried)
        beat = killed.beats.rows[1]
        turn_until(killed, lambda: beat.was_told(tried) and killed.rows[0].standing.up)
        heir = Supervisor(plan, ProcessTable.attach(station), Means(station, killed._log_fd))
        heir.start()
        turn_until(heir, lambda: beat.was_told(counts.argument) and heir.rows[0].standing.up)
        # adopted as it is by the next one
        starts = beat.starts
        heir.stop()
        parent = killed.rows[0].places[0].occupant.process
        assert parent is not None
        assert parent.wait(WAIT_S)
    assert starts == 3
