"""What the screen answers, asked as a browser asks."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.errors import (
    AccessDenied,
    DispositionRefused,
    DispositionsHeld,
    GonogoError,
    NoSuchPart,
    RecordsUnreadable,
)
from gonogo.base.words import VerdictKind
from gonogo.console.screen.access import AUDIT, DECIDE, SAY, SEE, Asker, Person
from gonogo.console.screen.asked import BODY_MAX
from gonogo.console.screen.beside import TooMuch
from gonogo.console.screen.pages import HEADERS, page_files
from gonogo.console.screen.refused import refusal, status_of
from gonogo.console.screen.watcher import STUCK_NS
from gonogo.ipc.audit import files
from gonogo.ipc.audit.trail import Trail
from gonogo.ipc.map_place import MapPlace, tell_place
from gonogo.records.picture_words import PictureKind
from gonogo.records.pictures.rows import PictureRows
from gonogo.tests.console.screen.scene import ENGINE, OURS, RULE, Scene, app_of, call
from gonogo.tests.records.pictures.made import HOUR, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from gonogo.console.screen.shown import Behind

MALICE = "<script>alert(1)</script>\u202e"
EVERYTHING = frozenset({SEE, SAY, AUDIT, DECIDE})


class Known:
    """Everybody is who a header says they are: accounts are another module's."""

    def person(self, asker: Asker) -> Person:
        """May speak, and a supervisor may decide."""
        name = asker.headers.get("x-who", "nobody")
        may = {"nobody": frozenset({SEE}), "boss": EVERYTHING, "blind": frozenset[str]()}
        return Person(name, may.get(name, EVERYTHING - {DECIDE}))


@pytest.fixture
def found(scene: Scene) -> Iterator[Behind]:
    """All that stands behind the answers."""
    with ExitStack() as stack:
        yield scene.open(stack, Known(), audited=True)


@pytest.fixture
def app(found: Behind) -> ASGIApp:
    """The application over it."""
    return app_of(found)


def path_of(scene: Scene, serial: int, *more: object) -> str:
    """RUN/SERIAL of a part of this run, and what follows it."""
    return "/".join(map(str, (scene.journal.run, serial, *more)))


def who(name: str) -> dict[str, str]:
    """Headers of that person's own page."""
    return OURS | {"x-who": name}


def word(scene: Scene, serial: int, **said: object) -> dict[str, object]:
    """What a dialog sends."""
    plain = {"word": "false-reject", "seen": 0, "request_id": f"r{serial}"}
    return {"run": scene.journal.run, "serial": serial, **plain, **said}


@pytest.mark.parametrize("path", sorted(page_files()))
def test_app_serves_the_page_and_keeps_a_browser_to_it(app: ASGIApp, path: str) -> None:
    """Each file, with the policy on it."""
    answer = call(app, path)
    assert (answer.status, answer.body) == (200, page_files()[path].body)
    assert HEADERS.items() <= answer.headers.items()
    assert answer.headers["content-type"] == page_files()[path].content_type


@pytest.mark.parametrize(
    "path", ["/../process.py", "/page/index.html", "/texts/../index.html", "/nothing", "//now"]
)
def test_app_serves_no_other_file(app: ASGIApp, path: str) -> None:
    """With the policy on that answer, too."""
    answer = call(app, path)
    assert answer.status == 404
    assert HEADERS.items() <= answer.headers.items()


def test_app_says_what_is_on_the_screen_and_when_nothing_is_new(
    scene: Scene, found: Behind, app: ASGIApp
) -> None:
    """A tag that is asked with comes back alone; a new part has another one."""
    first = call(app, "/now")
    assert first.json["part"] is None
    same = call(app, "/now", headers={"if-none-match": first.headers["etag"]})
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", first.headers["etag"])
    scene.judge(1, VerdictKind.REJECT)
    newer(found)
    then = call(app, "/now", headers={"if-none-match": first.headers["etag"]})
    assert then.json["part"]["verdict"] == "REJECT"
    assert then.json["part"]["rule"]["name"] == RULE
    assert then.json["part"]["views"] == [
        {"view": 0, "name": "top", "fault": "OK", "pictured": True}
    ]


def test_app_holds_its_answer_until_something_is_newer(
    scene: Scene, found: Behind, app: ASGIApp
) -> None:
    """Asked to wait, with the value that is known; it is the thread that follows which tells."""
    first = call(app, "/now?wait")
    assert first.status == 200
    found.watcher.start()
    with ThreadPoolExecutor(1) as page:
        asked = page.submit(
            call, app, "/now?wait", headers={"if-none-match": first.headers["etag"]}
        )
        end_s = time.monotonic() + 30
        while not (found.watcher.news.waiting or asked.done()):
            assert time.monotonic() < end_s
            time.sleep(0.001)
        scene.judge(1)
        answers = [asked.result()]
    # a box that was busy for longer than it holds an answer says that nothing is new: ask again
    while answers[-1].status == 304:
        assert time.monotonic() < end_s
        answers.append(call(app, "/now?wait", headers={"if-none-match": first.headers["etag"]}))
    assert answers[-1].json["part"]["serial"] == 1


def newer(found: Behind) -> None:
    """A turn that makes a new value, however fast this box is."""
    before = found.watcher.now.version
    end_s = time.monotonic() + 30
    while found.watcher.turn().version == before:
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_app_does_not_pass_old_values_off_as_new(found: Behind, app: ASGIApp) -> None:
    """Whoever follows the station hangs: that is said, in place of what was."""
    found.watcher.turned_ns = time.monotonic_ns() - STUCK_NS - 1
    answer = call(app, "/now")
    assert (answer.status, answer.json["code"]) == (503, "stuck")


def test_app_shows_picture_and_map_of_the_part_that_just_passed(
    scene: Scene, found: Behind, app: ASGIApp
) -> None:
    """Out of the ring, without any record; the map is of the size of the picture."""
    call(app, "/now")
    scene.judge(3, shade=140)
    newer(found)
    picture = call(app, f"/picture/{path_of(scene, 3, 0)}")
    assert picture.headers["content-type"] == "image/jpeg"
    pixels = cv2.imdecode(np.frombuffer(picture.body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    assert pixels.shape == (32, 48)
    assert abs(int(pixels.mean()) - 140) < 3
    unplaced = call(app, f"/map/{path_of(scene, 3, 0)}")
    assert (unplaced.status, unplaced.json["code"]) == (404, "GN673")
    tell_place(scene.mailbox, 0, MapPlace(ENGINE, 0.0, 0.0, 32.0, 48.0, 2.0, 3.0))
    drawn = call(app, f"/map/{path_of(scene, 3, 0)}")
    assert drawn.headers["content-type"] == "image/png"
    overlay = cv2.imdecode(np.frombuffer(drawn.body, np.uint8), cv2.IMREAD_UNCHANGED)
    assert overlay is not None
    assert overlay.shape == (32, 48, 4)


def kept(scene: Scene, serial: int, kind: PictureKind = PictureKind.REJECT) -> None:
    """A picture of a part and its map, as the pictures process leaves them."""
    folder = scene.folder / "pictures"
    (folder / HOUR).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / HOUR / "a.png"), np.full((32, 48), 200, np.uint8))
    cv2.imwrite(str(folder / HOUR / "a.map.png"), np.full((2, 3), 255, np.uint8))
    rows = PictureRows(scene.records, folder)
    row = row_of(serial, kind=kind, path=f"{HOUR}/a.png", map=f"{HOUR}/a.map.png")
    assert rows.write([row._replace(run=scene.journal.run, low=0.0, high=1.0)]) == []
    rows.close()


def test_app_shows_a_part_of_long_ago_from_what_is_kept(scene: Scene, app: ASGIApp) -> None:
    """With its map; once somebody removed the picture, that is said."""
    scene.record(scene.judge(5, VerdictKind.REJECT))
    kept(scene, 5)
    tell_place(scene.mailbox, 0, MapPlace(ENGINE, 0.0, 0.0, 32.0, 48.0, 2.0, 3.0))
    for what in ("picture", "map"):
        assert call(app, f"/{what}/{path_of(scene, 5, 0)}").status == 200
    (scene.folder / "pictures" / HOUR / "a.png").unlink()
    for what in ("picture", "map"):
        gone = call(app, f"/{what}/{path_of(scene, 5, 0)}")
        assert (gone.status, gone.json["code"]) == (404, "GN606")
        assert "no picture of it is kept" in gone.json["text"]


def test_app_tells_all_of_a_part(scene: Scene, app: ASGIApp) -> None:
    """Names are text, whatever is in them; codes have texts in the language of the page."""
    scene.record(scene.judge(6, VerdictKind.REJECT))
    told = call(app, f"/part/{path_of(scene, 6)}?lang=de").json
    assert (told["verdict"], told["seen"], told["said"]) == ("REJECT", 0, [])
    assert told["words"] == ["confirmed", "false-reject", "unsure"]
    assert told["checks"][0]["rule"] == RULE
    assert told["checks"][0]["high"] is None
    assert {"code": "scratch", "text": "Kratzer", "means": "defect"} in told["codes"]
    assert (
        call(app, f"/part/{path_of(scene, 6)}?lang=../../x").json["codes"][1]["text"] == "Scratch"
    )


@pytest.mark.parametrize(
    "where", ["run/1/0/9", "/1/0", "run/x/0", "run/1/-1", "run/1/1", "run/0/0", f"run/{2**40}/0",
              f"{'r' * 200}/1/0", "run/1/\u0661"],
)  # fmt: skip
def test_app_refuses_what_is_no_part_or_view(app: ASGIApp, where: str) -> None:
    """Without looking for it anywhere."""
    assert call(app, f"/picture/{where}").status in {400, 404}


def test_app_writes_a_word_down_for_the_part_that_was_shown(scene: Scene, app: ASGIApp) -> None:
    """Once, whoever sends it twice; in the audit trail with the person, and from where."""
    scene.record(scene.judge(7, VerdictKind.REJECT), scene.judge(8, VerdictKind.REJECT))
    asked = word(scene, 7, code="good-part", note=MALICE)
    for _ in range(2):
        assert call(app, "/override", fields=asked, headers=who("ann")).json == {"number": 1}
    (said,) = call(app, f"/part/{path_of(scene, 7)}").json["said"]
    assert (said["who"], said["word"], said["text"]) == ("ann", "false-reject", "Good part")
    assert said["note"] == MALICE[:-1] + "?"
    assert call(app, f"/part/{path_of(scene, 8)}").json["said"] == []
    row = Trail(files.beside_records(scene.records)).last("disposition")
    assert row is not None
    assert (row.state, row.new["number"], row.who["login"]) == ("done", 1, "ann")
    assert row.who["place"] == "the screen, from 127.0.0.1"


def test_app_tells_the_second_of_two_people_who_was_there_and_when(
    scene: Scene, app: ASGIApp
) -> None:
    """409, nothing written; with what was seen both stand, and a supervisor decides."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    call(app, "/override", fields=word(scene, 7), headers=who("ann"))
    other = word(scene, 7, word="confirmed", request_id="other")
    met = call(app, "/override?lang=en", fields=other, headers=who("bob"))
    assert (met.status, met.json["code"]) == (409, "GN613")
    newest = met.json["newest"]
    assert (newest["who"], newest["word"], newest["number"]) == ("ann", "false-reject", 1)
    assert len(newest["at"]) == len("14:02:03")
    assert call(app, "/disputed").json == []
    again = call(app, "/override", fields={**other, "seen": 1}, headers=who("bob"))
    assert again.json == {"number": 2}
    (part,) = call(app, "/disputed").json
    assert (part["serial"], [each["who"] for each in part["said"]]) == (7, ["ann", "bob"])
    decides = word(scene, 7, seen=2, decides=True, request_id="last")
    assert call(app, "/override", fields=decides, headers=who("bob")).status == 403
    assert call(app, "/override", fields=decides, headers=who("boss")).json == {"number": 3}
    assert call(app, "/disputed").json == []
    assert call(app, f"/part/{path_of(scene, 7)}").json["standing"] == "decided"


def test_app_refuses_a_word_that_does_not_fit(scene: Scene, app: ASGIApp) -> None:
    """By the same rules as the command line; nothing is written."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    wrong = {
        422: word(scene, 7, word="missed-defect"), 404: word(scene, 99),
        400: word(scene, 7, note="x" * 201),
    }  # fmt: skip
    for status, asked in wrong.items():
        assert call(app, "/override", fields=asked, headers=who("ann")).status == status
    assert call(app, f"/part/{path_of(scene, 7)}").json["said"] == []


@pytest.mark.parametrize(
    "fields",
    [
        b"", b"{", b"[]", b"null", b"[" * 4000, b"{}", b"\xff\xfe", b"x" * (BODY_MAX + 1),
        json.dumps({"run": "r", "serial": "1", "word": "confirmed", "seen": 0, "request_id": "a"}),
        json.dumps({"run": "r", "serial": 1, "word": "confirmed", "seen": -1, "request_id": "a"}),
        json.dumps({"run": "r", "serial": 1, "word": "right", "seen": 0, "request_id": "a"}),
        json.dumps({"run": "r", "serial": 1, "word": "confirmed", "seen": 0, "request_id": "a b"}),
        json.dumps({"run": "r", "serial": 1, "word": "confirmed", "seen": 0, "request_id": "a",
                    "who": "boss"}),
    ],
)  # fmt: skip
def test_app_refuses_what_is_no_request(app: ASGIApp, fields: bytes | str) -> None:
    """Whatever it is: it is said, and the next one is answered."""
    body = fields if isinstance(fields, bytes) else fields.encode()
    for path in ("/override", "/audit/answer"):
        answer = call(app, path, fields=body, headers=who("ann"))
        assert (answer.status, answer.json["code"]) == (400, "GN672")
    assert call(app, "/about").status == 200


def test_app_lets_nobody_do_what_they_may_not(scene: Scene, app: ASGIApp) -> None:
    """Neither who is not known, nor who came by a name."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    asked = word(scene, 7)
    assert call(app, "/override", fields=asked, headers=who("nobody")).status == 403
    assert call(app, "/now", headers={"host": "evil.example"}).status == 403
    assert call(app, "/audit/next", headers=who("nobody")).status == 403
    for path in ("/now", "/disputed", f"/part/{path_of(scene, 7)}"):
        assert call(app, path, headers=who("blind")).status == 403
    assert call(app, f"/part/{path_of(scene, 7)}").json["said"] == []


def test_app_says_who_asks_and_what_they_may(app: ASGIApp) -> None:
    """So that a page shows no button that does nothing."""
    told = call(app, "/about", headers=who("ann")).json
    assert (told["name"], told["may"]) == ("ann", sorted({SEE, SAY, AUDIT}))
    assert (told["views"], told["language"]) == (["top"], "en")


def test_app_says_of_records_that_are_not_there_that_they_are_not(app: ASGIApp) -> None:
    """0 parts ever; a page goes on asking."""
    answer = call(app, "/part/run/1")
    assert (answer.status, answer.json["code"]) == (503, "GN601")
    assert call(app, "/disputed").json == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AccessDenied("no"), 403), (NoSuchPart("none"), 404), (DispositionRefused("met"), 409),
        (DispositionsHeld("full"), 503), (RecordsUnreadable("gone"), 503), (TooMuch(), 503),
        (GonogoError("else"), 500),
    ],
)  # fmt: skip
def test_refusal_has_the_number_of_its_error(error: Any, status: int) -> None:  # noqa: ANN401 - both kinds
    """And says when to ask again, where that may help."""
    answer = refusal(error, {"more": 1})
    assert (answer.status_code, status_of(error)) == (status, status)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert json.loads(bytes(answer.body))["more"] == 1
