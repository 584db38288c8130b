"""Exports models of Ultralytics (AGPL-3.0), fitted on a few parts from random weights.

A program of its own: `python with_ultralytics.py OUT DATA [CASE ...]`, in the environment of
the exporters. gonogo and its tests never import it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch
from ultralytics import YOLO
from written import aliens, main, pictures, screws, versions, written

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE_PX = 320
QUIET = {"verbose": False, "device": "cpu"}
FIT = {
    **QUIET,
    "workers": 0,
    "plots": False,
    "seed": 7,
    "amp": False,
    "val": False,
    "exist_ok": True,
    "batch": 8,
    "mosaic": 0.0,
    "lr0": 0.002,
    "optimizer": "AdamW",
    "warmup_epochs": 0,
}


def linked(files: list[Path], folder: Path) -> None:
    """Links to the files, in a folder of their own."""
    folder.mkdir(parents=True)
    for each in files:
        (folder / each.name).symlink_to(each.resolve())


@cache
def classes(data: Path) -> Path:
    """Folders `train` and `val` with `bad` and `good`, as Ultralytics wants them."""
    at, parts = Path(tempfile.mkdtemp()), aliens(data)
    bad = [each for folder in parts.bad for each in pictures(folder)]
    for part, good, rest in (("train", parts.good, bad[::2]), ("val", parts.kept, bad[1::2])):
        linked(pictures(good), at / part / "good")
        (at / part / "bad").mkdir()
        for each in rest:
            (at / part / "bad" / f"{each.parent.name}-{each.name}").symlink_to(each.resolve())
    return at


def read(file: Path) -> Any:
    """A picture, blue-green-red."""
    return cv2.imread(str(file))


def outlines(mask: Path) -> list[Any]:
    """The outlines in a mask, each N x 2 in shares of its width and height."""
    drawn = np.asarray(np.greater(read(mask)[:, :, 0], 127), np.uint8)
    found, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    size = np.array([drawn.shape[1], drawn.shape[0]])
    return [each[:, 0] / size for each in found if cv2.contourArea(each) > 20]


def label(task: str, outline: Any) -> str:
    """One line of a label file: a class and a box, an outline or four corners."""
    low, high = outline.min(0), outline.max(0)
    if task == "segment":
        values = outline.reshape(-1)
    elif task == "obb":
        values = np.array([low[0], low[1], high[0], low[1], high[0], high[1], low[0], high[1]])
    else:
        values = np.concatenate([(low + high) / 2, high - low])
    if task == "pose":
        values = np.concatenate([values, np.append((low + high) / 2, 2)])
    return "0 " + " ".join(f"{each:.5f}" for each in values)


@cache
def boxes(data: Path, task: str) -> Path:
    """The screws as a set of Ultralytics': pictures, labels, `set.yaml`."""
    at, parts = Path(tempfile.mkdtemp()), screws(data)
    files = pictures(parts.bad[0])[::2] + pictures(parts.good)
    linked(files, at / "images" / "train")
    (at / "labels" / "train").mkdir(parents=True)
    for each in files:
        mask = data / "screws" / "ground_truth" / "missing_screw" / f"{each.stem}_mask.png"
        lines = [label(task, found) for found in outlines(mask)] if mask.exists() else []
        (at / "labels" / "train" / f"{each.stem}.txt").write_text("\n".join(lines), "utf-8")
    points = "kpt_shape: [1, 3]\n" if task == "pose" else ""
    (at / "set.yaml").write_text(
        f"path: {at}\ntrain: images/train\nval: images/train\nnames: {{0: missing}}\n{points}",
        "utf-8",
    )
    return at / "set.yaml"


@cache
def fitted(yaml: str, data: Path, epochs: int) -> Path:
    """Weights of a short training from random ones; those themselves with 0 epochs."""
    torch.manual_seed(7)
    model, folder = YOLO(yaml), tempfile.mkdtemp()
    classify = model.task == "classify"
    files = (aliens(data) if classify else screws(data)).pictures()
    if epochs:
        at, size = (classes(data), 224) if classify else (boxes(data, model.task), SIZE_PX)
        model.train(data=str(at), epochs=epochs, imgsz=size, project=folder, name="fit", **FIT)
        model = YOLO(Path(folder) / "fit" / "weights" / "last.pt")
    settle(model.model.float(), files[::3])
    model.save(Path(folder) / "settled.pt")
    return Path(folder) / "settled.pt"


@torch.no_grad()
def settle(net: Any, files: list[Path]) -> None:
    """The means of its normalisations taken anew: so few steps leave them half way."""
    norms = [each for each in net.modules() if isinstance(each, torch.nn.BatchNorm2d)]
    before = [each.momentum for each in norms]
    for each in norms:
        each.reset_running_stats()
        each.momentum = None  # a plain mean
    net.train()
    for at in range(0, len(files) - 7, 8):
        frames = [cv2.resize(read(each), (256, 256)) for each in files[at : at + 8]]
        planes = np.stack(frames)[..., ::-1].transpose(0, 3, 1, 2)
        net(torch.from_numpy(planes.astype(np.float32) / 255))
    net.eval()
    for each, momentum in zip(norms, before, strict=True):
        each.momentum = momentum


def highest(result: Any) -> float:
    """The score of a picture: p(bad), or the highest confidence of what was found."""
    if result.probs is not None:
        bad = next(key for key, name in result.names.items() if name == "bad")
        return float(result.probs.data[bad])
    found = result.obb if result.obb is not None else result.boxes
    return float(found.conf.max()) if len(found) else 0.0


def case(yaml: str, folder: Path, data: Path, *, epochs: int, **how: Any) -> None:
    """Fits (once for all exports of one kind), exports, predicts with the exported file."""
    weights = fitted(yaml, data, epochs)
    shutil.copy(weights, folder / "model.pt")
    model = YOLO(folder / "model.pt")
    size = how.pop("imgsz", 224 if model.task == "classify" else SIZE_PX)
    model.export(format="onnx", imgsz=size, **QUIET, **how)
    parts = aliens(data) if model.task == "classify" else screws(data)
    exported = YOLO(folder / "model.onnx", task=model.task)
    scores = [
        (each, highest(exported.predict(each, imgsz=size, conf=0.001, **QUIET)[0]))
        for each in parts.pictures()
    ]
    card = {
        "tool": versions("ultralytics", "torch", "onnx"),
        "export": f"YOLO('model.pt').export(format='onnx', imgsz={size}, {how})",
        "model": yaml,
        "task": model.task,
        "preprocessing": "by Ultralytics: short side and centre crop"
        if model.task == "classify"
        else "by Ultralytics: letterbox, grey 114",
        "output": "the score is p(bad)"
        if model.task == "classify"
        else "the score is the highest confidence of YOLO('model.onnx').predict, 0 below 0.001",
        "data": ("toy_aliens" if model.task == "classify" else "screws")
        + f", {epochs} epochs from random weights",
        "deterministic": True,
    }
    written(folder, card, scores)


def row(yaml: str, epochs: int = 8, **how: Any) -> Callable[[Path, Path], None]:
    """A case of the table."""
    return partial(case, yaml, epochs=epochs, **how)


CASES: dict[str, Any] = {
    "yolo11n-cls": row("yolo11n-cls.yaml", 6),
    "yolov8n-random": row("yolov8n.yaml", 0),
    "yolov5nu-random": row("yolov5n.yaml", 0),
    "yolov10n-random": row("yolov10n.yaml", 0),
    "yolo26n-random": row("yolo26n.yaml", 0),
    "yolo26n-seg-random": row("yolo26n-seg.yaml", 0),
    "yolo26n-obb-random": row("yolo26n-obb.yaml", 0),
    "yolo11n-obb-random": row("yolo11n-obb.yaml", 0),
    "yolo11n-pose-random": row("yolo11n-pose.yaml", 0),
    "yolo11n-seg-random": row("yolo11n-seg.yaml", 0),
    "yolo11n-nms-random": row("yolo11n.yaml", 0, nms=True),
    "yolo11n": row("yolo11n.yaml"),
    "yolo11n-nms": row("yolo11n.yaml", nms=True),
    "yolo11n-half": row("yolo11n.yaml", half=True),
    "yolo11n-dynamic": row("yolo11n.yaml", dynamic=True),
    "yolo11n-unsimplified": row("yolo11n.yaml", simplify=False),
    "yolo11n-batch2": row("yolo11n.yaml", batch=2),
    "yolo11n-opset12": row("yolo11n.yaml", opset=12),
    "yolo11n-opset17": row("yolo11n.yaml", opset=17),
    "yolo11n-opset20": row("yolo11n.yaml", opset=20),
    "yolo11n-oblong": row("yolo11n.yaml", imgsz=[320, 256]),
    "yolo11n-cls-dynamic": row("yolo11n-cls.yaml", 6, dynamic=True),
    "yolo11n-cls-half": row("yolo11n-cls.yaml", 6, half=True),
    "yolo11n-cls-batch2": row("yolo11n-cls.yaml", 6, batch=2),
    "yolo26n": row("yolo26n.yaml"),
    "yolo11n-seg": row("yolo11n-seg.yaml", 6),
    "yolo11n-obb": row("yolo11n-obb.yaml", 6),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
