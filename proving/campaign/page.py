"""The campaign as one page without script or network: a table, and a picture a row."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gonogo.proving.campaign.dots import KEY, MARKS, OVER, picture

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.proving.campaign.outcome import CampaignOutcome, RowOutcome

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
        f"<ul>{notes}</ul><h2>When each fault came, and when it was noticed</h2>"
        f"<p>{KEY} {OVER}</p>{pictures}"
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
