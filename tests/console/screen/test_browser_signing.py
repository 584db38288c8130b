"""Signing in and out, and deciding, in a real Chromium: by TLS, and by HTTP at the box."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import VerdictKind
from gonogo.config.access import AccessSection
from gonogo.console.access.accounts import Accounts
from gonogo.console.access.entrance import Entrance, Station
from gonogo.console.access.roles import Role
from gonogo.console.access.ways import Way
from gonogo.console.screen.access import SAY, SEE, Asker, Person
from gonogo.tests.console.screen.browser import AXE
from gonogo.tests.console.screen.scene import OURS, app_of, call
from gonogo.tests.console.screen.signed import PINS
from gonogo.tests.console.screen.test_browser_sight import faults
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.screen.browser import Browser
    from gonogo.tests.console.screen.scene import Scene

WAIT_S = 30.0
TABS = "[...document.querySelectorAll('#tabs button')].map((each) => each.dataset.tab).join()"
OF_ALL = "line,parts,disputed"
# as a page of ours would send it, but for the token
UNTOKENED = "fetch('/here', {method: 'POST', body: '{}'}).then((answer) => answer.status)"


class Served:
    """The screen of a scene in a process of its own, by HTTP and by TLS."""

    def __init__(self, scene: Scene) -> None:
        self.accounts = Accounts(scene.accounts.path)  # by real work, as that process does it
        port, tls_port = free_port(), free_port()
        self.ports = port, tls_port
        self.http, self.https = f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{tls_port}/"
        plan = scene.plan(port=port, limits=AccessSection(lan=True, tls_port=tls_port))
        module = "gonogo.tests.console.screen.serving"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", module, plan.model_dump_json()]
        )

    def wait(self) -> None:
        """Until it serves both."""
        end_s = time.monotonic() + WAIT_S
        while not all(map(listens, self.ports)):
            assert time.monotonic() < end_s
            time.sleep(0.05)

    def end(self) -> None:
        """It, whatever it does."""
        with self.process as process:
            process.kill()


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def served(scene: Scene, tabs: Browser) -> Iterator[Served]:
    """One that is up; its tabs are shut."""
    made = Served(scene)
    try:
        made.accounts.add("sec", Role.SECURITY, PINS["sec"])
        made.wait()
        yield made
        tabs("shut")
    finally:
        made.end()


def sign_in(tabs: Browser, name: str, secret: str, page: str = "a") -> None:
    """From the page of the line, as somebody does whose badge ends with Enter."""
    tabs.wait_for(page, "#person", "Not signed in")
    tabs("click", page=page, selector="#sign-in")
    tabs.wait_for(page, "#title", "Sign in")
    tabs("fill", page=page, selector="#name", text=name)
    tabs("key", page=page, selector="#name", key="Enter")
    tabs("fill", page=page, selector="#secret", text=secret)
    tabs("key", page=page, selector="#secret", key="Enter")


def test_page_lets_somebody_in_by_tls_and_shows_nothing_of_it_once_they_are_out(
    tabs: Browser, served: Served
) -> None:
    """A wrong PIN says how it goes on; another tab notices both; "back" leads to nothing."""
    served.accounts.add("anna", Role.OPERATOR, PINS["anna"])
    for page in "ab":
        tabs("open", page=page, url=served.https)
        tabs.wait_for(page, "#person", "Not signed in")
        tabs("wait", page=page, js=f"{TABS} === '{OF_ALL}'")
    sign_in(tabs, "anna", "408163")
    tabs.wait_for("a", "#told", "wrong")
    assert tabs("ask", page="a", js="document.querySelector('#secret').value") == ""
    tabs("fill", page="a", selector="#secret", text=PINS["anna"])
    tabs("key", page="a", selector="#secret", key="Enter")
    for page in "ab":
        tabs.wait_for(page, "#person-name", "anna, operator")
        tabs("wait", page=page, js=f"{TABS} === '{OF_ALL},audit'")
    assert tabs("ask", page="a", js="document.cookie") == ""
    assert tabs("ask", page="a", js=UNTOKENED) == 403
    assert PINS["anna"] not in tabs("ask", page="a", js="location.href + document.body.innerHTML")
    tabs("click", page="a", selector="#tabs button[data-tab=audit]")
    tabs("click", page="a", selector="#sign-out")
    for page in "ab":
        tabs.wait_for(page, "#person-name", "Not signed in")
    tabs("wait", page="a", js=f"{TABS} === '{OF_ALL}'")
    assert tabs.text("a", "#page-audit") == ""
    tabs.wait_for("b", "#person-told", "You were signed out")
    tabs("ask", page="a", js="history.back()")
    tabs("wait", page="a", js="!document.querySelector('#sign-out')")


def test_page_notices_at_once_that_an_account_is_no_more(tabs: Browser, served: Served) -> None:
    """Untouched, and says so."""
    served.accounts.add("anna", Role.OPERATOR, PINS["anna"])
    tabs("open", page="a", url=served.http)
    sign_in(tabs, "anna", PINS["anna"])
    tabs.wait_for("a", "#person-name", "anna, operator")
    served.accounts.set_disabled("anna", disabled=True)
    tabs.wait_for("a", "#person-told", "You were signed out")
    assert tabs("ask", page="a", js="document.querySelectorAll('#sign-out').length") == 0


def test_first_account_is_made_on_the_page_by_the_code_that_the_box_shows(
    scene: Scene, tabs: Browser
) -> None:
    """The page says where that is shown; two PINs that differ cost no code."""
    served = Served(scene)
    try:
        served.wait()
        code = Entrance(Station(scene.station, scene.records), Way.TERMINAL).show_code()
        tabs("open", page="a", url=f"{served.http}login.html")
        tabs.wait_for("a", "#about", "gonogo users code")
        for again, told in (("715307", "not the same"), (PINS["boss"], "")):
            for field, text in (("code", code.lower()), ("name", "berta"),
                                ("secret", PINS["boss"]), ("again", again)):  # fmt: skip
                tabs("fill", page="a", selector=f"#{field}", text=text)
            tabs("click", page="a", selector="#go")
            if told:
                tabs.wait_for("a", "#told", told)
        tabs.wait_for("a", "#person-name", "berta, security")
        tabs("shut")
    finally:
        served.end()


class Named:
    """Whoever a header names, and may speak: how two people came to differ is not of this test."""

    def person(self, asker: Asker) -> Person:
        """By the header alone."""
        return Person(asker.headers["x-who"], frozenset({SEE, SAY}))


def differ(scene: Scene) -> None:
    """Two people say of part 7 what cannot both be so."""
    scene.record(scene.judge(7, VerdictKind.REJECT))
    plain = {"run": scene.journal.run, "serial": 7}
    with ExitStack() as stack:
        app = app_of(scene.open(stack, Named()))
        for seen, (who, word) in enumerate((("ann", "false-reject"), ("bob", "confirmed"))):
            said = {**plain, "word": word, "seen": seen, "request_id": f"r{seen}"}
            answer = call(app, "/override", fields=said, headers=OURS | {"x-who": who})
            assert answer.status == 200


def test_supervisor_decides_on_the_page_where_two_people_differ(
    scene: Scene, tabs: Browser, served: Served
) -> None:
    """Whoever has not signed in has no button for it."""
    served.accounts.add("boss", Role.SUPERVISOR, PINS["boss"])
    differ(scene)
    tabs("open", page="a", url=served.http)
    tabs.wait_for("a", "#person", "Not signed in")
    tabs("click", page="a", selector="#tabs button[data-tab=disputed]")
    tabs("click", page="a", selector="#page-disputed button")
    tabs.wait_for("a", "#part-told", "Only people who are logged in")
    assert tabs.text("a", "#part-words") == ""
    tabs("click", page="a", selector="#close")
    sign_in(tabs, "boss", PINS["boss"])
    tabs.wait_for("a", "#person-name", "boss, supervisor")
    tabs("click", page="a", selector="#tabs button[data-tab=disputed]")
    tabs("click", page="a", selector="#page-disputed button")
    tabs.wait_for("a", "#part-words", "Decide: ")
    tabs("click", page="a", selector="#part-words button:nth-of-type(2)")
    tabs.wait_for("a", "#part-told", "Written down as number 3")
    assert "boss decided: Part is good" in tabs.text("a", "#part-said")
    assert "A supervisor has decided" in tabs.text("a", "#part-said")


def test_login_page_has_no_fault_that_axe_knows(tabs: Browser, served: Served) -> None:
    """WCAG AA, with a refusal on it; and no address of another box is asked for anything."""
    if not AXE.exists():
        pytest.skip("no axe-core here: tests/peers/install.sh")
    tabs("open", page="a", url=f"{served.http}login.html")
    tabs.wait_for("a", "#title", "Sign in")
    tabs("fill", page="a", selector="#name", text="anna")
    tabs("fill", page="a", selector="#secret", text="408163")
    tabs("click", page="a", selector="#go")
    tabs.wait_for("a", "#told", "wrong")
    assert faults(tabs) == []
    assert {url for url in tabs("told")["asked"] if not url.startswith(served.http)} == set()
