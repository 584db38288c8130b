"""The screen as it serves: HTTP and TLS side by side, asked by programs that are not ours."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.config.access import AccessSection
from gonogo.console.access.ca_shown import beside_records
from gonogo.console.access.roles import Role
from gonogo.console.screen.app import make_app
from gonogo.console.screen.serving import serve_all
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.files import rows_backwards
from gonogo.tests.stations import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.console.screen.scene import Scene

WAIT_S = 30.0
PIN = "408162"


class Served:
    """The screen of a scene whose accounts are `sec` and `anna`, in a thread."""

    def __init__(self, scene: Scene) -> None:
        self.station, self.port, self.tls_port = scene.station, free_port(), free_port()
        self.ca = beside_records(scene.records) / "ca.crt"
        scene.accounts.add("sec", Role.SECURITY, "935028")
        scene.accounts.add("anna", Role.OPERATOR, PIN)

    @contextmanager
    def up(self, scene: Scene) -> Iterator[None]:
        """As long as it serves both."""
        over = threading.Event()
        limits = AccessSection(lan=True, tls_port=self.tls_port)
        with ExitStack() as stack:
            found = scene.open(stack, port=self.port, limits=limits)
            doing = serve_all(make_app(found), found, over.is_set)
            thread = threading.Thread(target=lambda: asyncio.run(doing))
            thread.start()
            try:
                end_s = time.monotonic() + WAIT_S
                while not all(map(listens, (self.port, self.tls_port))):
                    assert time.monotonic() < end_s
                    time.sleep(0.02)
                yield
            finally:
                over.set()
                thread.join(WAIT_S)
            assert not thread.is_alive()

    def page(self, *, secure: bool) -> HTTPConnection:
        """One that trusts this box's CA and nobody else."""
        if not secure:
            return HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        trusting = ssl.create_default_context(cafile=str(self.ca))
        return HTTPSConnection("127.0.0.1", self.tls_port, timeout=WAIT_S, context=trusting)

    def raw(self, cookie: bytes, *, secure: bool) -> bytes:
        """All that is answered to a request with a Cookie header of those bytes."""
        port = self.tls_port if secure else self.port
        head = f"GET /about HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: "
        with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as plain:
            context = ssl.create_default_context(cafile=str(self.ca)) if secure else None
            made = context.wrap_socket(plain, server_hostname="127.0.0.1") if context else plain
            with made:
                made.sendall(head.encode() + cookie + b"\r\n\r\n")
                return b"".join(iter(lambda: made.recv(1 << 16), b""))


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def served(scene: Scene) -> Iterator[Served]:
    """One that is up."""
    made = Served(scene)
    with made.up(scene):
        yield made


def asked(page: HTTPConnection, path: str, fields: object = None, **more: str) -> Any:  # noqa: ANN401 - an answer
    """The answer, read."""
    scheme = "https" if isinstance(page, HTTPSConnection) else "http"
    headers = {"origin": f"{scheme}://{page.host}:{page.port}"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    body = None if fields is None else json.dumps(fields)
    page.request("GET" if fields is None else "POST", path, body, headers)
    answer = page.getresponse()
    return answer, answer.read()


@pytest.mark.parametrize("secure", [False, True])
def test_screen_lets_somebody_in_by_either_way_and_out_again(
    served: Served, *, secure: bool
) -> None:
    """With the cookie of that way, which is nobody's by the other."""
    with (
        closing(served.page(secure=secure)) as page,
        closing(served.page(secure=not secure)) as other,
    ):
        answer, _ = asked(page, "/login", {"name": "anna", "secret": PIN})
        cookie = answer.getheader("set-cookie").partition(";")[0]
        assert cookie.startswith("__Host-") == secure
        about = json.loads(asked(page, "/about", cookie=cookie)[1])
        assert (about["name"], about["acts"]) == ("anna", True)
        assert json.loads(asked(other, "/about", cookie=cookie)[1])["name"] == "nobody"
        assert asked(page, "/logout", {}, cookie=cookie)[0].status == 200
        assert json.loads(asked(page, "/about", cookie=cookie)[1])["name"] == "nobody"


def test_screen_is_trusted_by_curl_with_the_ca_of_the_box_alone(served: Served) -> None:
    """And not without."""
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    url = f"https://127.0.0.1:{served.tls_port}/about"
    right = ["curl", "--silent", "--cacert", str(served.ca), url]
    found = subprocess.run(right, capture_output=True, check=True, timeout=WAIT_S)
    assert json.loads(found.stdout)["name"] == "nobody"
    blind = subprocess.run(["curl", "--silent", url], check=False, timeout=WAIT_S)
    assert blind.returncode == 60  # the certificate is of nobody that it knows


NAMES = st.sampled_from(
    [b"", b"a", b"gonogo-", b"gonogo-STATION", b"__Host-gonogo-STATION", b"Gonogo-STATION"]
)
VALUES = st.one_of(
    st.binary(max_size=60), st.sampled_from([b"", b"A" * 43, b"A" * 44, b'"' + b"A" * 43 + b'"'])
)
COOKIES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(NAMES, VALUES), max_size=8).map(
        lambda pairs: b"; ".join(b"=".join(pair) for pair in pairs)
    ),
    st.sampled_from(
        [b"a=b; " * 3000, b"x" * 20_000, b"a=b\r\nCookie: c=d", b"=;=;=", b"\xff" * 99]
    ),
)


@pytest.mark.parametrize("secure", [False, True])
def test_screen_takes_a_cookie_of_every_kind_of_malice_for_nobodys(
    served: Served, *, secure: bool
) -> None:
    """By its bytes on the wire; the next one is answered."""

    @settings(max_examples=40)
    @given(COOKIES)
    def any_cookie(cookie: bytes) -> None:
        answer = served.raw(cookie.replace(b"STATION", served.station.encode()), secure=secure)
        status = answer.split(b" ")[1]
        assert status in {b"200", b"400"}
        assert status == b"400" or b'"name":"nobody"' in answer

    any_cookie()
    assert b'"name":"nobody"' in served.raw(b"a=b", secure=secure)


def test_screen_takes_two_cookies_of_its_name_for_none(served: Served) -> None:
    """In one header or in two: which of them we have set nobody can say."""
    with closing(served.page(secure=False)) as page:
        answer, _ = asked(page, "/login", {"name": "anna", "secret": PIN})
    right = answer.getheader("set-cookie").partition(";")[0].encode()
    assert b'"name":"anna"' in served.raw(right, secure=False)
    assert b'"name":"anna"' in served.raw(b"theme=dark; " + right, secure=False)
    forged = right.partition(b"=")[0] + b"=" + b"A" * 43
    for both in (right + b"; " + forged, forged + b"\r\nCookie: " + right):
        assert b'"name":"nobody"' in served.raw(both, secure=False)


def test_screen_ends_as_a_whole_and_has_told_the_trail_before(scene: Scene) -> None:
    """Neither of its ports is left behind, nor that somebody signed out in the last moment."""
    made = Served(scene)
    with made.up(scene), closing(made.page(secure=True)) as page:
        answer, _ = asked(page, "/login", {"name": "anna", "secret": PIN})
        cookie = answer.getheader("set-cookie").partition(";")[0]
        asked(page, "/logout", {}, cookie=cookie)
    assert not any(map(listens, (made.port, made.tls_port)))
    told = [(row.what, row.who["account"]) for row in rows_backwards(trail_of(scene.records))]
    assert told == [("sign out", "anna"), ("sign in", "anna")]
