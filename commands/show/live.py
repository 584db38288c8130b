"""One line a part, as it happens: part, score, rules, verdict, milliseconds, mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gonogo.base.words import Mode, Reason, Status, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gonogo.ipc.journal_records import VerdictEntry

BAR_CELLS = 10
SCORE_MAX = 10_000
VERDICT_STYLE = {
    VerdictKind.ACCEPT: "bold green",
    VerdictKind.REJECT: "bold red",
    VerdictKind.RECHECK: "bold yellow",
    VerdictKind.NOT_INSPECTED: "bold magenta",
    VerdictKind.NONE: "dim",
}
RULE_MARK = {
    Status.PASS: ("+", "green"),
    Status.FAIL: ("x", "red"),
    Status.CANNOT_TELL: ("?", "yellow"),
}


class LiveView:
    """Prints judged parts to a terminal; `rules` are the rule names in station order."""

    def __init__(self, console: Console, rules: Sequence[str]) -> None:
        self._console = console
        self._rules = tuple(rules)

    def heading(self) -> None:
        """The line above the first part."""
        heading = f"{'part':>5}  {'score':<{BAR_CELLS + 6}}  {'verdict':<24}{'ms':>7}  mode  rules"
        self._console.print(Text(heading, style="dim"))

    def show(self, entry: VerdictEntry) -> None:
        """One judged part."""
        # Text, not markup: a rule may be called [red]
        line = Text(f"{entry.part.part_id:>5}  ")
        line.append_text(score_bar(entry))
        verdict = entry.kind.name + ("" if entry.reason is Reason.OK else f" {entry.reason.name}")
        line.append(f"  {verdict:<24}", style=VERDICT_STYLE[entry.kind])
        # to the hand-over to the link; what the PLC saw of it the summary tells
        took_ms = (entry.stamps.reported_ns - entry.part.trigger_ns) / 1e6
        line.append(f"{took_ms:7.1f}  ")
        mode = {Mode.FULL: "full", Mode.RULES_ONLY: "rule", Mode.SAFE: "safe"}[entry.mode]
        line.append(f"{mode:<6}", style="" if entry.mode is Mode.FULL else "yellow")
        line.append_text(self._rule_marks(entry))
        self._console.print(line, soft_wrap=True)

    def _rule_marks(self, entry: VerdictEntry) -> Text:
        marks = Text()
        # a part without a frame has no checks
        for name, check in zip(self._rules, entry.checks, strict=False):
            mark, style = RULE_MARK[check.status]
            read = f' "{check.text}"' if check.text else ""
            marks.append(f"{mark}{name}{read} ", style=style)
        return marks


def score_bar(entry: VerdictEntry) -> Text:
    """SCORE as a bar; the reject limit is its middle."""
    filled = round(entry.score / SCORE_MAX * BAR_CELLS)
    # by what the engine alone said: the bar is its score
    style = "green" if entry.engine is VerdictKind.ACCEPT else "yellow"
    if entry.engine is VerdictKind.REJECT:
        style = "red"
    bar = Text("#" * filled, style=style)
    bar.append("." * (BAR_CELLS - filled), style="dim")
    return bar.append(f" {entry.score:>5}")
