"""What every exporting script writes beside its model: the tool's own scores and a card.

Runs in the environment of the exporters, and imports nothing of gonogo.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PICTURES = {".png", ".jpg", ".jpeg", ".bmp"}


@dataclass(frozen=True)
class Parts:
    """Folders of pictures: good parts to fit on, good parts kept back, bad parts."""

    good: Path
    kept: Path
    bad: tuple[Path, ...]

    def folders(self) -> list[Path]:
        """All of them."""
        return [self.good, self.kept, *self.bad]

    def pictures(self) -> list[Path]:
        """Every picture of all folders, in order."""
        return [each for folder in self.folders() for each in pictures(folder)]


def aliens(data: Path) -> Parts:
    """Toy figures: 30 good, 14 kept back, 40 bad."""
    at = data / "toy_aliens"
    bad = tuple(at / "test" / kind for kind in ("broken", "eyes", "marked"))
    return Parts(at / "train" / "good", at / "test" / "good", bad)


def screws(data: Path) -> Parts:
    """Boards with screws: 14 good, 6 kept back, 52 with a screw missing."""
    at = data / "screws"
    return Parts(at / "train" / "good", at / "test" / "good", (at / "test" / "missing_screw",))


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, by name."""
    return sorted(each for each in folder.iterdir() if each.suffix.lower() in PICTURES)


def written(folder: Path, card: dict[str, Any], scores: Iterable[tuple[Path, float]]) -> None:
    """`scores.csv` (image, score) and `card.json` in the folder of a model."""
    with (folder / "scores.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["image", "score"])
        rows.writerows([str(image), repr(float(score))] for image, score in scores)
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def versions(*names: str) -> str:
    """Such as `torch 2.14.1, onnx 1.23.2`."""
    return ", ".join(f"{name} {version(name)}" for name in names)


def main(cases: dict[str, Callable[[Path, Path], None]]) -> int:
    """`SCRIPT OUT DATA [CASE ...]`: makes OUT/CASE for each; what fails is said by name.

    A case that raises leaves `refused.txt` with the tool's own words in place of a model.
    """
    out, data = Path(sys.argv[1]), Path(sys.argv[2])
    for name in sys.argv[3:] or list(cases):
        _made(out / name, data, cases[name])
    return 0


def _made(folder: Path, data: Path, case: Callable[[Path, Path], None]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    try:
        case(folder, data)
        print(f"{folder.name}: {time.monotonic() - began:.0f} s", flush=True)
    except Exception as err:  # noqa: BLE001 - whatever a tool raises is what is told
        traceback.print_exc()
        words = f"{type(err).__name__}: {err}".strip()
        (folder / "refused.txt").write_text(words + "\n", encoding="utf-8")
        print(f"{folder.name}: refused: {words.splitlines()[0][:200]}", flush=True)
