"""What a check says, and what it remembers."""

from __future__ import annotations

from gonogo.commands.report import Report


def test_report_says_all_of_it_in_order_and_remembers_what_is_wrong() -> None:
    """A finding stands out among the lines, and is counted as it was said."""
    said: list[str] = []
    report = Report(said.append)
    report.say("a camera")
    report.wrong("it is dark")
    report.say("a PLC")
    assert said == ["a camera", "  WRONG  it is dark", "a PLC"]
    assert report.findings == ["it is dark"]
