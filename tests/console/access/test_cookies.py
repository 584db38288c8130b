"""The cookie of a session: what is set, and that nothing strange is taken for one."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.access.cookies import LONGEST_HEADER, SessionCookie

ID = "A" * 43
COOKIE = SessionCookie("bolts", secure=False)


@pytest.mark.parametrize("secure", [False, True])
def test_set_is_for_this_site_and_no_script(*, secure: bool) -> None:
    """As another parser of cookies reads it."""
    parsed = SimpleCookie(SessionCookie("bolts", secure=secure).set(ID))
    ((name, morsel),) = parsed.items()
    assert name == ("__Host-gonogo-bolts" if secure else "gonogo-bolts")
    assert morsel.value == ID
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
    assert bool(morsel["secure"]) is secure
    assert not morsel["domain"]


def test_clear_ends_it_at_once() -> None:
    """With the same attributes, or a browser would keep it."""
    ((name, morsel),) = SimpleCookie(COOKIE.clear()).items()
    assert (name, morsel.value, morsel["max-age"]) == (COOKIE.name, "", "0")


def test_id_in_finds_it_among_others() -> None:
    """Of other programs of this box, and of another station."""
    assert COOKIE.id_in(f"theme=dark; gonogo-bolts={ID}; gonogo-nuts={'B' * 43}") == ID


@pytest.mark.parametrize(
    "header",
    [
        None, "", ";" * 4000, "gonogo-bolts", "gonogo-bolts=", f"gonogo-bolts={ID}x",
        f"gonogo-bolts={ID[:-1]}", f'gonogo-bolts="{ID}"', f"gonogo-bolts={ID}\n",
        f"gonogo-bolts={ID[:-1]}\x00", f"gonogo-bolts={ID[:-1]}\u0430", f"Gonogo-bolts={ID}",
        f"gonogo-bolts={ID}; gonogo-bolts={ID}", f"gonogo-bolts={ID}; gonogo-bolts=x",
        f"gonogo-bolts ={ID}", f"__Host-gonogo-bolts={ID}", f"gonogo-bolts={ID}, a=b",
        "a=b; " * 250_000 + f"gonogo-bolts={ID}", f"gonogo-bolts={ID}" + " " * LONGEST_HEADER,
    ],
)  # fmt: skip
def test_id_in_takes_nothing_strange(header: str | None) -> None:
    """Of two of one name, of another form, of a megabyte: none."""
    assert COOKIE.id_in(header) is None


@given(st.text(max_size=200))
def test_id_in_takes_any_header(header: str) -> None:
    """And never fails."""
    found = COOKIE.id_in(header)
    assert found is None or len(found) == 43
