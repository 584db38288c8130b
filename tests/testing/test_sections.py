"""The suite of all sections notices what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.testing.sections import SectionContract
from gonogo.tests.testing import wrong_sections
from gonogo.tests.testing.proof import prove

if TYPE_CHECKING:
    from pathlib import Path


def test_wrong_sections_fail_where_they_are_wrong(tmp_path: Path) -> None:
    """Each test of the suite has a section that is made to fail it, and one that passes."""
    prove(wrong_sections, SectionContract, tmp_path, frozenset())
