"""What the station file says of its log."""

from __future__ import annotations

import logging

import pytest
from pydantic import ValidationError

from gonogo.base.log.section import LogSection


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_level_is_known_to_the_standard_library(level: str) -> None:
    """By its number."""
    section = LogSection.model_validate({"level": level})
    assert logging.getLevelName(section.number) == level.upper()


@pytest.mark.parametrize("wrong", [{"form": "xml"}, {"files": 1}, {"file_mb": 0}, {"size": 3}])
def test_section_refuses_what_cannot_be_kept(wrong: dict[str, object]) -> None:
    """One file could not be rotated."""
    with pytest.raises(ValidationError):
        LogSection.model_validate(wrong)
