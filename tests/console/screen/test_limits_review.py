"""The limits review as the page asks for it: the same parts, words and numbers as on a terminal."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import VerdictKind
from gonogo.config.station import load_station
from gonogo.console.screen.limits_review import BY_HAND
from gonogo.console.screen.review import Review
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.pictures.rows import PictureRows, Row
from gonogo.tests.commands.passed import BAD, GOOD, LIMIT, ODD, RUN, bundled, passed
from gonogo.tests.commands.test_limits_review import SAID, gonogo
from gonogo.tests.console.screen.reviewed import Roles, started
from gonogo.tests.console.screen.scene import OURS, app_of, call
from gonogo.tests.records.months import CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from gonogo.tests.console.screen.scene import Answer, Scene

PARTS = len(GOOD) + len(ODD) + len(BAD)
DAY_MS = 86_400_000


def who(name: str) -> dict[str, str]:
    """Headers of that person's own page."""
    return OURS | {"x-who": name}


@pytest.fixture
def file(scene: Scene, tmp_path: Path) -> Path:
    """Of a station whose model file has scored 116 parts."""
    made = passed(tmp_path).file
    started(scene, made)
    return made


@pytest.fixture
def app(scene: Scene, file: Path) -> Iterator[ASGIApp]:
    """The screen of that station."""
    assert file.exists()
    with ExitStack() as stack:
        yield app_of(scene.open(stack, Roles()))


def review(app: ASGIApp, name: str = "ann") -> Any:  # noqa: ANN401 - as JSON has it
    """What the page shows."""
    answer = call(app, "/limits/review", headers=who(name))
    assert answer.status == 200, answer.body
    return answer.json


def say(app: ASGIApp, part: dict[str, Any], label: str, name: str = "ann") -> Answer:
    """That it is good or bad."""
    fields = {
        "view": "top", "run": part["run"], "serial": part["serial"], "label": label,
        "seen": part["seen"], "request_id": f"{name}-{part['serial']}-{label}-{part['seen']}",
    }  # fmt: skip
    return call(app, "/limits/say", fields=fields, headers=who(name))


def looked_at(file: Path) -> None:
    """Twenty parts were reviewed at a terminal, four of them bad."""
    gonogo("limits", "review", "--station", file, "--top", "20", typed=SAID)


def wanted(app: ASGIApp, recheck: float, reject: float) -> dict[str, Any]:
    """What is sent once somebody has agreed to the difference that is shown."""
    asked = f"/limits/difference?view=top&recipe=1&recheck={recheck}&reject={reject}"
    shown = call(app, asked, headers=who("boss"))
    assert shown.status == 200, shown.body
    assert f"+reject_above = {reject}" in shown.json["lines"]
    return {
        "view": "top", "recipe": 1, "recheck_above": recheck, "reject_above": reject,
        "why": "first week", "sha256": shown.json["sha256"],
    }  # fmt: skip


def test_review_shows_the_highest_with_their_scores_and_what_is_in_force(app: ASGIApp) -> None:
    """Before anybody has looked nothing is proposed, and that is said."""
    shown = review(app)
    assert (shown["found"], len(shown["parts"]), shown["hidden"]) == (PARTS, 30, 0)
    first = shown["parts"][0]
    assert (first["part_id"], first["score"], first["verdict"]) == (1113, 9.0, "REJECT")
    assert (first["view"], first["missing"], first["said"], first["seen"]) == (0, "", None, 0)
    assert shown["in_force"] == [LIMIT, LIMIT]
    assert [len(shown["scores"][each]) for each in ("good", "bad", "assumed")] == [0, 0, PARTS]
    assert shown["proposed"] is None
    assert "nobody has looked" in shown["why_none"]
    assert call(app, "/limits/review", headers=who("blind")).status == 403


def test_word_that_is_said_here_counts_as_one_of_the_review(app: ASGIApp) -> None:
    """For the next who looks; one who has not seen it is told so."""
    part = review(app)["parts"][0]
    assert say(app, part, "bad").json == {"number": 1}
    assert say(app, part, "good", "boss").status == 409
    again = review(app)["parts"][0]
    assert (again["said"], again["seen"]) == ("bad", 1)
    assert call(app, "/limits/say", fields={}, headers=who("ann")).status == 400
    assert say(app, part, "good", "nobody").status == 403


def test_proposal_is_that_of_the_terminal(app: ASGIApp, file: Path) -> None:
    """The same limits, the same counts and bounds."""
    looked_at(file)
    told = gonogo("limits", "review", "--station", file, "--yes")
    found = re.search(r"proposed: recheck above (\S+), reject above (\S+) \(", told)
    assert found is not None
    proposed = review(app)["proposed"]
    assert proposed["limits"] == [float(found[1]), float(found[2])]
    for name, its in proposed["expected"].items():
        low, high = 100 * its["low"], 100 * its["high"]
        bounds = f"({its['events']} of {its['of']}; 95 % sure of {low:.1f} to {high:.1f} %)"
        assert re.search(f"{name}, .*{re.escape(bounds)}", told), told


def test_limits_are_written_by_a_supervisor_and_taken_back(app: ASGIApp, file: Path) -> None:
    """As dragged; who, why and what is expected of them is in the trail."""
    looked_at(file)
    before = file.read_bytes()
    asked = wanted(app, 2.2, 5.0)
    assert call(app, "/limits/apply", fields=asked, headers=who("ann")).status == 403
    assert call(app, "/limits/apply", fields=asked, headers=who("boss")).status == 200
    engine = load_station(file).view[0].engine
    assert engine is not None
    assert (engine.recheck_above, engine.reject_above) == (2.2, 5.0)
    assert review(app)["undone"]
    row = next(rows_backwards(beside_records(load_station(file).records.path)))
    assert (row.what, row.state, row.who["login"]) == ("limits", "done", "boss")
    assert row.new["how"] == BY_HAND
    shown = call(app, "/limits/undone", headers=who("boss")).json
    back = {"why": "too strict", "sha256": shown["sha256"]}
    assert call(app, "/limits/undo", fields=back, headers=who("ann")).status == 403
    assert call(app, "/limits/undo", fields=back, headers=who("boss")).status == 200
    assert file.read_bytes() == before
    assert call(app, "/limits/undone", headers=who("boss")).status == 404


def test_proposed_limits_are_written_with_what_was_expected_of_them(
    app: ASGIApp, file: Path
) -> None:
    """Counted on parts that were left out, as a terminal tells the trail."""
    looked_at(file)
    recheck, reject = review(app)["proposed"]["limits"]
    asked = wanted(app, recheck, reject)
    assert call(app, "/limits/apply", fields=asked, headers=who("boss")).status == 200
    row = next(rows_backwards(beside_records(load_station(file).records.path)))
    assert "left out in turn" in row.new["how"]


def test_limits_are_not_written_into_another_file_than_was_shown(app: ASGIApp, file: Path) -> None:
    """Somebody has edited it meanwhile; and where nothing is proposed nothing is written."""
    unseen = call(app, "/limits/apply", fields=wanted(app, 2.2, 5.0), headers=who("boss"))
    assert (unseen.status, unseen.json["code"]) == (409, "GN618")
    looked_at(file)
    asked = wanted(app, 2.2, 5.0)
    file.write_text(file.read_text() + "\n# by hand\n")
    edited = file.read_bytes()
    refused = call(app, "/limits/apply", fields=asked, headers=who("boss"))
    assert (refused.status, refused.json["code"]) == (409, "GN676")
    assert file.read_bytes() == edited


@pytest.mark.parametrize(
    "wrong",
    [
        {"recheck_above": 6.0},  # above reject
        {"reject_above": float("inf")},
        {"why": "  "},
        {"sha256": "0"},
        {"recipe": 0},
    ],
)
def test_limits_that_are_none_are_not_asked_for(app: ASGIApp, wrong: dict[str, Any]) -> None:
    """Refused before any file is read."""
    right = {
        "view": "top", "recipe": 1, "recheck_above": 2.2, "reject_above": 5.0, "why": "week 1",
        "sha256": "0" * 64,
    }  # fmt: skip
    answer = call(app, "/limits/apply", fields=right | wrong, headers=who("boss"))
    assert (answer.status, answer.json["code"]) == (400, "GN672")


def test_numbers_behind_a_path_are_numbers(app: ASGIApp) -> None:
    """Whatever else stands there."""
    for query in ("recheck=nan&reject=1", "recheck=1", "recheck=1&reject=2&recipe=x"):
        answer = call(app, f"/limits/difference?view=top&{query}", headers=who("boss"))
        assert (answer.status, answer.json["code"]) == (400, "GN672")
    missing = call(app, "/limits/review?view=side", headers=who("ann"))
    assert (missing.status, missing.json["code"]) == (404, "GN617")


def test_engine_whose_limits_are_signed_is_reviewed_and_not_written(
    scene: Scene, tmp_path: Path
) -> None:
    """They stand in no station file."""
    file = bundled(tmp_path)
    started(scene, file)
    looked_at(file)
    with ExitStack() as stack:
        app = app_of(scene.open(stack, Roles()))
        shown = review(app)
        assert not shown["in_file"]
        fields = {
            "view": "top", "recipe": 1, "recheck_above": 2.2, "reject_above": 5.0, "why": "x",
            "sha256": shown["sha256"],
        }  # fmt: skip
        answer = call(app, "/limits/apply", fields=fields, headers=who("boss"))
    assert (answer.status, answer.json["code"]) == (409, "GN635")


def test_part_that_waits_in_the_audit_sample_shows_no_score(scene: Scene, file: Path) -> None:
    """Of those whom it still asks; who is asked nothing sees it."""
    accepted = PARTS  # the last bad one is below the limit
    rows = PictureRows(scene.records, file.parent / "pictures")
    rows.write([Row(RUN, accepted, 0, "top", PictureKind.AUDIT, PictureState.KEPT)])
    rows.close()
    with ExitStack() as stack:
        found = scene.open(stack, Roles(), audited=True)
        later = lambda: CLOCK.wall_ns // 10**6 + DAY_MS  # noqa: E731 - of those days
        sample = Review(found.plan, found.archive, found.speaking, later)
        app = app_of(found._replace(review=sample))
        hers, others = review(app, "ann"), review(app, "nobody")
    assert (hers["hidden"], others["hidden"]) == (1, 0)
    assert accepted in [part["serial"] for part in others["parts"]]
    assert accepted not in [part["serial"] for part in hers["parts"]]
    assert {part["verdict"] for part in others["parts"]} >= {VerdictKind.ACCEPT.name}
