"""Two engines on the same parts: in tables for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rich.markup import escape
from rich.table import Table

from gonogo.base.scores import SCORE_AT_LIMIT, SCORE_MAX
from gonogo.base.words import Reason, VerdictKind
from gonogo.build.thresholds import estimate
from gonogo.engines.loading.agreement import agree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from gonogo.records.shadow import Shadowed, Twice

BIN_WORDS = 500
BAR_CELLS = 26
ROWS_MAX = 40
_EDGES = list(range(0, SCORE_MAX + 1, BIN_WORDS))
_KINDS = [VerdictKind.ACCEPT, VerdictKind.RECHECK, VerdictKind.REJECT, VerdictKind.NOT_INSPECTED]
_LIMIT_BIN = SCORE_AT_LIMIT // BIN_WORDS


class Words(NamedTuple):
    """Parts in each bin of score words, above its lower edge up to its upper one."""

    active: list[int]
    shadow: list[int]


def show_comparison(console: Console, found: Shadowed) -> None:
    """Print what both engines said, how they score, and the parts where they differ."""
    for line in _heading(found):
        console.print(escape(line), soft_wrap=True)
    console.print()
    console.print(_verdicts(found))
    console.print()
    for line in histograms(found):
        console.print(line, soft_wrap=True)
    differing = worst_first(found)
    if differing:
        console.print()
        console.print(_differing(differing[:ROWS_MAX]))
    if len(differing) > ROWS_MAX:
        console.print(f"and {len(differing) - ROWS_MAX} more: --json has them all")


def as_json(found: Shadowed) -> dict[str, Any]:
    """All of it; scores are score words, 0..10000 with the reject limit at 5000."""
    differing = worst_first(found)
    return {
        "runs": found.runs,
        "engines": [duo._asdict() for duo in found.engines],
        "same_verdict": estimate(len(found.parts) - len(differing), len(found.parts))._asdict(),
        "verdicts": [
            {"active": active.name, "shadow": shadow.name, "parts": parts}
            for (active, shadow), parts in _crossed(found).items()
        ],
        "engines_alone": agree([part.engines for part in found.parts]).as_json(),
        "histogram": {"edges": _EDGES, **_words(found)._asdict()},
        "differing": [_plain(part) for part in differing],
    }


def worst_first(found: Shadowed) -> list[Twice]:
    """Parts with another verdict: first those that the shadow alone would have accepted."""
    return sorted(
        (part for part in found.parts if part.verdict is not part.shadow_verdict),
        key=lambda part: (
            part.shadow_verdict is not VerdictKind.ACCEPT,
            -abs(part.engines.shadow_score - part.engines.active_score),
        ),
    )


def histograms(found: Shadowed) -> Iterator[str]:
    """Score words of both, back to back, the worst at the top; needs no colour."""
    words = _words(found)
    filled = [k for k, parts in enumerate(zip(*words, strict=True)) if any(parts)]
    first, last = min(*filled, _LIMIT_BIN - 1), max(*filled, _LIMIT_BIN)
    most = max(words.active + words.shadow)
    side = BAR_CELLS + 6
    yield f"{'active':>{side}}  {'score word':^13}  shadow"
    for k in range(last, first - 1, -1):
        active, shadow = words.active[k], words.shadow[k]
        left = f"{active} {_bar(active, most, '▐', '')}" if active else ""
        right = f"{_bar(shadow, most, '', '▌')} {shadow}" if shadow else ""
        yield f"{left:>{side}}  {_EDGES[k]:>5} - {_EDGES[k + 1]:<5}  {right}".rstrip()
        if k == _LIMIT_BIN:
            yield f"{' reject above ':─^{2 * side + 17}}"


def _heading(found: Shadowed) -> Iterator[str]:
    both, parts = agree([part.engines for part in found.parts]), len(found.parts)
    same = estimate(parts - len(worst_first(found)), parts)
    times = both.latency_ms
    yield (
        f"{parts} parts of run {', '.join(found.runs)}: "
        f"{_time(found.parts[0])} to {_time(found.parts[-1])} UTC"
    )
    for duo in found.engines:
        yield f"view {duo}"
    yield f"the same verdict: {same}"
    yield f"the same by the engines alone: {estimate(both.agree, parts)}"
    yield (
        f"score of the shadow beside the active: median {both.shift_median:+.0f} points, "
        f"98 % of the parts {both.shift_low:+.0f} to {both.shift_high:+.0f}"
    )
    yield (
        f"inference in ms, p50 and p99: active {times['active_p50']:.2f} and "
        f"{times['active_p99']:.2f}, shadow {times['shadow_p50']:.2f} and {times['shadow_p99']:.2f}"
    )


def _verdicts(found: Shadowed) -> Table:
    crossed = _crossed(found)
    table = Table(title="parts by verdict", title_justify="left")
    table.add_column("decided")
    seen = [kind for kind in _KINDS if any(kind in pair for pair in crossed)]
    for kind in seen:
        table.add_column(f"shadow {kind.name}", justify="right")
    for active in seen:
        parts = [crossed[active, shadow] for shadow in seen]
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


def _plain(part: Twice) -> dict[str, Any]:
    both = part.engines
    return {
        "run": part.run,
        "serial": both.serial,
        "part_id": both.part_id,
        "wall": part.wall,
        "verdict": part.verdict.name,
        "reason": part.reason.name,
        "shadow_verdict": part.shadow_verdict.name,
        "shadow_reason": part.shadow_reason.name,
        "score": both.active_score,
        "shadow_score": both.shadow_score,
    }


def _crossed(found: Shadowed) -> Counter[tuple[VerdictKind, VerdictKind]]:
    return Counter((part.verdict, part.shadow_verdict) for part in found.parts)


def _words(found: Shadowed) -> Words:
    scores = [(part.engines.active_score, part.engines.shadow_score) for part in found.parts]
    bins = (np.array(scores) - 1).clip(0, SCORE_MAX - 1) // BIN_WORDS
    return Words(*(np.bincount(side, minlength=len(_EDGES) - 1).tolist() for side in bins.T))


def _bar(parts: int, most: int, before: str, after: str) -> str:
    """Cells for so many parts, half of one for the least."""
    halves = max(round(2 * BAR_CELLS * parts / most), 1) if parts else 0
    half = halves % 2
    return before * half + "█" * (halves // 2) + after * half


def _said(kind: VerdictKind, reason: Reason) -> str:
    return kind.name if reason is Reason.OK else f"{kind.name} {reason.name}"


def _time(part: Twice) -> str:
    return part.wall[:19].replace("T", " ")
