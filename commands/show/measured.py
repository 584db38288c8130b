"""What rules and engine see on pictures, in lines and as CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

from gonogo.base.plain_text import cell
from gonogo.base.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.base.scores import ScoreLimits
    from gonogo.base.words import RuleResult
    from gonogo.commands.measured import Eyes, Seen

WORDS = {Status.PASS: "pass", Status.FAIL: "FAIL", Status.CANNOT_TELL: "CANNOT TELL"}
MARKS = {Status.PASS: "", Status.FAIL: "!", Status.CANNOT_TELL: "?"}


def picture_lines(eyes: Eyes, seen: Seen) -> Iterator[tuple[str, bool]]:
    """One picture: a line for each rule and the engine, with whether it lets the part pass."""
    wide = max((len(rule.name) for rule in eyes.rules), default=0)
    for rule, gauge, result in zip(eyes.rules, eyes.gauges, seen.results, strict=True):
        value = f"{number(result.value):>9} {gauge.unit:<5}"
        line = f"{rule.name:<{wide}}  {value}  {ends(result):<28} {_word(result)}{_read(result)}"
        yield line.rstrip(), result.status is Status.PASS
    if seen.scored is not None and eyes.engine is not None:
        score, limits = seen.scored.score, eyes.engine.limits
        yield (
            f"engine ({eyes.engine.backend}) {_score(score, limits)}",
            score <= limits.reject_above,
        )


def verdict_line(eyes: Eyes, seen: Seen) -> str:
    """What all of it comes to."""
    if eyes.only is not None:
        return f"rule '{eyes.only}' alone: no verdict"
    without = f" ({eyes.why_no_engine})" if eyes.why_no_engine else ""
    return f"verdict {seen.verdict.name}{without}"


def heading(eyes: Eyes) -> str:
    """Above the lines of a folder."""
    units = [gauge.unit for gauge in eyes.gauges]
    names = [f"{rule.name} {unit}" for rule, unit in zip(eyes.rules, units, strict=True)]
    score = [] if eyes.engine is None else ["score"]
    return "  ".join(["picture", *names, *score, "verdict"])


def line_of(eyes: Eyes, seen: Seen) -> str:
    """A picture of a folder: ! is outside of its limits, ? could not be measured."""
    values = [
        f"{rule.name} {number(result.value)}{MARKS[result.status]}{_read(result)}"
        for rule, result in zip(eyes.rules, seen.results, strict=True)
    ]
    score = [] if seen.scored is None else [f"score {number(seen.scored.score)}"]
    verdict = [] if eyes.only is not None else [seen.verdict.name]
    return "  ".join([seen.name, *values, *score, *verdict])


def csv_of(eyes: Eyes, every: Sequence[Seen]) -> bytes:
    """All pictures: a row each, a column for each rule with its unit; empty: not measured."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    names = [
        f"{rule.name} [{gauge.unit}]" for rule, gauge in zip(eyes.rules, eyes.gauges, strict=True)
    ]
    reads = [rule.reads_text for rule in eyes.rules]
    texts = [f"{rule.name} [text]" for rule, text in zip(eyes.rules, reads, strict=True) if text]
    rows.writerow(["picture", *names, *texts, "score", "verdict"])
    for seen in every:
        values = [plain(result.value) for result in seen.results]
        told = [cell(result.text) for result, text in zip(seen.results, reads, strict=True) if text]
        score = "" if seen.scored is None else plain(seen.scored.score)
        verdict = "" if eyes.only is not None else seen.verdict.name
        rows.writerow([seen.name, *values, *told, score, verdict])
    return text.getvalue().encode()


def number(value: float) -> str:
    """Four digits, or that there is none."""
    return f"{value:.4g}" if math.isfinite(value) else "-"


def plain(value: float) -> str:
    """For a spreadsheet."""
    return f"{value:.6g}" if math.isfinite(value) else ""


def ends(result: RuleResult) -> str:
    """The limits of a rule, as far as it has any."""
    low, high = math.isfinite(result.low), math.isfinite(result.high)
    if low and high:
        return f"{result.low:g} to {result.high:g}"
    if low or high:
        return f"at least {result.low:g}" if low else f"at most {result.high:g}"
    return "no limits yet"


def _word(result: RuleResult) -> str:
    unlimited = not (math.isfinite(result.low) or math.isfinite(result.high))
    return "" if unlimited and result.status is Status.PASS else WORDS[result.status]


def _read(result: RuleResult) -> str:
    """What it says in words, which is what it was read as."""
    return f' "{result.text}"' if result.text else ""


def _score(score: float, limits: ScoreLimits) -> str:
    return (
        f"{number(score)}, recheck above {limits.recheck_above:.4g}, reject above "
        f"{limits.reject_above:.4g}"
    )
