"""What a technician is shown: a live view in figures, master parts, and what changed."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.words import MasterPart
from gonogo.config.started_by import START
from gonogo.console.access.roles import TABLE, Role
from gonogo.console.screen.access import Asker, Person
from gonogo.console.screen.setup import BINS, in_figures
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.ipc.audit.row import Entry
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.control_socket import ControlServer
from gonogo.ipc.last_good_file import last_good, marked
from gonogo.ipc.master_part import Gate, MasterPartMemory, Phase, Why
from gonogo.tests.console.screen.scene import OURS, app_of, call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from gonogo.console.screen.shown import Behind
    from gonogo.tests.console.screen.scene import Scene


class ByRole:
    """Everybody has the role that a header names."""

    def person(self, asker: Asker) -> Person:
        """With what that role may."""
        role = asker.headers["x-who"]
        return Person(role, frozenset(each.value for each in TABLE[Role(role)]))


def who(role: str) -> dict[str, str]:
    """Headers of that role's own page."""
    return OURS | {"x-who": role}


@pytest.fixture
def behind(scene: Scene) -> Iterator[Behind]:
    """Of a station without a supervisor."""
    with ExitStack() as stack:
        yield scene.open(stack, ByRole())


@pytest.fixture
def app(behind: Behind) -> ASGIApp:
    """The application over it."""
    return app_of(behind)


@pytest.fixture
def memory(scene: Scene) -> Iterator[MasterPartMemory]:
    """Of its master parts."""
    made = MasterPartMemory.create(scene.station)
    yield made
    made.close()


@contextmanager
def supervised(scene: Scene, answers: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """A supervisor that answers so; what it was asked."""
    asked: list[dict[str, Any]] = []

    def handle(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return answers

    server, over = ControlServer(scene.station, handle), threading.Event()

    def serve() -> None:
        while not over.wait(0.01):
            server.serve(server.fds)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield asked
    finally:
        over.set()
        thread.join()
        server.close()


def test_setup_is_for_who_may_see_it(app: ASGIApp) -> None:
    """An operator sees none of it, and shows master parts elsewhere."""
    for path in ("/setup/view/0", "/setup/golden", "/setup/changes"):
        assert call(app, path, headers=who("operator")).status == 403
    asked = {"part": "good"}
    assert call(app, "/setup/golden", fields=asked, headers=who("observer")).status == 403


def test_view_is_that_of_the_newest_part_in_figures(scene: Scene, behind: Behind) -> None:
    """Light, focus and a histogram of all of its pixels, at its own size."""
    app = app_of(behind)
    none = call(app, "/setup/view/0", headers=who("technician"))
    assert (none.status, "no frame of it" in none.json["text"]) == (404, True)
    scene.judge(3, shade=200)
    behind.watcher.turn()
    found = call(app, "/setup/view/0", headers=who("technician")).json
    assert (found["serial"], found["width_px"], found["height_px"]) == (3, 48, 32)
    assert found["run"] == scene.journal.run
    assert sum(found["histogram"][0]) == 48 * 32
    assert found["histogram"][0][200 // (256 // BINS)] > 0
    assert call(app, "/setup/view/1", headers=who("technician")).status == 400


def test_looking_at_a_view_has_its_picture_kept(scene: Scene, behind: Behind) -> None:
    """The frames are copied as long as somebody looks, also at this page alone."""
    app = app_of(behind)
    scene.judge(1)
    behind.watcher.turn()
    call(app, "/setup/view/0", headers=who("technician"))
    scene.judge(2)
    path = f"/picture/{scene.journal.run}/2/0"
    end_s = time.monotonic() + 30
    while call(app, path, headers=who("technician")).status != 200:  # shown five times a second
        assert time.monotonic() < end_s
        behind.watcher.turn()


def test_figures_of_a_frame_count_its_saturated_pixels() -> None:
    """A quarter at the end, in grey and in colour; every pixel is in a bin."""
    grey = np.full((20, 40), 10, np.uint8)
    grey[:10, :20] = 255
    found = in_figures(grey)
    assert (found["saturated"], found["black"]) == (0.25, 0.0)
    assert found["histogram"] == [[0, 0, 600, *[0] * 60, 200]]
    assert found["focus"] > 0
    colour = in_figures(np.dstack([grey, grey, np.zeros_like(grey)]))
    assert [sum(each) for each in colour["histogram"]] == [800] * 3
    assert colour["saturated"] == 0.25


def test_golden_says_gates_and_when_each_is_due(app: ASGIApp, memory: MasterPartMemory) -> None:
    """And how far the last request is."""
    now_ns = time.monotonic_ns()
    memory.places[MasterPart.GOOD].passed(now_ns - 3_600_000_000_000, 7)
    memory.places[MasterPart.GOOD].due_ns = now_ns + 7_200_000_000_000
    memory.places[MasterPart.BAD].close_gate(Gate.WRONG, now_ns)
    number = memory.ask(MasterPart.BAD)
    memory.say(number, Phase.WRONG, Why.BAD_ACCEPTED)
    found = call(app, "/setup/golden", headers=who("technician")).json
    good, bad = found["places"]
    assert (good["part"], good["gate"]) == ("good", "OPEN")
    assert good["passed_age_ms"] >= 3_600_000
    assert 7_000_000 < good["due_ms"] <= 7_200_000
    assert (bad["gate"], bad["passed_age_ms"], bad["due_ms"]) == ("WRONG", None, None)
    request = found["request"]
    assert (request["part"], request["phase"], request["ended"]) == ("bad", "WRONG", True)
    assert "accepted" in request["why"]


def test_golden_part_is_asked_for_as_the_console_does(scene: Scene, app: ASGIApp) -> None:
    """By the supervisor, and told in the trail with who it was."""
    with supervised(scene, {"number": 5}) as asked:
        sent = call(app, "/setup/golden", fields={"part": "bad"}, headers=who("operator"))
        assert sent.json == {"number": 5}
        back = call(app, "/setup/golden", fields={"part": "back"}, headers=who("technician"))
        assert back.json == {"number": 0}
    assert [(each["do"], each.get("part")) for each in asked] == [
        ("master-part", "bad"), ("master-part-back", None),
    ]  # fmt: skip
    rows = list(rows_backwards(beside_records(scene.records)))[::-1]
    assert [(row.what, row.state, row.who["login"]) for row in rows] == [
        ("master part", "asked", "operator"), ("master part", "done", "operator"),
        ("master part taken back", "asked", "technician"),
        ("master part taken back", "done", "technician"),
    ]  # fmt: skip


def test_golden_part_that_nobody_takes_is_refused(app: ASGIApp) -> None:
    """As of a station whose supervisor has gone."""
    sent = call(app, "/setup/golden", fields={"part": "good"}, headers=who("technician"))
    assert (sent.status, sent.json["code"][:3]) == (409, "GN5")
    wrong = call(app, "/setup/golden", fields={"part": "ugly"}, headers=who("technician"))
    assert (wrong.status, wrong.json["code"]) == (400, "GN672")


def test_changes_are_those_since_the_station_last_came_up(
    scene: Scene, app: ASGIApp, tmp_path: Path
) -> None:
    """The start that came up is the oldest of them; who it was is for who may see the trail."""
    file, trail = tmp_path / "cell.toml", Trail(beside_records(scene.records))
    file.write_text("[station]\nspeed_mm_s = 200\n")
    last_good(file).write_bytes(marked(b"[station]\nspeed_mm_s = 100\n"))
    trail.append(Entry("limits", "done"))
    changed = {"file": str(file), "changes": {"station.speed_mm_s": [50, 100]}}
    trail.append(Entry(START, "asked", None, changed))
    trail.append(Entry(START, "done", None, {"sha256": "0" * 64}))
    trail.append(Entry("note", "noted", why="<b>new lamp</b>"))
    trail.append(Entry("disposition", "done"))  # changes nothing
    found = call(app, "/setup/changes", headers=who("technician")).json
    assert found["differs"] == [["station.speed_mm_s", 100, 200]]
    assert [row["what"] for row in found["rows"]] == ["note", START]
    assert any("<b>new lamp</b>" in line for line in found["rows"][0]["lines"])
    assert any("50 -> 100" in line for line in found["rows"][1]["lines"])
    assert {row["who"] for row in found["rows"]} == {""}
    named = call(app, "/setup/changes", headers=who("supervisor")).json
    assert all(row["who"] for row in named["rows"])


def test_changes_of_a_station_that_nobody_knows_the_file_of(app: ASGIApp) -> None:
    """Neither a trail nor a file: said, and nothing invented."""
    found = call(app, "/setup/changes", headers=who("technician")).json
    assert (found["file"], found["differs"], found["rows"]) == (None, None, [])
    assert "not known" in found["why"]


def test_file_that_nobody_kept_is_not_said_to_be_the_same(
    scene: Scene, app: ASGIApp, tmp_path: Path
) -> None:
    """Before the first start that came up there is nothing to compare with."""
    file = tmp_path / "cell.toml"
    file.write_text("[station]\n")
    Trail(beside_records(scene.records)).append(Entry(START, "asked", None, {"file": str(file)}))
    found = call(app, "/setup/changes", headers=who("technician")).json
    assert (found["file"], found["differs"]) == (str(file), None)


def test_file_that_is_no_toml_any_more_differs(scene: Scene, app: ASGIApp, tmp_path: Path) -> None:
    """What it says cannot be compared."""
    file = tmp_path / "cell.toml"
    file.write_text("[station\n")
    last_good(file).write_bytes(marked(b"[station]\n"))
    Trail(beside_records(scene.records)).append(Entry(START, "asked", None, {"file": str(file)}))
    found = call(app, "/setup/changes", headers=who("technician")).json
    assert found["differs"] == [["", None, "no TOML"]]
