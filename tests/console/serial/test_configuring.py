"""The station file is changed at the console: a candidate, a trial, and what becomes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.console.serial.access import Reader
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.tests.console.serial.told import CODE, Cabinet, told_station
from gonogo.tests.fakes import scratch_station
from gonogo.tests.stations import PLAIN_FILE
from gonogo.watchdog.trials import BEGINS_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.ipc.audit.row import Row
    from gonogo.tests.console.serial.told import Told

OLD = PLAIN_FILE + '\n[console]\ndevice = "/dev/ttyTEST0"\n'
NEW = OLD + "baud = 9600\n"
COMMIT = b"commit confirm 60\rslower\r" + CODE.encode() + b"\r"
KEEP = b"commit\rit works\r" + CODE.encode() + b"\r"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A station with a supervisor that takes things back, one for all tests of this file."""
    with scratch_station() as name, told_station(name, tmp_path_factory.mktemp("told")) as found:
        yield found


@pytest.fixture
def told(standing: Told) -> Iterator[Told]:
    """Nothing is on trial yet."""
    begin_anew(standing)
    yield standing
    standing.watch.anew()


def begin_anew(told: Told) -> None:
    """Nothing was asked yet, and nothing told."""
    told.watch.anew()
    beside_records(told.records).unlink(missing_ok=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Its station file."""
    path = tmp_path / "cell.toml"
    path.write_text(OLD, encoding="utf-8")
    return path


def typed(cabinet: Cabinet, *lines: str | bytes) -> str:
    """What is said to the last of them, without the ends of its rows."""
    said = ""
    for line in lines:
        said = cabinet.type(line if isinstance(line, bytes) else line.encode() + b"\r")
    while cabinet.said.screen.paging:
        said += cabinet.type(b" ")
    return " ".join(said.split())


def configured(told: Told, file: Path) -> Cabinet:
    """Somebody has typed another rate, and nothing is in force yet."""
    cabinet = Cabinet(told.name, file=file)
    assert "is open" in typed(cabinet, "configure")
    assert "console.baud: (not there) -> 9600" in typed(cabinet, "set console.baud 9600")
    assert file.read_text(encoding="utf-8") == OLD
    return cabinet


def on_trial(told: Told, file: Path) -> Cabinet:
    """The other rate is in force."""
    cabinet = configured(told, file)
    said = typed(cabinet, COMMIT)
    assert "on trial for 60 s, in console" in said
    assert "THIS PORT goes on at 9600 baud" in said
    assert "comes back at 115200 baud" in said
    told.watch.go(BEGINS_S)
    return cabinet


def bauds(told: Told) -> list[int]:
    """What the console's process was told, in order."""
    return [json.loads(each)["console"]["baud"] for each in told.watch.row.told]


def how(told: Told) -> str:
    """How the trial ended."""
    found = told.watch.ended()
    return found["how"] if found is not None else "none"


def rows(told: Told) -> list[Row]:
    """Of the trail, oldest first."""
    return [*rows_backwards(beside_records(told.records))][::-1]


def left(file: Path) -> list[str]:
    """Station files that lie there."""
    return sorted(each.name for each in file.parent.glob("*cell*"))


def test_commit_confirm_then_commit_keeps_it(told: Told, file: Path) -> None:
    """Live first, in the file once it is confirmed; the trail has who, what and why."""
    cabinet = on_trial(told, file)
    assert (bauds(told), file.read_text(encoding="utf-8")) == ([9600], OLD)
    assert "kept" in typed(cabinet, KEEP)
    assert how(told) == "kept"
    assert (bauds(told), file.read_text(encoding="utf-8")) == ([9600], NEW)
    assert left(file) == ["cell.toml"]
    said = [(row.what, row.state, row.why) for row in rows(told)]
    assert said == [
        ("station file on trial", "asked", "slower"), ("station file on trial", "done", ""),
        ("station file kept", "asked", "it works"), ("station file kept", "done", ""),
    ]  # fmt: skip
    tried = rows(told)[0]
    assert isinstance(tried.new, dict)
    assert tried.new["keys"] == {"console.baud": 9600}
    assert tried.who["way"] == "serial"


def test_commit_comes_from_another_session_as_well(told: Told, file: Path) -> None:
    """The port has another rate now: whoever signs in there is told, and confirms."""
    on_trial(told, file)
    again = Cabinet(told.name, file=file)
    assert "a change is on trial for 58 s more: 'commit' keeps it" in again.greeting
    assert "kept" in typed(again, KEEP)
    assert file.read_text(encoding="utf-8") == NEW


def test_nobody_confirms_and_the_old_value_is_back(told: Told, file: Path) -> None:
    """Without a start; whoever comes then is told."""
    cabinet = on_trial(told, file)
    told.watch.go(60.0)
    assert how(told) == "taken back"
    assert (bauds(told), file.read_text(encoding="utf-8")) == ([9600, 115200], OLD)
    assert left(file) == ["cell.toml"]
    assert "GN657" in typed(cabinet, KEEP)
    assert rows(told)[2].what == "station file taken back"
    assert "a change was taken back" in Cabinet(told.name, file=file).greeting


def test_take_back_is_a_command(told: Told, file: Path) -> None:
    """For whoever sees that it was wrong."""
    cabinet = on_trial(told, file)
    typed(cabinet, "commit take-back", "it was wrong")
    assert "taken back" in typed(cabinet, CODE)
    assert how(told) == "taken back"
    assert bauds(told) == [9600, 115200]
    assert "GN657" in typed(cabinet, "commit take-back", "", CODE)


def test_cable_pulled_at_every_byte_of_a_trial_leaves_the_old_values(
    told: Told, file: Path
) -> None:
    """Not begun, or taken back."""
    for count in range(len(COMMIT) + 1):
        begin_anew(told)
        cabinet = configured(told, file)
        cabinet.type(COMMIT[:count])
        cabinet.session.hang_up()
        told.watch.go(BEGINS_S)
        told.watch.go(3600.0)
        how(told)
        assert bauds(told)[-1:] in ([], [115200])
        assert (file.read_text(encoding="utf-8"), left(file)) == (OLD, ["cell.toml"])
    assert [row.why for row in rows(told)][-1] == "/dev/ttyTEST0 went"


def test_cable_pulled_at_every_byte_of_a_commit_leaves_old_or_new(told: Told, file: Path) -> None:
    """File and process agree, whichever it is."""
    for count in range(len(KEEP) + 1):
        begin_anew(told)
        cabinet, new = on_trial(told, file), count == len(KEEP)
        cabinet.type(KEEP[:count])
        cabinet.session.hang_up()
        assert how(told) == ("kept" if new else "taken back")
        assert file.read_text(encoding="utf-8") == (NEW if new else OLD)
        assert bauds(told)[-1] == (9600 if new else 115200)
        assert left(file) == ["cell.toml"]


def test_hang_up_elsewhere_takes_nothing_back(told: Told, file: Path) -> None:
    """Another port, and a session that has put nothing on trial."""
    on_trial(told, file)
    other = Cabinet(told.name, file=file, port="/dev/ttyTEST9")
    other.session.hang_up()
    told.watch.go(1.0)
    assert bauds(told) == [9600]


def test_key_that_is_read_at_the_start_is_refused_and_written_by_its_word(
    told: Told, file: Path
) -> None:
    """With the reason; `commit at-next-start` writes all of it, comments and order as they were."""
    cabinet = configured(told, file)
    typed(cabinet, "set station.budget_ms 120")
    assert "GN655: station.budget_ms: " in typed(cabinet, COMMIT)
    assert (file.read_text(encoding="utf-8"), bauds(told)) == (OLD, [])
    assert "next start" in typed(cabinet, "commit at-next-start", "faster line", CODE)
    assert "baud = 9600" in file.read_text(encoding="utf-8")
    assert "budget_ms = 120" in file.read_text(encoding="utf-8")
    assert (bauds(told), left(file)) == ([], ["cell.toml"])
    assert [row.what for row in rows(told)] == ["station file written"] * 2


def test_wrong_values_are_told_with_their_lines_and_not_committed(told: Told, file: Path) -> None:
    """By `diff`, and whoever commits it nevertheless."""
    cabinet = configured(told, file)
    typed(cabinet, "set console.idle_s 3")
    assert "cell.toml:30: console.idle_s: expected 30 to 86400 s" in typed(cabinet, "diff")
    assert "GN110" in typed(cabinet, COMMIT)
    assert "GN110" in typed(cabinet, "commit at-next-start", "", CODE)
    assert (file.read_text(encoding="utf-8"), rows(told), left(file)) == (OLD, [], ["cell.toml"])
    typed(cabinet, "delete console.idle_s")
    assert "idle_s" not in typed(cabinet, "diff")


def test_candidate_is_of_one_session_and_goes_with_it(told: Told, file: Path) -> None:
    """Another one has none; neither has whoever comes after a hang-up."""
    cabinet = configured(told, file)
    assert "expected `configure` first" in typed(Cabinet(told.name, file=file), "diff")
    assert "baud = 9600" in typed(cabinet, "show")
    cabinet.session.hang_up()
    cabinet.sent()
    assert "expected `configure` first" in typed(cabinet, "set console.baud 9600")
    assert "baud = 9600" not in typed(cabinet, "show")


def test_commit_of_nothing_and_without_a_candidate(told: Told, file: Path) -> None:
    """Each says what is missing; a change that waits holds up the next one."""
    cabinet = Cabinet(told.name, file=file)
    assert "GN652" in typed(cabinet, COMMIT)
    typed(cabinet, "configure")
    assert "nothing differs" in typed(cabinet, COMMIT)
    assert "GN657" in typed(cabinet, KEEP)
    on_trial(told, file)
    other = configured(told, file)
    assert "GN656" in typed(other, COMMIT)
    assert "GN656" in typed(other, "commit at-next-start", "", CODE)
    assert len(left(file)) == 2


def test_file_that_was_edited_meanwhile_is_left(told: Told, file: Path) -> None:
    """What somebody has typed is not lost, and what is on trial goes back."""
    cabinet = on_trial(told, file)
    file.write_text(OLD + "# by hand\n", encoding="utf-8")
    assert "edited meanwhile" in typed(cabinet, KEEP)
    told.watch.go(60.0)
    assert how(told) == "taken back"
    assert file.read_text(encoding="utf-8") == OLD + "# by hand\n"


def test_station_without_a_file_has_nothing_to_configure(told: Told) -> None:
    """One of the tests, or of a rehearsal."""
    assert "GN110" in typed(Cabinet(told.name), "configure")


def test_secrets_are_not_shown(told: Told, file: Path) -> None:
    """Nor typed."""
    lock = f"scrypt$15$8$1${'0' * 32}${'00ff' * 16}"
    file.write_text(OLD + f'[maintenance]\nkey_scrypt = "{lock}"\n', encoding="utf-8")
    said = typed(Cabinet(told.name, file=file), "show")
    assert "key_scrypt" in said
    assert "00ff" not in said


def test_whoever_may_only_read_configures_nothing(told: Told, file: Path) -> None:
    """At a cable without accounts."""
    cabinet = Cabinet(told.name, access=Reader(), file=file)
    for line in ("configure", "set console.baud 9600", "commit", "commit confirm"):
        assert "GN653" in typed(cabinet, line)
