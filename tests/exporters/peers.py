"""From a tool's export to a station that judges by it, and the tool's own scores beside.

Import as `gonogo.tests.exporters.peers`. The tools run as programs of their own, in the
environment that `install.sh` makes or GONOGO_EXPORTERS names (its python). What they wrote is
kept in `var/exporters`, a folder for each case, and so is what came of it (`result.json`).
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.image_header import parse_header
from gonogo.base.images import read_image
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.limits import spearman
from gonogo.commands import build as build_command
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.bundles.policy import Policy
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.installed.registry import Registry
from gonogo.engines.section import EnginesSection
from gonogo.tests.judged import rehearsed
from gonogo.tests.records.months import joined
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.tests.exporters.cases import Case

# imported through a link, as all of gonogo is
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
KEPT = ROOT / "var" / "exporters"
PYTHON = Path(os.environ.get("GONOGO_EXPORTERS", ROOT / ".venv" / "exporters" / "bin" / "python"))
PACKAGE = {"anomalib": "anomalib", "ultralytics": "ultralytics", "torchvision": "torchvision"}
# no download of weights or packages, no word to a server, no warnings
ALONE = {
    "HF_HUB_OFFLINE": "1",
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_CONFIG_DIR": str(KEPT),
    "PYTHONWARNINGS": "ignore",
    "TQDM_DISABLE": "1",
}
EXPORT_LIMIT_S, BUILD_LIMIT_S = 3600, 3600
REFUSED = "refused.txt"
RESULT = "result.json"
_REFUSAL = re.compile(r"^(GN\d{3}): (.*)$", re.MULTILINE)


class Own(NamedTuple):
    """What a tool says of its model: pictures and its own score of each."""

    pictures: list[Path]
    scores: NDArray[np.float64]


class Built(NamedTuple):
    """What came of `gonogo build`: its words, how long it took, the GN number of a refusal."""

    said: str
    took_s: float
    refused: str


def has(tool: str) -> bool:
    """Whether the environment of the exporters has this tool."""
    if not PYTHON.is_file():
        return False
    command = [str(PYTHON), "-c", f"import {PACKAGE[tool]}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def exported(case: Case) -> Path:
    """The folder of a case; its tool exports it where that was not done yet."""
    folder = KEPT / case.name
    if not ((folder / "card.json").is_file() or (folder / REFUSED).is_file()):
        script = Path(__file__).parent / f"with_{case.tool}.py"
        command = [str(PYTHON), str(script), str(KEPT), str(DATA), case.name]
        KEPT.mkdir(parents=True, exist_ok=True)
        with (KEPT / f"{case.name}.log").open("wb") as log:
            subprocess.run(
                command,
                stdout=log,
                stderr=log,
                env=os.environ | ALONE,
                check=False,
                timeout=EXPORT_LIMIT_S,
            )
    return folder


def own(folder: Path) -> Own:
    """`scores.csv` of a case."""
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    scores = np.array([float(row["score"]) for row in rows])
    return Own([Path(row["image"]) for row in rows], scores)


def words(case: Case, folder: Path, out: Path) -> list[str]:
    """What is typed behind `gonogo build`."""
    parts = DATA / case.parts
    bad = sorted(each for each in (parts / "test").iterdir() if each.name != "good")
    typed = [str(folder / "model.onnx"), "--good", str(parts / "train" / "good")]
    typed += ["--holdout", str(parts / "test" / "good")]
    for each in bad:
        typed += ["--bad", str(each)]
    return [*typed, "--unsigned", "--out", str(out), *case.words]


def build(typed: Sequence[str]) -> Built:
    """`gonogo build` as a process, as a user has it."""
    command = [str(Path(sys.executable).with_name("gonogo")), "build", *typed]
    began_s = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT_S
    )
    said = done.stdout + done.stderr
    refusal = _REFUSAL.search(said)
    assert done.returncode == 0 or refusal, said[-2000:]
    return Built(said, time.monotonic() - began_s, refusal[0] if refusal else "")


def fp32(typed: Sequence[str], folder: Path) -> tuple[Path | None, str]:
    """The export as a model of gonogo's, before INT8; without one, why it is refused."""
    context = build_command.build.make_context("build", list(typed))
    given = dict(context.params)
    wanted = build_command._wanted(given.pop("model"), given)
    try:
        ways = adopt(wanted.model, wanted.options).ways
    except ModelError as error:
        return None, str(error)
    path = folder / "fp32.onnx"
    path.write_bytes(ways[FOLDED])
    return path, ""


def int8(bundle: Path, folder: Path) -> Path:
    """The form for CPUs out of a bundle."""
    path = folder / "cpu.onnx"
    with Bundle(bundle, Policy(None, None, unsigned=True)) as opened:
        path.write_bytes(opened.section("cpu"))
    return path


def station_scores(model: Path, pictures: Sequence[Path]) -> NDArray[np.float64]:
    """The score of each picture as the station's engine gives it, at the picture's own size."""
    found = np.empty(len(pictures))
    shapes = [_shape(each) for each in pictures]
    for geometry in set(shapes):
        pixels, outputs = np.empty(geometry.shape, np.uint8), result_arrays()
        backend = open_backend("onnxruntime", model, geometry, 1)
        try:
            backend.bind(0, pixels, outputs)
            for place, picture in enumerate(pictures):
                if shapes[place] == geometry:
                    np.copyto(pixels, read_image(picture, geometry, "exact"))
                    backend.run(0)
                    found[place] = outputs.score[0]
        finally:
            backend.close()
    return found


def _shape(picture: Path) -> FrameShape:
    header = parse_header(picture.read_bytes())
    return FrameShape(header.height_px, header.width_px, 3)


def rehearsal(bundle: Path, pictures: Sequence[Path], folder: Path) -> NDArray[np.float64]:
    """The score in the records of a station that was shown each picture; NaN: none in time."""
    shown = folder / "shown"
    shown.mkdir()
    for number, picture in enumerate(pictures):
        (shown / f"{number:03}{picture.suffix}").symlink_to(picture)
    geometry = _shape(pictures[0])
    camera = {"driver": "replay", "folder": shown}
    size = {"width_px": geometry.width_px, "height_px": geometry.height_px}
    engines = EnginesSection(folder=folder / "engines", allow_unsigned=True)
    registry, policy = Registry(engines.folder), policy_of(engines)
    manifest = registry.install(bundle, policy)
    registry.activate(manifest.name, manifest.version, policy)
    # as `station_scores`: other runtimes compute INT8 a little otherwise
    engine = {"bundle": manifest.name, "backend": "onnxruntime"}
    view = {"name": "top", "camera": camera | size, "engine": engine}
    station = small_station(folder, view, engines=engines, budget_ms=400.0, pitch_mm=100.0)
    found = rehearsed(station, len(pictures))
    assert (found["missing"], found["wrong_part"], found["doubled"]) == (0, 0, 0), found
    with closing(joined(station.records.path)) as db:
        rows = dict(
            db.execute(
                "SELECT part_id, v.score FROM part p JOIN view v USING (run, serial) "
                "WHERE v.score_fault = 'OK'"
            ).fetchall()
        )
    return np.array([rows.get(number + 1, np.nan) for number in range(len(pictures))])


def agreement(said: Own, ours: NDArray[np.float64], *, cut: bool) -> float:
    """Spearman's correlation; `cut`: without the pictures whose score the tool clipped."""
    taken = np.isfinite(ours)
    if cut:
        # 0 and 1 exactly: what the tool's own normalisation has cut cannot be ranked
        taken &= (said.scores > 0) & (said.scores < 1)
    return float(spearman(said.scores[taken], ours[taken]))


def keep(case: Case, **found: object) -> None:
    """What came of a case, for the table; what is there of another step stays."""
    path = KEPT / case.name / RESULT
    before = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    path.write_text(json.dumps(before | found, indent=1) + "\n", encoding="utf-8")
