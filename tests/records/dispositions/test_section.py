"""What the station file may say of dispositions."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.base.errors import StationFileError
from gonogo.config.station import load_station
from gonogo.records.dispositions.section import DEFAULTS, DispositionsSection
from gonogo.records.dispositions.words import Means
from gonogo.tests.stations import PLAIN_FILE

OWN = """
[dispositions]
supervisors = ["eve"]
[[dispositions.reason_code]]
code = "rust"
text = { en = "Rust", de = "Rost" }
means = "defect"
"""


def loaded(tmp_path: Path, text: str) -> DispositionsSection:
    """Of a whole station file."""
    file = tmp_path / "station.toml"
    file.write_text(PLAIN_FILE + text)
    return load_station(file).dispositions


def test_section_left_out_has_codes_of_which_dirt_teaches_nothing() -> None:
    """Dirt and bad light say nothing of the part: taught as good, dirt would be good."""
    section = DispositionsSection()
    assert section.means["dirt"] is section.means["bad-light"] is Means.EXCLUDE
    assert section.means["good-part"] is Means.GOOD
    assert section.means["scratch"] is Means.DEFECT
    assert (section.supervisors, section.shown_again_one_in) == ((), 10)


def test_section_has_codes_of_its_own_with_a_text_for_each_language(tmp_path: Path) -> None:
    """They take the place of the defaults; English where a language is not there."""
    section = loaded(tmp_path, OWN)
    assert section.means == {"rust": Means.DEFECT}
    text = section.codes[0].text
    assert [text.of(each) for each in ("de", "en", "fr", "_at", "xx")] == [
        "Rost", "Rust", "Rust", "Rust", "Rust",
    ]  # fmt: skip
    assert text.languages == ["en", "de"]


def test_every_default_code_has_a_text_in_each_language_and_stands_on_the_page() -> None:
    """Those that the screen speaks; nobody has to read the program to know the codes."""
    told = (Path(__file__).parents[3] / "docs" / "station-file.md").read_text().split()
    words = {word.strip(",.;") for word in told}
    assert {each.code for each in DEFAULTS} <= words
    assert {tuple(each.text.languages) for each in DEFAULTS} == {("en", "de", "ru", "tr", "zh")}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (('"rust"', '"Rust"'), "code"),
        (('"rust"', '"rust and dirt"'), "code"),
        (('"defect"', '"bad"'), "means"),
        (('en = "Rust", ', ""), "text.en"),
        (('de = "Rost"', 'dd = "Rost"'), "text.dd"),
        (('"eve"', '""'), "supervisors"),
        (("[dispositions]", "[dispositions]\nshown_again_one_in = -1"), "shown_again_one_in"),
        ((OWN, OWN + OWN[OWN.index("[[") :]), "once, got rust again"),
    ],
)
def test_section_says_what_is_wrong(tmp_path: Path, wrong: tuple[str, str], said: str) -> None:
    """With its place."""
    with pytest.raises(StationFileError, match=said):
        loaded(tmp_path, OWN.replace(*wrong))
