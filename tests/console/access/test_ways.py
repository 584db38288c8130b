"""By which way something may be done, and what a request may say of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.access.roles import Action, Role
from gonogo.console.access.ways import (
    HERE,
    Way,
    is_here,
    is_ours,
    is_same_origin,
    may,
    may_act,
    source_of,
)

NAMES = frozenset({"localhost", "box7", "box7.local", "127.0.0.1", "::1", "192.168.1.7"})
STRANGE = [
    "", "localhost", "127.0.0.1\x00", "127.1", "0x7f000001", "2130706433", "127.0.0.1:80",
    " 127.0.0.1",
    "127.0.0.1,10.0.0.1", "unix:/x", "\u0661\u0662\u0667.0.0.1", "::ffff:10.0.0.1", "0.0.0.1", "::",
    "10.0.0.1", "fe80::1", "x" * 1_000_000, "1" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_may_act_by_plain_http_on_this_box(peer: str) -> None:
    """It does not leave the box."""
    assert may_act(Way.HTTP, peer)
    assert source_of(peer) == HERE


@pytest.mark.parametrize("peer", STRANGE)
def test_may_act_by_plain_http_from_nowhere_else(peer: str) -> None:
    """Whatever is said of the other end; by TLS it may."""
    assert not may_act(Way.HTTP, peer)
    assert not is_here(peer)
    assert may_act(Way.TLS, peer)


def test_may_looks_and_does_nothing_by_plain_http() -> None:
    """Whoever it is."""
    doing = {each for each in Action for role in Role if may(Way.HTTP, "10.0.0.1", role, each)}
    assert {each.value[:4] for each in doing} == {"see-"}
    assert may(Way.TLS, "10.0.0.1", Role.OPERATOR, Action.SAY_DISPOSITION)
    assert may(Way.HTTP, "127.0.0.1", Role.OPERATOR, Action.SAY_DISPOSITION)


def test_may_asks_for_the_role_by_every_way() -> None:
    """A way alone opens nothing."""
    ways = [each for each in Way if each is not Way.PLC]
    assert not any(may(way, "127.0.0.1", None, each) for way in ways for each in Action)
    assert not any(may(way, "::1", Role.SUPERVISOR, Action.MANAGE_ACCOUNTS) for way in ways)


def test_may_gives_the_plc_what_its_commands_are() -> None:
    """And no more for a role that somebody claims for it."""
    given = {each for each in Action if may(Way.PLC, "10.0.0.5", Role.SECURITY, each)}
    assert given == {Action.ACKNOWLEDGE, Action.LOAD_RECIPE, Action.COUNT_ANEW}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("127.0.0.1", "::1", True),
        ("nonsense", "\x00", True),
    ],
)
def test_source_of_is_the_same_for_who_can_be_the_same(one: str, other: str, *, same: bool) -> None:
    """An IPv6 address costs nothing: 64 bits of it count."""
    assert (source_of(one) == source_of(other)) is same


@pytest.mark.parametrize(
    "host",
    ["localhost:9443", "BOX7:9443", "box7.local", "127.0.0.1:9443", "[::1]:9443", "[::1]",
     "192.168.1.7"],
)  # fmt: skip
def test_is_ours_knows_the_names_of_this_box(host: str) -> None:
    """With the port, or without."""
    assert is_ours(host, NAMES, 9443)


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:9443", "box7:80", "box7.evil.example", "box7@evil",
     "evil@box7", "box7/..", "box7?x", "box7#x", "box7:9443:9443", "box7:", "box7:x", "[::1", "::1",
     "box7 ", " box7", "box7\x00", "box7\r\nX: y", "b\u043ex7", "\uff42ox7", "box7.", "box7:-1",
     "box7:99999999", "box7:09443", "x" * 1_000_000, "[" * 1000, "box7\t:9443", "box7:9\n443"],
)  # fmt: skip
def test_is_ours_knows_no_other(host: str | None) -> None:
    """A name that another made lead here, and everything that is no Host at all."""
    assert not is_ours(host, NAMES, 9443)


def test_is_same_origin_is_our_own_page_alone() -> None:
    """The page of another site, of another port, by another scheme, none at all."""
    assert is_same_origin("https://box7:9443", "box7:9443", secure=True)
    assert is_same_origin("http://localhost:8080", "localhost:8080", secure=False)
    for origin in (
        None, "null", "", "https://evil.example", "http://box7:9443", "https://box7:9444",
        "https://box7:9443/", "https://box7:9443 ", "https://a@box7:9443", "x" * 1_000_000,
    ):  # fmt: skip
        assert not is_same_origin(origin, "box7:9443", secure=True)
    assert not is_same_origin("https://", "", secure=False)
    assert not is_same_origin("https://box7", None, secure=True)


@given(st.text(max_size=80), st.text(max_size=80))
def test_ways_take_any_text(one: str, other: str) -> None:
    """And say no."""
    assert not is_ours(one, frozenset(), 1)
    assert not may_act(Way.HTTP, "x" + one)
    assert source_of(one)
    is_same_origin(one, other, secure=True)
