"""The floors of the house as a picture, drawn from the imports themselves: `make docs`.

Boxes are folders, with the number of their modules, on the floors that `make lint` holds them to
(pyproject.toml, tool.importlinter); a line is at least one import, thicker for many.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

# of a checkout: a wheel has neither the contracts nor this page
ROOT = Path(__file__).parents[2]
PACKAGE = "gonogo."
BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 128, 44, 26, 52, 24
THICKEST_PX, MANY = 6.0, 60
_STYLE = (
    "text{font-family:sans-serif;text-anchor:middle;fill:#1c2733}"
    ".n{font-size:15px}.c{font-size:11px;fill:#5a6b7b}"
    "rect{fill:#eef3f8;stroke:#7a8da0}.g{fill:#fff;stroke:none}line{stroke:#3b74a8;stroke-opacity:.35}"
)
_KEY_PX = 10
_KEY = "a box is a folder, a line an import of what is below; thick: many"


class Box(NamedTuple):
    """A folder's place in the picture, in px."""

    name: str
    modules: int
    x: float
    y: float


def floors() -> list[list[str]]:
    """From the top down, as the contract says."""
    # the first contract is that of the floors; what `make lint` holds is what is drawn
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    found = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = found["tool"]["importlinter"]["contracts"][0]["layers"]
    return [[each.strip().removeprefix(PACKAGE) for each in row.split("|")] for row in layers]


def imports(folders: list[str]) -> Counter[tuple[str, str]]:
    """How many imports lead from one folder to another; those for type checkers count, too."""
    found: Counter[tuple[str, str]] = Counter()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                # the house style has no `import gonogo.x`; imports within functions count, too
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                    found[folder, str(node.module).split(".")[1]] += 1
    return Counter({pair: n for pair, n in found.items() if pair[0] != pair[1]})


def picture() -> str:
    """The whole SVG."""
    rows = floors()
    width = 2 * MARGIN + max(map(len, rows)) * (BOX_W + GAP_X) - GAP_X
    boxes = {box.name: box for k, row in enumerate(rows) for box in _row(row, k, width)}
    height = 2 * MARGIN + len(rows) * (BOX_H + GAP_Y) - GAP_Y + _KEY_PX
    # sorted, and drawn before the boxes: the same picture each time, no line upon a name
    lines = [_line(boxes[a], boxes[b], n) for (a, b), n in sorted(imports(list(boxes)).items())]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
            f"<style>{_STYLE}</style>",
            f'<rect class="g" width="{width}" height="{height}" fill="#fff"/>',
            f'<text class="c" x="{width / 2:g}" y="{height - 8:g}">{_KEY}</text>',
            *lines,
            *map(_box, boxes.values()),
            "</svg>\n",
        ]
    )


def _row(names: list[str], floor: int, width: float) -> list[Box]:
    span = len(names) * (BOX_W + GAP_X) - GAP_X
    left, y = (width - span) / 2, MARGIN + floor * (BOX_H + GAP_Y)
    counts = [sum(1 for _ in (ROOT / name).rglob("*.py")) for name in names]
    return [
        Box(n, c, left + k * (BOX_W + GAP_X), y)
        for k, (n, c) in enumerate(zip(names, counts, strict=True))
    ]


def _line(above: Box, below: Box, count: int) -> str:
    thick = 0.8 + (THICKEST_PX - 0.8) * min(count, MANY) / MANY
    return (
        f'<line x1="{above.x + BOX_W / 2:g}" y1="{above.y + BOX_H:g}" x2="{below.x + BOX_W / 2:g}" '
        f'y2="{below.y:g}" stroke-width="{thick:.1f}"/>'
    )


def _box(box: Box) -> str:
    middle = box.x + BOX_W / 2
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{BOX_W}" height="{BOX_H}" rx="6"/>'
        f'<text class="n" x="{middle:g}" y="{box.y + 20:g}">{box.name}/</text>'
        f'<text class="c" x="{middle:g}" y="{box.y + 36:g}">{box.modules} modules</text>'
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
