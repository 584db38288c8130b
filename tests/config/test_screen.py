"""Where the screen is served, as the station file says it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.config.access import AccessSection
from gonogo.config.screen import ScreenSection

ALL = "0.0.0.0"  # noqa: S104 - said in the file


def test_screen_is_for_this_box_alone_unless_somebody_says_more() -> None:
    """And nobody may say anything there."""
    plain = ScreenSection()
    assert (plain.here_alone, plain.local_operator) == (True, False)
    assert plain.in_words(AccessSection()) == (
        "the screen at http://127.0.0.1:8470/, for this box alone; nobody without a login may say "
        "words on parts there"
    )
    wide = ScreenSection(host="::", local_operator=True)
    assert not wide.here_alone
    assert (
        "http://[::]:8470/, for whoever reaches that address to look, and by TLS at "
        "https://[::]:9443/; who sits at" in wide.in_words(AccessSection())
    )


@pytest.mark.parametrize(
    ("host", "lan", "where"),
    [
        ("127.0.0.1", False, None), ("::1", False, None), ("127.0.0.1", True, (ALL, 9443)),
        ("192.168.0.4", False, ("192.168.0.4", 9443)), (ALL, True, (ALL, 9443)),
    ],
)  # fmt: skip
def test_screen_is_served_by_tls_wherever_another_machine_reaches_it(
    host: str, *, lan: bool, where: tuple[str, int] | None
) -> None:
    """By its address, or because [access] says so."""
    assert ScreenSection(host=host).tls_address(AccessSection(lan=lan)) == where


@pytest.mark.parametrize(
    "keys", [{"host": "screen.local"}, {"port": 80}, {"language": "xx"}, {"picture_px": 10}]
)
def test_screen_refuses_what_it_cannot_serve(keys: dict[str, object]) -> None:
    """A name, a port that wants a right of the system's, a language that there is not."""
    with pytest.raises(ValidationError):
        ScreenSection.model_validate(keys)
