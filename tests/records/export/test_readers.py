"""What the programs that an export is for count in it: the same items per class as it says.

They run by interpreters of their own: GONOGO_EXPORTERS (anomalib, Ultralytics), GONOGO_LABEL_STUDIO
(label-studio or its SDK), and what tests/peers/install.sh made (pycocotools).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.records.export.folder import MANIFEST
from gonogo.records.export.tables import ABOUT
from gonogo.tests.records.export.exported import export
from gonogo.tests.records.export.labelled import usual, write

if TYPE_CHECKING:
    from gonogo.records.export.wanted import Format

HERE = Path(__file__).resolve().parent
PEERS = Path(sys.prefix) / "peers"
# by what each is read, and where that is asked for; of a peer where install.sh puts it
PYTHONS: dict[Format, tuple[str, str, str]] = {
    "mvtec": ("anomalib", "GONOGO_EXPORTERS", ""),
    "ultralytics": ("ultralytics", "GONOGO_EXPORTERS", ""),
    "labelstudio": ("label_studio_sdk", "GONOGO_LABEL_STUDIO", "label_studio"),
    "coco": ("pycocotools", "GONOGO_COCO", "pycocotools"),
}
LIMIT_S = 600


def python_of(form: Format) -> str:
    """An interpreter that has the reader; skips by its name."""
    module, variable, peer = PYTHONS[form]
    named = os.environ.get(variable, str(PEERS / peer / "bin" / "python") if peer else "")
    command = [
        named,
        "-c",
        f"import importlib.util as u; raise SystemExit(not u.find_spec('{module}'))",
    ]
    if not Path(named).is_file() or subprocess.run(command, check=False).returncode:
        pytest.skip(f"{form}: {module} is not installed; {variable} names no python that has it")
    return named


def counted(form: Format, folder: Path) -> dict[str, dict[str, int]]:
    """What the reader finds, by view/split."""
    command = [python_of(form), str(HERE / "counted.py"), form, str(folder)]
    alone = {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_CONFIG_DIR": str(folder.parent / "yolo"),
        "MPLCONFIGDIR": str(folder.parent / "matplotlib"),
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env=os.environ | alone,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("COUNTED ")]
    found: dict[str, dict[str, int]] = json.loads(line.removeprefix("COUNTED "))
    return found


@pytest.mark.parametrize("form", PYTHONS)
def test_reader_counts_the_same_items_per_class(form: Format, tmp_path: Path) -> None:
    """Of each view and split; and reading changed nothing of what was written."""
    python_of(form)  # before anything is made for it
    base = write(tmp_path, usual())
    out = tmp_path / "out"
    export(base, out, form)
    about = json.loads((out / ABOUT).read_text("utf-8"))
    expected = {
        f"{about['views'][view]}/{split}": classes
        for view, splits in about["pictures"].items()
        for split, classes in splits.items()
    }
    assert counted(form, out) == expected
    assert sum(sum(each.values()) for each in expected.values()) > 30
    checked = ["sha256sum", "--check", "--quiet", MANIFEST]
    assert subprocess.run(checked, cwd=out, check=False).returncode == 0
