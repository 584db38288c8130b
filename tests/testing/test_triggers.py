"""The suite of all triggers notices what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.testing.sections import SectionContract
from gonogo.testing.triggers import TriggerContract
from gonogo.tests.testing import wrong_triggers
from gonogo.tests.testing.proof import promises_of, prove

if TYPE_CHECKING:
    from pathlib import Path


def test_wrong_triggers_fail_where_they_are_wrong(tmp_path: Path) -> None:
    """Each test of the suite has a trigger that is made to fail it, and one that passes."""
    prove(wrong_triggers, TriggerContract, tmp_path, frozenset(promises_of(SectionContract)))
