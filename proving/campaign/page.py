"""The campaign as one page without script or network: a table, and a picture a row."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.proving.campaign.outcome import CampaignOutcome, RowOutcome

WIDTH, HEIGHT, LEFT, LOWER = 520, 200, 60, 36  # of a picture, and its margins, in px
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #8884; }
th:first-child, td:first-child, td.why { text-align: left; }
.bad { color: #c22; font-weight: 700; } .why { opacity: .7; }
figure { display: inline-block; margin: 1rem 1rem 0 0; }
svg { font-size: 11px; fill: currentColor; }
"""
MARKS = """
.axis { stroke: currentColor; opacity: .5; } .bound { stroke: #c60; stroke-dasharray: 5 3; }
.dot { fill: #2a6fdb; opacity: .6; } .miss { stroke: #c22; }
"""  # of a picture, wherever it stands
HEADS = ("fault", "injected", "parts", "wrong ACCEPT", "late", "no verdict", "in the gap",
         "detected p50", "max", "bound", "back p50", "max")  # fmt: skip


def write_page(outcome: CampaignOutcome, path: Path) -> None:
    """Write the page."""
    found = outcome.as_json()
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    rows = "".join(_table_row(row) for row in outcome.rows)
    pictures = "".join(_figure(row) for row in outcome.rows if row.injections)
    notes = "".join(f"<li>{escape(note)}</li>" for note in outcome.notes)
    lower = found["coverage_lower95"]
    # where no bad part was hit there is no share to tell
    coverage = "no bad part was hit"
    if lower is not None:
        coverage = (
            f"{outcome.detected} of {outcome.dangerous} bad parts that a fault hit got no ACCEPT: "
            f"diagnostic coverage at least {100 * lower:.2f} % (95 % confidence)"
        )
    path.write_text(
        # one file, without script, font or network: it is read in plants, and from archives
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Fault campaign</title>"
        f"<style>{STYLE}{MARKS}</style><h1>Fault campaign: {escape(outcome.word)}</h1>"
        f"<p>{coverage}.</p>"
        f"<p>{escape(outcome.realtime)}; seed {outcome.seed}; {outcome.seconds:.0f} s.</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"<ul>{notes}</ul><h2>When each fault came, and when it was noticed</h2>{pictures}"
        "</html>\n",
        encoding="utf-8",
    )


def _table_row(row: RowOutcome) -> str:
    # words of a row may hold any character
    name = f"<td>{escape(row.what)}</td>"
    # said in its place, so that nobody takes a row that is missing for one that passed
    if not row.ran:
        return (
            f"<tr>{name}<td class='why' colspan='{len(HEADS) - 1}'>not run: "
            f"{escape(row.why_not)}</td></tr>"
        )
    p50, worst = row.detect_ms
    counts = (row.wrong_accept, row.late, row.no_verdict)
    cells = [f"<td>{len(row.injections)}</td><td>{row.parts}</td>"]
    cells += [f"<td class='{'bad' if count else ''}'>{count}</td>" for count in counts]
    cells += [f"<td>{row.in_gap}</td>"]
    cells += [f"<td>{number(value, 'ms')}</td>" for value in (p50, worst, row.bound_ms)]
    cells += [f"<td>{number(value, 's')}</td>" for value in row.recover_s]
    return f"<tr>{name}{''.join(cells)}</tr>"


def number(value: float | None, unit: str) -> str:
    """A figure with its unit, or a dash."""
    if value is None:
        return "-"
    return f"{value:.2f} {unit}" if unit == "s" else f"{value:.1f} {unit}"


def _figure(row: RowOutcome) -> str:
    return f"<figure><figcaption>{escape(row.what)}</figcaption>{picture(row)}</figure>"


def picture(row: RowOutcome) -> str:
    """When each fault came after the trigger, and when it was noticed, as SVG."""
    dots = [(i.phase_ms, i.detect_ms) for i in row.injections]
    seen = [ms for _, ms in dots if ms is not None]
    # 1 ms at least: all of them may have come at one moment
    right = max([phase for phase, _ in dots] + [1.0])
    top = max([*seen, row.bound_ms or 0.0, 1.0]) * 1.1  # so that the bound is never the frame

    def x(phase_ms: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * phase_ms / right

    def y(detect_ms: float) -> float:
        return HEIGHT - LOWER - (HEIGHT - LOWER - 10) * detect_ms / top

    marks = []
    for phase, detect in dots:
        if detect is not None:
            marks.append(f"<circle class='dot' cx='{x(phase):.1f}' cy='{y(detect):.1f}' r='3'/>")
        # a fault that should have been noticed, and was not: at the top, as never
        elif row.bound_ms is not None:
            at = x(phase)
            marks.append(f"<path class='miss' d='M{at - 3:.1f} 12l6 6m0-6l-6 6'/>")
        else:  # nothing to be noticed by the line: only when it came
            marks.append(f"<path class='axis' d='M{x(phase):.1f} {HEIGHT - LOWER}v-8'/>")
    if row.bound_ms is not None:
        at = y(row.bound_ms)
        marks.append(f"<line class='bound' x1='{LEFT}' x2='{WIDTH}' y1='{at:.1f}' y2='{at:.1f}'/>")
    base = HEIGHT - LOWER
    axes = f"<path class='axis' fill='none' d='M{LEFT} 10V{base}H{WIDTH - 5}'/>"
    words = (
        f"<text x='{LEFT}' y='{HEIGHT - 6}'>0</text>"
        f"<text x='{WIDTH - 5}' y='{HEIGHT - 6}' text-anchor='end'>{right:.0f} ms after the trigger"
        f"</text><text x='{LEFT - 4}' y='18' text-anchor='end'>{top:.0f} ms</text>"
        f"<text x='{LEFT - 4}' y='{base}' text-anchor='end'>0</text>"
    )
    return (
        f"<svg width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}'>"
        f"{axes}{words}{''.join(marks)}</svg>"
    )
