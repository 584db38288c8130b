"""The documents name what exists."""

from __future__ import annotations

import re
from pathlib import Path

from gonogo.runtime import errors
from gonogo.runtime.parts import Reason

ROOT = Path(__file__).parent.parent


def test_error_codes_document_lists_every_code() -> None:
    """Every numbered error can be looked up, and no number is listed that does not exist."""
    text = (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| GN(\d+) ", text, re.MULTILINE)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    exist = {kind.code for kind in kinds if issubclass(kind, errors.GonogoError)}
    assert listed == exist


def test_error_codes_document_lists_every_reason() -> None:
    """Every REASON word a PLC can read is explained under its number and name."""
    text = (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8")
    listed = {
        (int(n), name) for n, name in re.findall(r"^\| (\d+) \| ([A-Z_]+) ", text, re.MULTILINE)
    }
    assert listed == {(reason.value, reason.name) for reason in Reason}
