"""The comparison of two engines in tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from gonogo.base.words import Reason, VerdictKind
from gonogo.commands.comparison import EDGES, LIMIT_BIN
from gonogo.commands.show.labelled import NO_LABELS, label_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from gonogo.commands.comparison import Comparison, Words
    from gonogo.records.shadow import Twice

BAR_CELLS = 26  # of each side, in half cells: 52 steps
ROWS_MAX = 40
_KINDS = [VerdictKind.ACCEPT, VerdictKind.RECHECK, VerdictKind.REJECT, VerdictKind.NOT_INSPECTED]


def show_comparison(console: Console, found: Comparison) -> None:
    """Print what both engines said, how they score, and the parts where they differ."""
    for line in _heading(found):
        console.print(escape(line), soft_wrap=True)
    console.print()
    console.print(_verdicts(found))
    console.print()
    for line in label_lines(found.labelled) if found.labelled else [NO_LABELS]:
        console.print(escape(line), soft_wrap=True)
    console.print()
    for line in histograms(found.words):
        console.print(line, soft_wrap=True)
    if found.differing:
        console.print()
        console.print(_differing(found.differing[:ROWS_MAX]))
    if len(found.differing) > ROWS_MAX:
        console.print(f"and {len(found.differing) - ROWS_MAX} more: --json has them all")


def histograms(words: Words) -> Iterator[str]:
    """Score words of both, back to back, the worst at the top; needs no colour."""
    filled = [k for k, parts in enumerate(zip(*words, strict=True)) if any(parts)]
    # both bins at the limit are always shown, or its line would have nothing to stand between
    first, last = min(*filled, LIMIT_BIN - 1), max(*filled, LIMIT_BIN)
    most = max(words.active + words.shadow)
    side = BAR_CELLS + 6  # the count, up to five digits, and a space
    yield f"{'active':>{side}}  {'score word':^13}  shadow"
    for k in range(last, first - 1, -1):
        active, shadow = words.active[k], words.shadow[k]
        left = f"{active} {_bar(active, most, '▐', '')}" if active else ""
        right = f"{_bar(shadow, most, '', '▌')} {shadow}" if shadow else ""
        yield f"{left:>{side}}  {EDGES[k]:>5} - {EDGES[k + 1]:<5}  {right}".rstrip()
        if k == LIMIT_BIN:
            yield f"{' reject above ':─^{2 * side + 17}}"


def _heading(found: Comparison) -> Iterator[str]:
    alone, times = found.alone, found.alone.latency_ms
    yield (
        f"{len(found.parts)} parts of run {', '.join(found.runs)}: "
        f"{_time(found.parts[0])} to {_time(found.parts[-1])} UTC"
    )
    for duo in found.engines:
        yield f"view {duo}"
    yield f"the same verdict: {found.same}"
    yield f"the same by the engines alone: {found.same_alone}"
    yield (
        f"score of the shadow beside the active: median {alone.shift_median:+.0f} points, "
        f"98 % of the parts {alone.shift_low:+.0f} to {alone.shift_high:+.0f}"
    )
    yield (
        f"inference in ms, p50 and p99: active {times['active_p50']:.2f} and "
        f"{times['active_p99']:.2f}, shadow {times['shadow_p50']:.2f} and {times['shadow_p99']:.2f}"
    )


def _verdicts(found: Comparison) -> Table:
    table = Table(title="parts by verdict", title_justify="left")
    table.add_column("decided")
    # of those that came from either side: a station that never rechecks has no column for it
    seen = [kind for kind in _KINDS if any(kind in pair for pair in found.verdicts)]
    for kind in seen:
        table.add_column(f"shadow {kind.name}", justify="right")
    for active in seen:
        parts = [found.verdicts[active, shadow] for shadow in seen]
        table.add_row(active.name, *(str(count) if count else "-" for count in parts))
    return table


def _differing(parts: list[Twice]) -> Table:
    table = Table(title="parts with another verdict, the worst first", title_justify="left")
    for head in ("part", "time, UTC", "decided", "score", "shadow", "score"):
        right = head in {"part", "score"}
        table.add_column(head, justify="right" if right else "left", no_wrap=head == "time, UTC")
    for part in parts:
        both = part.engines
        table.add_row(
            str(both.part_id), escape(_time(part)),
            _said(part.verdict, part.reason), str(both.active_score),
            _said(part.shadow_verdict, part.shadow_reason), str(both.shadow_score),
        )  # fmt: skip
    return table


def _bar(parts: int, most: int, before: str, after: str) -> str:
    """Cells for so many parts, half of one for the least."""
    halves = max(round(2 * BAR_CELLS * parts / most), 1) if parts else 0
    half = halves % 2
    return before * half + "█" * (halves // 2) + after * half


def _said(kind: VerdictKind, reason: Reason) -> str:
    return kind.name if reason is Reason.OK else f"{kind.name} {reason.name}"


def _time(part: Twice) -> str:
    return part.wall[:19].replace("T", " ")
