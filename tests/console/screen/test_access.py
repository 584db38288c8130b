"""Who asks the screen, and from where."""

from __future__ import annotations

import pytest

from gonogo.base.errors import ScreenRefused
from gonogo.console.screen.access import (
    DECIDE,
    SAY,
    SEE,
    Asker,
    OnTheBox,
    Person,
    check_host,
    check_ours,
)

HOST = "127.0.0.1:8470"
OWN = {"host": HOST, "x-gonogo-screen": "1"}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_box_lets_who_sits_at_it_speak_where_the_file_says_so(address: str) -> None:
    """And decide nothing; without that word everybody only sees."""
    person = OnTheBox(local_operator=True).person(Asker(address, {}))
    person.demand(SAY)
    assert DECIDE not in person.may
    assert OnTheBox(local_operator=False).person(Asker(address, {})).may == {SEE}


@pytest.mark.parametrize(
    "asker",
    [
        Asker("10.0.0.7", {}),
        Asker("", {}),
        Asker("testclient", {}),
        Asker("127.0.0.1", {"x-forwarded-for": "10.0.0.7"}),
        Asker("127.0.0.1", {"forwarded": "for=10.0.0.7"}),
        Asker("127.0.0.1", {"via": "1.1 proxy"}),
    ],
)
def test_box_lets_nobody_else_speak(asker: Asker) -> None:
    """From the network, from nowhere, or through a proxy that runs on the box."""
    assert OnTheBox(local_operator=True).person(asker).may == {SEE}


def test_person_is_told_what_is_missing() -> None:
    """Who, what, and how it could be done."""
    with pytest.raises(ScreenRefused, match=r"ann may not say-disposition .* `local_operator`"):
        Person("ann", frozenset({SEE})).demand(SAY)


@pytest.mark.parametrize("host", [HOST, "[::1]:8470", "192.168.0.4", "localhost:8470"])
def test_host_is_an_address(host: str) -> None:
    """As somebody types it."""
    check_host({"host": host})


@pytest.mark.parametrize("host", ["evil.example:8470", "", "127.0.0.1.evil.example", "[::1", "a b"])
def test_host_is_no_name_that_could_mean_anything(host: str) -> None:
    """A stranger's page that makes its own name mean this box is told nothing."""
    with pytest.raises(ScreenRefused, match="expected the address of this box"):
        check_host({"host": host})


@pytest.mark.parametrize(
    "more", [{}, {"origin": f"http://{HOST}"}, {"sec-fetch-site": "same-origin"}]
)
def test_own_page_is_taken(more: dict[str, str]) -> None:
    """With what browsers add to it."""
    check_ours(OWN | more)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": HOST},
        OWN | {"x-gonogo-screen": "0"},
        OWN | {"origin": "http://evil.example"},
        OWN | {"origin": "null"},
        OWN | {"origin": "http://127.0.0.1:9999"},
        OWN | {"sec-fetch-site": "cross-site"},
        OWN | {"sec-fetch-site": "same-site"},
    ],
)
def test_page_of_a_stranger_is_not(headers: dict[str, str]) -> None:
    """A form, a link or a script of another page, in the same browser."""
    with pytest.raises(ScreenRefused, match="own page"):
        check_ours(headers)
