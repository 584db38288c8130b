"""One line a part."""

from __future__ import annotations

import io
import math

from rich.console import Console

from gonogo.base.words import Mode, Part, Reason, RuleResult, Status, VerdictKind
from gonogo.commands.show.live import LiveView
from gonogo.ipc.journal_records import StageTimes, VerdictEntry
from gonogo.tests.fakes import entry_of


def shown(kind: VerdictKind, reason: Reason, mode: Mode, score: int, *statuses: Status) -> str:
    """The line that a part is shown as."""
    out = io.StringIO()
    checks = tuple(RuleResult(status, 1.0, -math.inf, math.inf) for status in statuses)
    entry = VerdictEntry(
        part=Part(1, 42, 0, 0, 0, 0),
        stamps=StageTimes(0, 0, 0, 0, 12_300_000),
        kind=kind,
        reason=reason,
        mode=mode,
        score=score,
        rules=VerdictKind.ACCEPT,
        engine=VerdictKind.ACCEPT,
        looks=(),
        scores=(),
        checks=checks,
    )
    LiveView(Console(file=out, width=120, highlight=False), ["width", "ink", "eye"]).show(entry)
    return out.getvalue()


def test_live_line_names_part_verdict_time_and_mode() -> None:
    """An operator reads the part id, what happened to it and how long it took."""
    line = shown(VerdictKind.REJECT, Reason.RULE, Mode.RULES_ONLY, 5000)
    assert line.split() == ["42", "#####.....", "5000", "REJECT", "RULE", "12.3", "rule"]


def test_live_line_marks_each_rule() -> None:
    """+ passed, x failed, ? could not tell."""
    line = shown(
        VerdictKind.ACCEPT, Reason.OK, Mode.FULL, 0, Status.PASS, Status.FAIL, Status.CANNOT_TELL
    )
    assert line.split()[-3:] == ["+width", "xink", "?eye"]


def test_live_line_bar_is_full_at_the_largest_score() -> None:
    """SCORE 10000 fills the bar."""
    assert "########## 10000" in shown(VerdictKind.REJECT, Reason.ENGINE, Mode.FULL, 10_000)


def test_line_shows_what_a_rule_has_read() -> None:
    """Behind its name."""
    out = io.StringIO()
    entry = entry_of(1)._replace(
        checks=(
            RuleResult(Status.FAIL, 0.0, 1.0, 1.0, "XX-[red]1"),
            RuleResult(Status.PASS, 1, 0, 1),
        )
    )
    LiveView(Console(file=out, width=200), ["serial", "width"]).show(entry)
    assert out.getvalue().rstrip().endswith('xserial "XX-[red]1" +width')
