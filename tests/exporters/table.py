"""What came of the exports of the real tools, as a section of docs/models.md.

`python -m gonogo.tests.exporters.table docs/models.md`: from what the tests of this folder kept.
The rest of the page is made by `gonogo models` and stays as it is.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from gonogo.tests.exporters.cases import CASES, Case
from gonogo.tests.exporters.peers import KEPT, RESULT

TITLE = "## Exports of the real tools"
_INTRO = (
    "Made by `make exporters`: each model was fitted to a few parts from random weights, exported "
    "by its own tool, built by `gonogo build` with no words but those in the table, and shown to a "
    "rehearsed station. Spearman: rank correlation of every picture's score at the station's "
    "engine with the tool's own, by its own prediction on the picture file; scores that the tool "
    "cut off at 0 or 1 are left out. A dash: not reached. NAME-random: random weights, for the "
    "layout alone. Seconds beside whatever else the box had to do. `gonogo models` writes this "
    "page without this section; `make exporters` puts it back."
)
_NOT_RUN = "not run"
_HEAD = ("export", "by", "said", "came of it", "Spearman FP32", "Spearman INT8", "build, s")
_LENGTH = 160
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def section() -> list[str]:
    """The lines of the section."""
    tools = sorted({_tool(case) for case in CASES} - {""})
    rows = [_row(case) for case in CASES]
    return [
        *(TITLE, "", _INTRO, ""),
        *([f"By {'; '.join(tools)}.", ""] if tools else []),
        *(_line(_HEAD), _line(["---"] * len(_HEAD))),
        *map(_line, rows),
    ]


def with_section(page: str, lines: list[str]) -> str:
    """The page with this section in place of the one that it has, or at its end."""
    before, _, after = page.partition(f"{TITLE}\n")
    # up to the next title of the same level
    kept = after[after.index("\n## ") :] if "\n## " in after else ""
    return before.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n" + kept


def _tool(case: Case) -> str:
    card = KEPT / case.name / "card.json"
    return str(json.loads(card.read_text("utf-8"))["tool"]) if card.is_file() else ""


def _row(case: Case) -> list[str]:
    path = KEPT / case.name / RESULT
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    # as it was said then
    said = " ".join(found.get("words", case.words))
    came = _came(found)
    if case.rank_min < 0 and "fp32" in found:
        # a rank of what hardly differs is no figure
        found.pop("fp32")
        came += "; the tool's own scores are all but equal"
    figures = [f"{found[key]:.4f}" if key in found else "-" for key in ("fp32", "int8")]
    took = f"{found['took_s']:.0f}" if "took_s" in found else "-"
    return [case.name, case.tool, f"`{said}`" if said else "nothing", came, *figures, took]


def _came(found: dict[str, Any]) -> str:
    """In words: built and rehearsed, or who refused it and why."""
    if "tool_refused" in found:
        return f"not exported: {_short(found['tool_refused'])}"
    if found.get("refused"):
        return f"refused: {_short(found['refused'])}"
    if "rehearsed" in found:
        return f"built; {found['rehearsed']} of {found['shown']} parts judged by it in time"
    if "took_s" in found:
        return "built"
    return "read, and scored in FP32; not built" if "fp32" in found else _NOT_RUN


def _short(text: str) -> str:
    line = _COLOUR.sub("", text.splitlines()[0]).replace("|", "/")
    # a path is of the machine that ran it
    line = " ".join(Path(word).name if word.startswith("/") else word for word in line.split())
    return line if len(line) <= _LENGTH else line[: _LENGTH - 3] + "..."


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    to = Path(sys.argv[1])
    to.write_text(with_section(to.read_text("utf-8"), section()), encoding="utf-8")
