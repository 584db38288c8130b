"""An FP32 ONNX file to an INT8 one that ranks parts the same, with limits from good parts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import MissingExtra, ModelError
from gonogo.base.evenly import evenly
from gonogo.build.byheart import ask
from gonogo.build.goodparts import GoodImages, collect, folder_images
from gonogo.build.int8 import Int8Search, Trial
from gonogo.build.limits import propose
from gonogo.build.proof import REFERENCE, ProofSet, score
from gonogo.engines.backends.catalogue import cpu_backends, open_backend
from gonogo.engines.backends.choose import measure
from gonogo.engines.backends.model import open_model
from gonogo.engines.card import Card, replace_file, sha256_of, write_card

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape
    from gonogo.build.byheart import Known
    from gonogo.build.goodparts import GoodParts, Progress
    from gonogo.build.int8 import Int8
    from gonogo.engines.backends.backend import Backend

PROOF_FRAMES = 60  # of each kind; a search scores them for every set of floats


class Row(NamedTuple):
    """One backend: median ms from frame to score of both files, measured in turns."""

    backend: str
    fp32_ms: float
    int8_ms: float

    @property
    def speedup(self) -> float:
        """How many times faster INT8 is; below 1 it is slower."""
        return self.fp32_ms / self.int8_ms


def quantize(source: Path, good: Path, out: Path, progress: Progress) -> Card:
    """Write the INT8 form of `source` to `out`, and its card; `good` is a folder of good images.

    ModelError for a source that cannot judge parts or has no INT8 form that ranks as it
    does; TeachError for good images that are of no use.
    """
    return quantize_parts(source, GoodImages(folder_images(good)), out, progress)


def quantize_parts(
    source: Path, good: GoodImages, out: Path, progress: Progress, recipe: str = ""
) -> Card:
    """The same from images; `recipe`: digest of what the engine is made from, for the card."""
    contract = open_model(source)
    _, _, height_px, width_px = contract.image.shape
    parts = collect(good, (height_px, width_px), progress, contract.fit)
    with Int8Search(source, Trial(proof_set(parts))) as search:
        int8 = search.find(progress)
    # of the FP32 model: what it has by heart is its own, whatever INT8 makes of it
    asked = _asked(ask(source, parts.good, progress))
    card = _card(source, parts, int8, out, recipe)
    if asked:
        card = card.model_copy(update={"note": f"{card.note}; {asked}"})
    # model first: a card beside another model is refused, and it is made again
    replace_file(out, int8.model)
    write_card(out, card)
    return card


def proof_set(parts: GoodParts) -> ProofSet:
    """At most PROOF_FRAMES of each kind, spread evenly over all parts."""
    kinds = (parts.good, parts.variants, parts.defaced)
    return ProofSet(*(evenly(frames, PROOF_FRAMES) for frames in kinds))


def compare(source: Path, int8: Path, geometry: FrameShape, threads: int = 1) -> list[Row]:
    """Time both files in every backend present on frames of `geometry`, all in turns."""
    opened: dict[str, Backend] = {}
    try:
        for name in cpu_backends():
            # all of them before one is timed: they run in turns
            _open_pair(opened, name, (source, int8), geometry, threads)
        medians_ms = measure(opened, geometry)
    finally:
        for backend in opened.values():
            backend.close()
    names = [name for name in cpu_backends() if f"{name} int8" in medians_ms]
    return [Row(n, medians_ms[f"{n} fp32"], medians_ms[f"{n} int8"]) for n in names]


def _open_pair(
    opened: dict[str, Backend],
    name: str,
    models: tuple[Path, Path],
    geometry: FrameShape,
    threads: int,
) -> None:
    try:
        for form, model in zip(("fp32", "int8"), models, strict=True):
            opened[f"{name} {form}"] = open_backend(name, model, geometry, threads)
    # a backend that is not here, or cannot run both, has no row
    except (MissingExtra, ModelError):
        if name == REFERENCE:
            raise


def _card(source: Path, parts: GoodParts, int8: Int8, out: Path, recipe: str) -> Card:
    """Limits from variants: a model that was fitted on these very parts knows them by heart."""
    with tempfile.TemporaryDirectory(prefix="gonogo-card-") as folder:
        # judged from a file of its own: nothing stands at `out` before all is known
        model = Path(folder) / "int8.onnx"
        model.write_bytes(int8.model)
        good = score(model, REFERENCE, parts.good)
        limits = propose(score(model, REFERENCE, parts.variants), len(good))
        sha256 = sha256_of(model)
    # no reason to refuse, but the maker should look at them
    above = int((good > limits.reject_above).sum())
    remarks = [describe(int8), parts.note]
    if above:
        remarks.append(f"{above} of the {len(good)} good parts score above the reject limit")
    return Card(
        name=out.stem,
        sha256=sha256,
        method="quantize",
        source=f"{source.name} sha256 {sha256_of(source)}",
        good_parts=len(good),
        reject_above=limits.reject_above,
        recheck_above=limits.recheck_above,
        good_scores=tuple(np.sort(good).tolist()),
        note="; ".join(remark for remark in remarks if remark),
        proven=int8.proven,
        recipe=recipe,
    )


def _asked(known: Known | None) -> str:
    """Limits are of moved copies, which no model has by heart: no reason to refuse."""
    if known is None or not known.by_heart:
        return ""
    return f"{known}; so the limits follow from copies of them, moved and lit otherwise"


def describe(int8: Int8) -> str:
    """What was quantized and how it agrees, in one line."""
    proof = ", ".join(f"{name} {a.rank:.3f}" for name, a in int8.agreement.items())
    quantized = int8.convolutions - len(int8.floats)
    return (
        f"INT8 in {quantized} of {int8.convolutions} convolutions; rank correlation {proof}; "
        f"{REFERENCE} {int8.speedup:.2f} times as fast as FP32 here"
    )
