"""Requests of browsers: ours, somebody else's, and those that only look like ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.errors import AccessDenied
from gonogo.console.access.roles import Action, Role
from gonogo.console.access.sessions import Sessions
from gonogo.console.access.visits import Request, Site, Unsigned, Visits
from gonogo.console.access.ways import Way
from gonogo.tests.console.access.people import accounts_in

if TYPE_CHECKING:
    from pathlib import Path

NAMES = frozenset({"localhost", "box7", "127.0.0.1", "::1", "10.0.0.7"})
TLS = Site("bolts", Way.TLS, 9443, lambda: NAMES)
HTTP = Site("bolts", Way.HTTP, 8470, lambda: NAMES)
SAY, SEE = Action.SAY_DISPOSITION, Action.SEE_PARTS
SECOND_NS = 1_000_000_000


class Browser:
    """Somebody who has signed in as `anna` at a site, and what their browser sends."""

    def __init__(self, folder: Path, site: Site, unsigned: Unsigned = Unsigned()) -> None:  # noqa: B008 - immutable
        self.accounts = accounts_in(folder)
        sessions = Sessions(self.accounts.find)
        self.visits = Visits(site, sessions, unsigned)
        opened = sessions.open(self.accounts.the("anna"), 0)
        self.headers = {
            "host": f"box7:{site.port}",
            "origin": f"http{'s' * site.secure}://box7:{site.port}",
            "cookie": self.visits.cookie.set(opened.id).split(";")[0],
            "x-gonogo-csrf": opened.csrf,
        }

    def asks(self, peer: str = "10.0.0.9", **other: str | None) -> Request:
        """With other headers than it would send, None for none."""
        changed = {**self.headers, **{name.replace("_", "-"): each for name, each in other.items()}}
        return Request(peer, {name: each for name, each in changed.items() if each is not None})


def test_demand_lets_people_do_what_their_role_may(tmp_path: Path) -> None:
    """And no more."""
    browser = Browser(tmp_path, TLS)
    found = browser.visits.demand(browser.asks(), SAY, 0)
    assert found.session is not None
    assert (found.role, found.session.account.name) == (Role.OPERATOR, "anna")
    with pytest.raises(AccessDenied, match="supervisor"):
        browser.visits.demand(browser.asks(), Action.SET_LIMITS, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"x_gonogo_csrf": None}, {"x_gonogo_csrf": ""}, {"x_gonogo_csrf": "A" * 43},
        {"x_gonogo_csrf": "\ud800" * 9999}, {"origin": None}, {"origin": "null"},
        {"origin": "https://evil.example"}, {"origin": "http://box7:9443"},
        {"origin": "https://box7:9443.evil.example"}, {"host": None}, {"host": "evil.example"},
        {"host": "evil.example", "origin": "https://evil.example"}, {"host": "box7:80"},
        {"host": "x" * 1_000_000}, {"cookie": None}, {"cookie": "\x00" * 4096},
        {"cookie": "__Host-gonogo-bolts=" + "A" * 43}, {"cookie": "a=b;" * 250_000},
    ],
)  # fmt: skip
def test_demand_refuses_what_only_looks_like_ours(
    tmp_path: Path, other: dict[str, str | None]
) -> None:
    """The page of another site, a name that was turned round, a stolen half."""
    browser = Browser(tmp_path, TLS)
    with pytest.raises(AccessDenied, match="GN665"):
        browser.visits.demand(browser.asks("10.0.0.9", **other), SAY, 0)
    browser.visits.demand(browser.asks(), SAY, 0)  # and nothing of it ended the session


def test_demand_takes_a_cookie_of_its_own_way_alone(tmp_path: Path) -> None:
    """One that was set without TLS is none there: it may have been read."""
    browser = Browser(tmp_path, TLS)
    plain = browser.headers["cookie"].removeprefix("__Host-")
    with pytest.raises(AccessDenied):
        browser.visits.demand(browser.asks(cookie=plain), SAY, 0)


@pytest.mark.parametrize("peer", ["10.0.0.9", "::ffff:10.0.0.9", "", "localhost"])
def test_demand_by_plain_http_from_elsewhere_does_nothing(tmp_path: Path, peer: str) -> None:
    """Even with everything right; at the box it does."""
    browser = Browser(tmp_path, HTTP, Unsigned(elsewhere=Role.OBSERVER))
    with pytest.raises(AccessDenied, match="plain HTTP"):
        browser.visits.demand(browser.asks(peer), SAY, 0)
    assert browser.visits.demand(browser.asks(peer), SEE, 0).session is None
    assert browser.visits.demand(browser.asks("127.0.0.1"), SAY, 0).session is not None


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_demand_believes_no_header_that_opens_a_way(tmp_path: Path, header: str) -> None:
    """The address at the other end of the connection counts."""
    browser = Browser(tmp_path, HTTP)
    request = browser.asks("10.0.0.9")
    forged = request._replace(headers={**request.headers, header: "127.0.0.1"})
    with pytest.raises(AccessDenied):
        browser.visits.demand(forged, SAY, 0)


def test_visitor_without_a_session_is_what_the_station_file_says(tmp_path: Path) -> None:
    """At the box more than elsewhere; nobody where it says nothing."""
    browser = Browser(tmp_path, HTTP, Unsigned(here=Role.OPERATOR, elsewhere=Role.OBSERVER))
    here, there = (
        browser.asks(peer, cookie=None, x_gonogo_csrf=None) for peer in ("127.0.0.1", "10.0.0.9")
    )
    assert browser.visits.demand(here, SAY, 0).role is Role.OPERATOR
    assert browser.visits.demand(there, SEE, 0).role is Role.OBSERVER
    with pytest.raises(AccessDenied):
        browser.visits.demand(there, SAY, 0)
    closed = Visits(HTTP, Sessions(browser.accounts.find))
    for request in (here, there):
        with pytest.raises(AccessDenied, match="nobody who has signed in"):
            closed.demand(request, SEE, 0)


def test_visitor_from_elsewhere_does_nothing_without_a_session(tmp_path: Path) -> None:
    """Also by TLS, and whatever the station file calls them."""
    browser = Browser(tmp_path, TLS, Unsigned(elsewhere=Role.OPERATOR))
    request = browser.asks(cookie=None, x_gonogo_csrf=None)
    assert browser.visits.demand(request, SEE, 0).role is Role.OPERATOR
    with pytest.raises(AccessDenied, match="nobody who has signed in"):
        browser.visits.demand(request, SAY, 0)


def test_demand_that_is_refused_keeps_no_session(tmp_path: Path) -> None:
    """Only what was done is somebody being there."""
    browser = Browser(tmp_path, TLS)
    at_ns = 3000 * SECOND_NS
    for action, other in ((SAY, {"x_gonogo_csrf": "A" * 43}), (Action.SET_LIMITS, {})):
        with pytest.raises(AccessDenied):
            browser.visits.demand(browser.asks("10.0.0.9", **other), action, at_ns)
    assert browser.visits.visitor(browser.asks(), 3601 * SECOND_NS).session is None


def test_visitor_at_the_box_needs_our_own_page_as_well(tmp_path: Path) -> None:
    """A page of a stranger in the kiosk's browser asks from the box itself."""
    browser = Browser(tmp_path, HTTP, Unsigned(here=Role.OPERATOR))
    with pytest.raises(AccessDenied):
        browser.visits.demand(
            browser.asks("127.0.0.1", cookie=None, origin="https://evil.example"), SAY, 0
        )


def test_demand_takes_no_word_of_a_page_whose_session_is_over_as_anybodys(tmp_path: Path) -> None:
    """At the box it would be written down as that of whoever sits there."""
    browser = Browser(tmp_path, HTTP, Unsigned(here=Role.OPERATOR))
    with pytest.raises(AccessDenied, match="is over"):
        browser.visits.demand(browser.asks("127.0.0.1", cookie=None), SAY, 0)


def test_demand_keeps_a_session_by_what_is_done(tmp_path: Path) -> None:
    """Looking does not: the page looks by itself."""
    browser, now_ns = Browser(tmp_path, TLS), 0
    for _ in range(3):
        now_ns += 3000 * SECOND_NS
        browser.visits.demand(browser.asks(), SAY, now_ns)
    for _ in range(3):
        now_ns += 1300 * SECOND_NS
        last = browser.visits.visitor(browser.asks(), now_ns)
    assert last.session is None


@pytest.mark.parametrize("peer", ["10.0.0.9", "127.0.0.1"])
def test_check_ours_is_asked_before_somebody_signs_in(tmp_path: Path, peer: str) -> None:
    """No other page signs somebody in, and no PIN passes in clear."""
    browser = Browser(tmp_path, HTTP)
    request = browser.asks(peer, cookie=None, x_gonogo_csrf=None)
    if peer == "127.0.0.1":
        browser.visits.check_ours(request)
    else:
        with pytest.raises(AccessDenied, match="nobody signs in"):
            browser.visits.check_ours(request)
    with pytest.raises(AccessDenied):
        browser.visits.check_ours(browser.asks(peer, origin="https://evil.example"))


HEADERS = st.dictionaries(
    st.sampled_from(["host", "origin", "cookie", "x-gonogo-csrf", "via"]), st.text(max_size=60)
)


@settings(max_examples=60)
@given(HEADERS, st.text(max_size=40))
def test_demand_takes_any_headers(headers: dict[str, str], peer: str) -> None:
    """And refuses them."""
    visits = Visits(TLS, Sessions(lambda _: None), Unsigned(Role.OPERATOR, Role.OBSERVER))
    with pytest.raises(AccessDenied):
        visits.demand(Request(peer, {**headers, "host": headers.get("host", "")}), SAY, 0)
