"""Where the screen is served, as the station file says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.base.errors import StationFileError
from gonogo.config.access import AccessSection
from gonogo.config.screen import ScreenSection
from gonogo.config.station import load_station
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

NAMES = """
[screen]

[[screen.name]]
of = "top"
text = { en = "From above", tr = "Üstten" }
"""

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


def test_screen_has_what_people_call_a_view_by_language(tmp_path: Path) -> None:
    """The station's own name of it stays."""
    path = tmp_path / "station.toml"
    path.write_text(PLAIN_FILE + NAMES, "utf-8")
    screen = load_station(path).screen
    assert screen is not None
    assert screen.names == {"top": {"en": "From above", "tr": "Üstten"}}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            ('of = "top"', 'of = "topp"'),
            "a rule or a view of this file, got 'topp'; did you mean 'top'?",
        ),
        (('en = "From above", ', ""), "text.en"),
        (("tr =", "xx ="), "text.xx"),
        ((NAMES, NAMES + NAMES[NAMES.index("[[") :]), "once, got top again"),
    ],
)
def test_screen_refuses_a_name_of_nothing_and_a_text_without_english(
    tmp_path: Path, wrong: tuple[str, str], said: str
) -> None:
    """With the nearest one that there is."""
    path = tmp_path / "station.toml"
    path.write_text(PLAIN_FILE + NAMES.replace(*wrong), "utf-8")
    with pytest.raises(StationFileError) as error:
        load_station(path)
    assert said in str(error.value)
