"""The suite of all backends notices what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.testing.backends import BackendContract
from gonogo.tests.testing import wrong_backends
from gonogo.tests.testing.proof import prove

if TYPE_CHECKING:
    from pathlib import Path

# a wrong one would have to change the floating-point unit of this very process
NOT_PLAYED = frozenset({"test_backend_leaves_the_arithmetic_of_its_process_alone"})


def test_wrong_backends_fail_where_they_are_wrong(tmp_path: Path) -> None:
    """Each test of the suite has a backend that is made to fail it, and one that passes."""
    prove(wrong_backends, BackendContract, tmp_path, NOT_PLAYED)
