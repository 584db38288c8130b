"""The base of every section: frozen, whole, and with paths that lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gonogo.base.section import Section, brief


class Camera(Section):
    """A section as components declare them."""

    name: str = "top"
    gain: float = 1.0
    folder: Path = Path("images")
    more: tuple[Path, ...] = ()


def test_section_is_frozen_and_knows_its_keys() -> None:
    """Nothing is changed once it was checked, and a misspelt key is no key."""
    section = Camera(name="  left ")
    assert section.name == "left"
    with pytest.raises(ValidationError, match="frozen"):
        setattr(section, "gain", 2.0)  # noqa: B010 - the type checker forbids it
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Camera.model_validate({"gian": 2.0})


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_section_takes_finite_numbers_only(number: str) -> None:
    """Nothing compares with nan, and no limit keeps infinity."""
    with pytest.raises(ValidationError, match="finite number"):
        Camera(gain=float(number))


def test_section_paths_are_of_the_folder_of_the_station_file() -> None:
    """Relative ones, defaults too; absolute ones stay, and `..` is worked out."""
    given = {"more": ("a/../b", "/c")}
    found = Camera.model_validate(given, context={"base": Path("/etc/cell")})
    assert found.folder == Path("/etc/cell/images")
    assert found.more == (Path("/etc/cell/b"), Path("/c"))
    assert Camera().folder == Path("images"), "without a file there is no folder"


def test_brief_names_the_first_of_many_findings() -> None:
    """In one line, with how many there are; an error of another kind speaks for itself."""
    with pytest.raises(ValidationError) as raised:
        Camera.model_validate({"gain": "much", "more": 3})
    assert brief(raised.value).startswith("2 findings, the first: gain: Input should be a valid")
    assert brief(ValueError("no such thing")) == "no such thing"
