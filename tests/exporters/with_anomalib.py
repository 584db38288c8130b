"""Exports models of anomalib, fitted on a few good parts with random backbones.

`python with_anomalib.py OUT DATA [CASE ...]`, in the environment of the exporters.
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anomalib.data import Folder
from anomalib.deploy import ExportType
from anomalib.engine import Engine
from anomalib.models import EfficientAd, Fastflow, Padim, Patchcore
from lightning import seed_everything
from written import Parts, aliens, main, versions, written

if TYPE_CHECKING:
    from collections.abc import Iterator

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


def module(parts: Parts, *, bad: bool, at_once: int = 8) -> Any:
    """The parts as anomalib's own `Folder`."""
    more = {"abnormal_dir": [str(each) for each in parts.bad]} if bad else {}
    return Folder(
        name="parts",
        normal_dir=str(parts.good),
        normal_test_dir=str(parts.kept),
        train_batch_size=at_once,
        eval_batch_size=8,
        num_workers=0,
        seed=7,
        **more,
    )


def scores(engine: Any, model: Any, parts: Parts) -> Iterator[tuple[Path, float]]:
    """`pred_score` of `engine.predict` for every picture."""
    for folder in parts.folders():
        for batch in engine.predict(model=model, data_path=str(folder)):
            for path, score in zip(batch.image_path, batch.pred_score, strict=True):
                yield Path(path), float(score)


@cache
def fitted(build: Any, data: Path, epochs: int, *, bad: bool) -> tuple[Any, Any]:
    """An engine of anomalib and a model that it has fitted."""
    seed_everything(7)
    engine = Engine(
        max_epochs=epochs,
        accelerator="cpu",
        default_root_dir=tempfile.mkdtemp(),
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    model = build()
    engine.fit(
        model=model,
        datamodule=module(aliens(data), bad=bad, at_once=1 if build is efficient_ad else 8),
    )
    return engine, model


def case(
    build: Any,
    folder: Path,
    data: Path,
    *,
    epochs: int = 1,
    bad: bool = True,
    normalised: bool = True,
    **how: Any,
) -> None:
    """Fits (once for all exports of one kind), predicts, exports."""
    parts = aliens(data)
    engine, model = fitted(build, data, epochs, bad=bad)
    if model.post_processor is not None:
        model.post_processor.enable_normalization = normalised
    made = Path(engine.export(model=model, export_type=ExportType.ONNX, **how))
    files = sorted(each.name for each in made.parent.iterdir())
    for each in files:
        shutil.move(made.parent / each, folder / each)
    processed = model.pre_processor.transform if model.pre_processor else "nothing"
    card = {
        "tool": versions("anomalib", "torch", "timm", "onnx"),
        "export": f"engine.export(model=model, export_type=ExportType.ONNX, {how})",
        "preprocessing": f"in the graph: {processed}",
        "output": "pred_score of engine.predict; normalised: " + str(normalised),
        "data": f"toy_aliens train/good, bad parts {'for' if bad else 'not for'} validation",
        "files": files,
        "deterministic": True,
    }
    written(folder, card, scores(engine, model, parts))


def patchcore(**more: Any) -> Any:
    """PatchCore on resnet18, 150 patches in its bank."""
    return Patchcore(
        backbone="resnet18",
        pre_trained=False,
        coreset_sampling_ratio=0.005,
        visualizer=False,
        **more,
    )


def padim() -> Any:
    """PaDiM on resnet18, 50 features."""
    return Padim(backbone="resnet18", pre_trained=False, n_features=50, visualizer=False)


def fastflow() -> Any:
    """FastFlow on resnet18; its evaluator wants masks, which these parts have not."""
    return Fastflow(
        backbone="resnet18", pre_trained=False, flow_steps=4, evaluator=False, visualizer=False
    )


def bare() -> Any:
    """PatchCore without any post-processing."""
    return patchcore(post_processor=False)


def efficient_ad() -> Any:
    """EfficientAD small: its teacher and its pictures are downloads."""
    return EfficientAd(visualizer=False)


FIXED: dict[str, Any] = {"input_size": (256, 256)}
CASES: dict[str, Any] = {
    "patchcore-r18": partial(case, patchcore),
    "patchcore-r18-256": partial(case, patchcore, **FIXED),
    "patchcore-r18-raw-256": partial(case, patchcore, normalised=False, **FIXED),
    "patchcore-r18-opset18": partial(case, patchcore, **FIXED, onnx_kwargs={"opset_version": 18}),
    "padim-r18": partial(case, padim),
    "padim-r18-256": partial(case, padim, **FIXED),
    "fastflow-r18": partial(case, fastflow, epochs=4),
    "efficientad": partial(case, efficient_ad),
    "patchcore-r18-good-only": partial(case, patchcore, bad=False),
    "patchcore-r18-bare": partial(case, bare),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
