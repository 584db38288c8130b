"""The section of docs/models.md: it replaces itself alone, and says what was not run."""

from __future__ import annotations

import pytest

from gonogo.tests.exporters.cases import CASES
from gonogo.tests.exporters.table import TITLE, _came, section, with_section

PAGE = "# Models\n\n## What INT8 costs\n\ntext\n"


@pytest.mark.parametrize("after", ["", "\n## Size and time\n\nmore\n"])
def test_with_section_replaces_its_own_section_alone(after: str) -> None:
    """Whatever stands in front of it and behind it stays, however often it is written."""
    once = with_section(PAGE + after, [TITLE, "", "one"])
    twice = with_section(once, [TITLE, "", "two"])
    assert twice == with_section(PAGE + after, [TITLE, "", "two"])
    assert twice.startswith(PAGE)
    assert "one" not in twice
    assert after.strip() in twice


def test_section_has_a_row_for_every_case() -> None:
    """Also for those that nobody ran."""
    rows = [line for line in section() if line.startswith("| ")]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]] == [c.name for c in CASES]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, "not run"),
        ({"tool_refused": "URLError: no route"}, "not exported: URLError: no route"),
        ({"refused": "GN309: /a/b/model.onnx: by chance", "took_s": 3},
         "refused: GN309: model.onnx: by chance"),
        ({"took_s": 3, "refused": ""}, "built"),
        ({"took_s": 3, "refused": "", "rehearsed": 11, "shown": 12},
         "built; 11 of 12 parts judged by it in time"),
    ],
)  # fmt: skip
def test_came_says_what_happened(found: dict[str, object], words: str) -> None:
    """By name who refused, without paths of the machine that ran it."""
    assert _came(found) == words
