"""`gonogo teach`: a first INT8 anomaly engine from good images alone, on the box, in a minute.

Fixed filters (gonogo.build.features), and for each place of the image the mean and
spread of their answers over the good parts, which are also shown slightly moved and
lit differently. So it wants parts that come to lie in the same place, within some
hundredths of the image; it cannot tell what a free-lying part should look like where.

The limits come from cross-validation: each good part is scored by an engine that has
not seen it, because the scores of parts that were learned from are too low.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import onnxruntime as ort

from gonogo.build.agreement import Bounds
from gonogo.build.features import (
    SCALES,
    SIDE_PX,
    Fit,
    engine_model,
    even_gains,
    feature_model,
)
from gonogo.build.goodparts import GoodImages, collect, folder_images
from gonogo.build.int8 import Int8Search, Trial
from gonogo.build.limits import propose
from gonogo.build.quantize import describe, proof_set
from gonogo.engines.card import Card, replace_file, sha256_of, write_card

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.goodparts import GoodParts, Progress
    from gonogo.build.int8 import Int8

DEPTH = 64  # whitened channels
WHITEN_FLOOR = 2.0  # of the mean variance: weak directions are mostly noise
SPREAD_FLOOR = 0.2  # of the mean spread: a place where few parts differ may differ yet
PEAK = 64.0  # what each filter's strongest answer is brought to
PEAK_MIN = 2.0  # a filter that hardly answers is noise, and is not raised to a shout
PEAK_QUANTILE = 0.9
FOLDS = 5
LEAVE_ONE_OUT_BELOW = 10


def teach_folder(good: Path, out: Path, progress: Progress, side_px: int = SIDE_PX) -> Card:
    """Write an engine and its card from a folder of good images; TeachError when of no use."""
    return teach(GoodImages(folder_images(good)), out, progress=progress, side_px=side_px)


def teach(
    good: GoodImages,
    out: Path,
    *,
    progress: Progress,
    recipe: str = "",
    side_px: int = SIDE_PX,
) -> Card:
    """Write an engine and its card; TeachError when the images are of no use.

    The engine sees `side_px` by `side_px` pixels: more find smaller flaws, and take longer.
    `recipe`: digest of what the engine is made from, for the card.
    """
    # at the engine's size: kernels of fixed width see what they will see on the line
    parts = collect(good, (side_px, side_px), progress)
    gains = level(parts)
    features = extract(parts, gains, progress)
    out_of_fold = cross_validate(features, progress)
    progress("fitting", 0, 1)
    engine = engine_model(fit(features), gains)
    progress("fitting", 1, 1)
    int8 = _int8(engine, parts, progress)
    # model first: a card beside another model is refused, and it is made again
    replace_file(out, int8.model)
    card = _card(parts, out_of_fold, int8, out, recipe)
    write_card(out, card)
    return card


def level(parts: GoodParts) -> NDArray[np.float32]:
    """Gains (scales, filters) that bring every filter's strongest answer to PEAK."""
    session = _session(feature_model(even_gains(), parts.side_px))
    # defects answer stronger than good parts, and must not saturate
    frames = [*parts.good, *parts.defaced]
    peaks = [session.run(["peaks"], {"image": _tensor(frame)})[0][0] for frame in frames]
    highest = np.quantile(np.array(peaks), PEAK_QUANTILE, axis=0).reshape(SCALES, -1)
    return np.asarray(PEAK / np.maximum(highest, PEAK_MIN), np.float32)


def _session(model: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # threads that spin between two calls would take the CPU from whatever runs beside
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def extract(
    parts: GoodParts, gains: NDArray[np.float32], progress: Progress
) -> NDArray[np.float32]:
    """Filter answers (parts, 1 + variants of each, channels, G, G) float32."""
    session = _session(feature_model(gains, parts.side_px))
    found = []
    for k, good in enumerate(parts.good):
        progress("looking at good parts", k, len(parts.good))
        variants = parts.variants[k * parts.per_part : (k + 1) * parts.per_part]
        found.append(
            [session.run(["features"], {"image": _tensor(f)})[0][0] for f in (good, *variants)]
        )
    return np.array(found, np.float32)


def fit(features: NDArray[np.float32]) -> Fit:
    """Whitening over all places, then mean and spread at each, from (parts, looks, C, G, G)."""
    flat = features.reshape(-1, *features.shape[2:])
    rows = flat.transpose(0, 2, 3, 1).reshape(-1, flat.shape[1])
    # a sum of some millions of float32 loses digits
    mean = rows.mean(axis=0, dtype=np.float64)
    centred = (rows - mean).astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64) / len(centred)
    # ascending; the strongest directions are wanted
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1][:DEPTH], directions[:, ::-1][:, :DEPTH]
    # divided by less, weak directions would be as loud as strong ones
    floor = WHITEN_FLOOR * float(np.trace(covariance)) / len(covariance) + 1e-12
    project = (directions / np.sqrt(variances.clip(0) + floor)).astype(np.float32)
    grid = features.shape[-1]
    white = (centred @ project).reshape(len(flat), grid, grid, -1).transpose(0, 3, 1, 2)
    centre, spread = white.mean(axis=0), white.var(axis=0)
    # a place at which these few parts hardly differ would else cry out at the next one
    inverse = 1 / np.sqrt(spread + SPREAD_FLOOR * spread.mean() + 1e-12)
    return Fit(mean.astype(np.float32), project, centre, inverse)


def score_features(learned: Fit, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores (n,) of filter answers (n, C, G, G): what the head of the engine computes."""
    bias = (learned.mean @ learned.project)[:, None, None]
    white = np.einsum("nchw,cd->ndhw", features, learned.project, optimize=True) - bias
    distances = np.sqrt((((white - learned.centre) * learned.inverse) ** 2).mean(axis=1))
    return np.array([_worst(place) for place in distances], np.float64)


def cross_validate(features: NDArray[np.float32], progress: Progress) -> NDArray[np.float64]:
    """Scores (parts, looks) of every part by an engine taught from the other folds."""
    parts = len(features)
    folds = parts if parts < LEAVE_ONE_OUT_BELOW else FOLDS
    scores = np.empty(features.shape[:2])
    for fold in range(folds):
        progress("cross-validating", fold, folds)
        # a part with all its variants: one of them left behind would give it away
        held_out = np.arange(parts) % folds == fold
        learned = fit(features[~held_out])
        looks = features[held_out]
        found = score_features(learned, looks.reshape(-1, *looks.shape[2:]))
        scores[held_out] = found.reshape(looks.shape[:2])
    progress("cross-validating", folds, folds)
    return scores


def _worst(distances: NDArray[np.float32]) -> float:
    """Largest mean of 3 x 3 places; beyond the edge nothing counts."""
    border = cv2.BORDER_CONSTANT
    # as the graph's AveragePool, which leaves the padding out
    sums = cv2.boxFilter(distances, -1, (3, 3), normalize=False, borderType=border)
    counts = cv2.boxFilter(np.ones_like(distances), -1, (3, 3), normalize=False, borderType=border)
    return float(np.max(sums / counts))


def _tensor(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # from blue, green, red to planes of red, green, blue
    return np.ascontiguousarray(frame[:, :, ::-1].transpose(2, 0, 1)[None])


def _int8(engine: bytes, parts: GoodParts, progress: Progress) -> Int8:
    with tempfile.TemporaryDirectory(prefix="gonogo-teach-") as folder:
        source = Path(folder) / "float.onnx"
        source.write_bytes(engine)
        # the map of a good part is noise here: two forms need not agree on it
        trial = Trial(proof_set(parts), bounds=Bounds(map_min=0.0))
        with Int8Search(source, trial) as search:
            return search.find(progress)


def _card(
    parts: GoodParts, out_of_fold: NDArray[np.float64], int8: Int8, out: Path, recipe: str
) -> Card:
    # Of the parts as they were photographed: their variants are moved and lit further than
    # parts are, which is good to learn from, but would draw the limits far too wide.
    limits = propose(out_of_fold[:, 0], len(parts.good))
    remarks = ["scores of good parts are out of fold", describe(int8), parts.note]
    return Card(
        name=out.stem,
        sha256=sha256_of(out),
        method="teach",
        source=f"{len(parts.good)} good parts",
        good_parts=len(parts.good),
        reject_above=limits.reject_above,
        recheck_above=limits.recheck_above,
        good_scores=tuple(np.sort(out_of_fold[:, 0]).tolist()),
        note="; ".join(remark for remark in remarks if remark),
        proven=int8.proven,
        recipe=recipe,
    )
