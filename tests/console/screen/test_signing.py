"""Signing in and out at the screen: asked as a browser asks, at the box and over the network."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.words import VerdictKind
from gonogo.config.access import AccessSection
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.roles import Role
from gonogo.console.access.ways import Way
from gonogo.console.screen.app import routes_of
from gonogo.console.screen.process import behind
from gonogo.ipc.audit.files import beside_records, rows_backwards
from gonogo.tests.console.access.people import BADGE, Work
from gonogo.tests.console.screen.scene import app_of, call, called
from gonogo.tests.console.screen.signed import LAN, PINS, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from gonogo.console.access.secret import Cost
    from gonogo.tests.console.screen.scene import Scene

ROLES = {
    "sec": Role.SECURITY, "anna": Role.OPERATOR, "boss": Role.SUPERVISOR, "chef": Role.SUPERVISOR,
}  # fmt: skip
WAIT_S = 30.0


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes what a test opens."""
    with ExitStack() as found:
        yield found


def fill(scene: Scene) -> None:
    """The accounts of ROLES."""
    for name, role in ROLES.items():
        scene.accounts.add(name, role, PINS[name])


def app_over(scene: Scene, stack: ExitStack, **screen: Any) -> ASGIApp:  # noqa: ANN401 - keys
    """The application over a scene, as a process that just started has it."""
    return app_of(scene.open(stack, **screen))


def word(scene: Scene, **said: object) -> dict[str, object]:
    """What the dialog on part 7 sends."""
    plain = {"word": "false-reject", "seen": 0, "request_id": "r1"}
    return {"run": scene.journal.run, "serial": 7, **plain, **said}


def rows(scene: Scene) -> list[Any]:
    """Of the audit trail, oldest first."""
    return list(rows_backwards(beside_records(scene.records)))[::-1]


@pytest.mark.parametrize(("address", "scheme"), [("127.0.0.1", "http"), (LAN, "https")])
def test_login_lets_somebody_in_who_is_known_by_what_they_do(
    scene: Scene, stack: ExitStack, address: str, scheme: str
) -> None:
    """Their page says who; their word is theirs, in the book and in the trail."""
    fill(scene)
    scene.record(scene.judge(7, VerdictKind.REJECT))
    page = Page(app_over(scene, stack), address, scheme)
    assert page.load()["session"] == "-"
    answer = page.sign_in("anna")
    assert answer.json == {"name": "anna", "role": "operator"}
    flags = answer.headers["set-cookie"].split("; ")[1:]
    secure = ["Secure"] if scheme == "https" else []
    assert flags == ["Path=/", "HttpOnly", "SameSite=Strict", *secure]
    about = page.load()
    assert (about["name"], about["role"], about["acts"]) == ("anna", "operator", True)
    assert page.get("/now").headers["x-gonogo-session"] == f"{about['session']} 3600"
    assert page.post("/override", word(scene)).json == {"number": 1}
    signed, said = rows(scene)[0], rows(scene)[-1]
    assert (signed.what, signed.who["account"], signed.who["way"]) == (
        "sign in", "anna", "tls" if scheme == "https" else "http",
    )  # fmt: skip
    assert (said.what, said.who["login"], said.who["account"], said.who["role"]) == (
        "disposition", "anna", "anna", "operator",
    )  # fmt: skip
    assert said.who["from"] == (LAN if scheme == "https" else "this box")


def test_login_says_of_all_that_is_wrong_the_same_and_how_long_to_wait(
    scene: Scene, stack: ExitStack
) -> None:
    """A wrong PIN, nobody's name, an account that is disabled; then the seconds grow."""
    fill(scene)
    scene.accounts.set_disabled("chef", disabled=True)
    page = Page(app_over(scene, stack), LAN, "https")
    wrong = [page.sign_in(name, "408163") for name in ("anna", "nobody", "sec")]
    wrong.append(page.sign_in("chef"))
    assert {each.status for each in wrong} == {403}
    assert {each.body for each in wrong} == {wrong[0].body}
    assert wrong[0].json == {
        "code": "GN674", "text": "name or PIN is wrong; try again", "wait_s": 0.0, "early": False,
    }  # fmt: skip
    waits = [page.sign_in("anna", "408163").json for _ in range(3)]
    assert [each["early"] for each in waits] == [False, False, True]
    assert 0 < waits[1]["wait_s"] <= 1.0
    early = page.sign_in("anna")  # right, and not looked at
    assert (early.status, early.json["early"]) == (403, True)
    assert page.load()["session"] == "-"


def test_login_of_one_is_not_kept_waiting_by_another_who_guesses(
    scene: Scene, stack: ExitStack
) -> None:
    """Twenty wrong PINs at once from one address; at another one somebody is let in."""
    fill(scene)
    app = app_over(scene, stack)
    guesser, anna = Page(app, "10.0.0.5", "https"), Page(app, LAN, "https")

    async def crowd() -> list[int]:
        wrong = {"name": "boss", "secret": "408163"}
        guesses = [guesser.posting("/login", wrong) for _ in range(20)]
        right = anna.posting("/login", {"name": "anna", "secret": PINS["anna"]})
        answers = await asyncio.gather(*guesses, right)
        return [each.status for each in answers]

    *guessed, let_in = asyncio.run(crowd())
    assert let_in == 200
    assert set(guessed) == {403, 503}  # looked at, and turned away
    assert anna.sign_in("boss").status == 200  # two wrong ones are free


def test_now_is_answered_while_a_pin_is_looked_at(scene: Scene, stack: ExitStack) -> None:
    """However long that takes."""
    fill(scene)
    shown = threading.Event()

    def slow(secret: bytes, salt: bytes, cost: Cost) -> bytes:
        assert shown.wait(WAIT_S)
        return Work()(secret, salt, cost)

    accounts = Accounts(scene.accounts.path, by=slow)
    page = Page(app_of(behind(scene.plan(), stack, accounts=accounts)))

    async def both() -> tuple[int, int]:
        login = asyncio.create_task(
            page.posting("/login", {"name": "anna", "secret": PINS["anna"]})
        )
        await asyncio.sleep(0)
        now = await called_now(page)
        shown.set()
        return now, (await login).status

    assert asyncio.run(both()) == (200, 200)


async def called_now(page: Page) -> int:
    """What the line's page is told."""
    return (await called(page.app, "/now", None, {"host": page.host}, (LAN, "http"))).status


def test_logout_ends_it_and_a_page_of_before_does_nothing(scene: Scene, stack: ExitStack) -> None:
    """At a box where whoever sits there may speak: no word of hers becomes theirs."""
    fill(scene)
    scene.record(scene.judge(7, VerdictKind.REJECT))
    page = Page(app_over(scene, stack, local_operator=True))
    page.sign_in("anna")
    cookie, csrf = page.cookie, page.csrf
    assert page.post("/logout", {}).status == 200
    assert page.cookie == ""
    page.csrf = csrf  # back to the page of before
    assert page.post("/override", word(scene)).status == 403
    page.cookie = cookie
    assert page.post("/override", word(scene)).status == 403
    assert page.get("/now").headers["x-gonogo-session"] == "-"
    assert page.post("/logout", {}).status == 200  # once more, with what is over
    assert page.load()["name"] == "screen"
    assert page.post("/override", word(scene)).json == {"number": 1}


def test_screen_that_starts_anew_knows_nobody_and_says_so(scene: Scene, stack: ExitStack) -> None:
    """The page is told with its next answer; with another one it goes on."""
    fill(scene)
    page = Page(app_over(scene, stack))
    page.sign_in("anna")
    page.app = app_over(scene, stack)
    assert page.get("/now").headers["x-gonogo-session"] == "-"
    assert page.post("/here", {}).status == 403
    assert page.sign_in("anna").status == 200
    assert page.post("/here", {}).status == 200


def test_two_people_at_two_browsers_are_told_apart_and_supervisors_decide(
    scene: Scene, stack: ExitStack
) -> None:
    """Whoever comes second is told who, what and when; operators decide nothing."""
    fill(scene)
    scene.record(scene.judge(7, VerdictKind.REJECT))
    app = app_over(scene, stack)
    anna, boss, chef = Page(app), Page(app, LAN, "https"), Page(app, "10.0.0.8", "https")
    for page, name in ((anna, "anna"), (boss, "boss"), (chef, "chef")):
        page.sign_in(name)
    assert anna.post("/override", word(scene)).json == {"number": 1}
    other = word(scene, word="confirmed", seen=1, request_id="r2")
    assert boss.post("/override", other).json == {"number": 2}
    decides = word(scene, seen=2, decides=True, request_id="r3")
    assert anna.post("/override", decides).status == 403
    assert chef.post("/override", decides).json == {"number": 3}
    met = boss.post("/override", {**decides, "request_id": "r4"})
    assert (met.status, met.json["newest"]["who"]) == (409, "chef")
    assert met.json["newest"]["decides"]
    assert len(met.json["newest"]["at"]) == len("14:02:03")
    assert anna.get("/disputed").json == []


def test_first_account_is_made_by_the_code_that_was_shown(scene: Scene, stack: ExitStack) -> None:
    """The page says that there is none, until there is one; who made it is signed in."""
    page = Page(app_over(scene, stack), LAN, "https")
    assert page.load()["first"] is True
    door = Entrance(Station(scene.station, scene.records), Way.SERIAL, accounts=scene.accounts)
    code = door.show_code()
    fields = {"code": code, "name": "berta", "secret": BADGE}
    refused = {
        403: {**fields, "code": "AAAA-AAAA-AAAA"}, 422: {**fields, "secret": "123456"},
        400: {**fields, "role": "security"},
    }  # fmt: skip
    for status, wrong in refused.items():
        assert page.post("/first", wrong).status == status
    assert page.post("/first", fields).json == {"name": "berta", "role": "security"}
    about = page.load()
    assert (about["first"], about["name"], about["role"]) == (False, "berta", "security")
    again = Page(page.app).post("/first", {**fields, "name": "carl"})
    assert (again.status, again.json["code"]) == (403, "GN666")


def test_page_by_plain_http_from_elsewhere_looks_and_is_told_the_way(
    scene: Scene, stack: ExitStack
) -> None:
    """Nobody signs in there, whatever is right."""
    fill(scene)
    app = app_over(scene, stack, limits=AccessSection(lan=True, tls_port=9500))
    page = Page(app, LAN)
    about = page.load()
    assert (about["acts"], about["tls_port"], about["first"]) == (False, 9500, False)
    assert page.get("/now").status == 200
    answer = page.sign_in("anna")
    assert (answer.status, answer.json["code"]) == (403, "GN665")
    assert "https" in answer.json["text"]
    assert "set-cookie" not in answer.headers
    here_alone = Page(app_over(scene, stack))
    assert here_alone.load()["tls_port"] is None


def test_screen_that_shows_nothing_without_a_login_shows_nothing(
    scene: Scene, stack: ExitStack
) -> None:
    """Not a number of a part, not the name of a view; with a login all of it."""
    fill(scene)
    scene.record(scene.judge(7, VerdictKind.REJECT))
    page = Page(app_over(scene, stack, look_without_login=False))
    part = f"{scene.journal.run}/7"
    paths = ("/now", f"/part/{part}", f"/picture/{part}/0", f"/map/{part}/0", "/disputed")
    assert {page.get(path).status for path in paths} == {403}
    assert page.load()["views"] == []
    page.sign_in("anna")
    assert page.get("/now").status == 200
    assert page.load()["views"] == ["top"]


def test_login_fails_aloud_while_the_accounts_cannot_be_read(
    scene: Scene, stack: ExitStack
) -> None:
    """The line is shown all the same, also to whoever was signed in."""
    fill(scene)
    page = Page(app_over(scene, stack))
    page.sign_in("anna")
    raw = scene.accounts.path.read_bytes()
    scene.accounts.path.write_bytes(raw[:-1])
    assert page.get("/now").headers["x-gonogo-session"] == "-"
    assert (page.post("/here", {}).status, page.post("/logout", {}).status) == (503, 200)
    assert page.sign_in("anna").json["code"] == "GN661"
    assert page.load()["first"] is False
    scene.accounts.path.write_bytes(raw)
    assert page.sign_in("anna").status == 200


def test_secret_stands_nowhere_but_in_the_request(
    scene: Scene, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    """Right or wrong, fit or not, by a body that is none: no answer, log, trail or file has it."""
    caplog.set_level(logging.DEBUG)
    fill(scene)
    app = app_over(scene, stack)
    secrets = [PINS["anna"], "830174", BADGE, "x" * 300 + BADGE]
    said = [page_of(app).post("/login", {"name": "anna", "secret": each}) for each in secrets]
    said += [page_of(app).post("/login", {"name": each, "secret": 1}) for each in secrets]
    said += [page_of(app).post("/login", f'{{"secret": "{each}"'.encode()) for each in secrets]
    said += [page_of(app).post("/first", {"name": "a", "code": "b", "secret": each})
             for each in secrets]  # fmt: skip
    assert {each.status for each in said} == {200, 403, 400}
    told = caplog.text + b"".join(each.body for each in said).decode()
    told += "".join(str(each.headers) for each in said)
    kept = [path.read_text("utf-8", "replace") for path in scene.folder.iterdir() if path.is_file()]
    for secret in (PINS["anna"], "830174", BADGE):
        assert secret not in told
        assert not any(secret in each for each in kept)


def page_of(app: ASGIApp) -> Page:
    """A browser of its own at the box."""
    return Page(app)


@pytest.mark.parametrize("path", ["/login", "/first", "/logout", "/here"])
def test_no_page_but_our_own_signs_anybody_in_or_out(
    scene: Scene, stack: ExitStack, path: str
) -> None:
    """Neither a form of a stranger, nor a link, nor a name that was made to lead here."""
    fill(scene)
    page = Page(app_over(scene, stack))
    page.sign_in("anna")
    fields = {"name": "boss", "secret": PINS["boss"]} | ({"code": "A"} if path == "/first" else {})
    for other in (
        {"origin": ""}, {"origin": "null"}, {"origin": "http://evil.example"},
        {"host": "evil.example"}, {"host": "evil.example", "origin": "http://evil.example"},
    ):  # fmt: skip
        answer = page.post(path, fields, other)
        assert (answer.status, answer.json["code"]) == (403, "GN665")
        assert "set-cookie" not in answer.headers
    assert call(page.app, path, headers=page.headers()).status == 405
    assert page.get("/about").json["name"] == "anna"


SIGNING = {"/login", "/first", "/logout", "/here"}
CHANGES = (
    "/override", "/audit/answer", "/limits/say", "/limits/apply", "/limits/undo", "/setup/golden",
)  # fmt: skip


def test_every_change_is_among_those_that_are_tried(scene: Scene, stack: ExitStack) -> None:
    """A handler that is added is held against pages of strangers, too."""
    routes = routes_of(scene.open(stack))
    assert {route.path for route in routes if "POST" in (route.methods or ())} == {
        *CHANGES, *SIGNING,
    }  # fmt: skip


@pytest.mark.parametrize("path", CHANGES)
def test_no_page_but_our_own_changes_anything(scene: Scene, stack: ExitStack, path: str) -> None:
    """Whoever is signed in, and whatever the request holds: it is not looked at."""
    fill(scene)
    page = Page(app_over(scene, stack))
    page.sign_in("boss")
    for other in ({"origin": ""}, {"origin": "http://evil.example"}, {"x-gonogo-csrf": ""}):
        answer = page.post(path, {}, other)
        assert (answer.status, answer.json["code"]) == (403, "GN665")
    # our own is looked at, and found to be no request
    assert page.post(path, {}).json["code"] != "GN665"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.dictionaries(st.sampled_from(["name", "secret", "code", "x"]), inner),
    max_leaves=6,
)


def test_login_takes_whatever_is_typed_or_sent(scene: Scene, stack: ExitStack) -> None:
    """And lets nobody in."""
    fill(scene)
    page = Page(app_over(scene, stack))

    @settings(max_examples=40)
    @given(JSON, st.text(max_size=210), st.text(max_size=210))
    def anything(sent: object, name: str, secret: str) -> None:
        for fields in (sent, {"name": name, "secret": secret}):
            body = json.dumps(fields).encode()
            assert page.post("/login", body).status in {400, 403}

    anything()
    odd = b'{"name": "\\ud800", "secret": "\\udfff\\u0000"}'
    assert page.post("/login", odd).status in {400, 403}
    assert page.cookie == ""


def test_ca_is_there_for_whoever_wants_to_compare(scene: Scene, stack: ExitStack) -> None:
    """Once it was made; where there is no TLS there is none."""
    found = scene.open(stack, limits=AccessSection(lan=True))
    page = Page(app_of(found), LAN)
    assert page.get("/ca.crt").status == 404
    found.kept.turn()
    answer = page.get("/ca.crt")
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert answer.body.startswith(b"-----BEGIN CERTIFICATE-----")
    assert b"PRIVATE" not in answer.body
