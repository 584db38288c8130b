"""Which range of pixel values an export expects: told by its maker, or by the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import ModelError
from gonogo.build.exports.front import Affine, identity
from gonogo.build.exports.metadata import ULTRALYTICS, read_metadata
from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD
from gonogo.build.exports.probing import normal_at_front
from gonogo.engines.backends.model import SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import onnx

    from gonogo.build.exports.graph import Graph
    from gonogo.build.exports.options import Options, Pixels
    from gonogo.build.exports.probing import Normal

WHITE = 255.0
# of its post-processor: the pre-processor is in the graph then, and takes 0..1
_ANOMALIB = {"pred_score", "pred_label", "anomaly_map", "pred_mask"}


def expected(
    model: onnx.ModelProto, channels: int, options: Options, metadata: Mapping[str, str]
) -> Affine:
    """From a pixel 0..255 to what the model's own input wants, for each of its planes."""
    inside = normal_at_front(model)
    _check_once(inside, options)
    # what the maker says counts more than what the file seems to say
    if options.mean or options.std:
        return _normal(options.mean, options.std, channels)
    pixels = options.pixels
    if pixels == "auto":
        pixels = _found(model.graph, inside, metadata)
    if pixels == "imagenet":
        return _normal(IMAGENET_MEAN, IMAGENET_STD, channels, options.colour == "bgr")
    scale = 1.0 if pixels == "0..255" else 1 / WHITE
    return identity(channels).then(np.full(channels, scale), np.zeros(channels))


def _check_once(inside: Normal | None, options: Options) -> None:
    """Twice normalised, every image is nearly black or nearly the same."""
    if inside is None:
        return
    asked = f"--input {options.pixels}"
    if options.mean or options.std:
        asked = "--mean and --std"
    elif options.pixels in {"auto", inside.pixels}:
        return
    raise ModelError(
        f"{asked}: the model does that itself: its front computes {inside} of pixels in "
        f"{inside.pixels}, and twice would make all images nearly the same; leave it out"
    )


def _normal(
    mean: Sequence[float],
    std: Sequence[float],
    channels: int,
    backwards: bool = False,  # noqa: FBT001, FBT002 - blue first
) -> Affine:
    means, deviations = np.array(mean or [0.0]), np.array(std or [1.0])
    if backwards:
        # the published figures are of red, green, blue; these planes are turned round
        means, deviations = means[::-1], deviations[::-1]
    for option, values in (("--mean", means), ("--std", deviations)):
        if len(values) not in {1, channels}:
            raise ModelError(
                f"{option}: {len(values)} values, expected 1 or {channels}, one for each plane"
            )
    if not (deviations > 0).all():
        raise ModelError(f"--std: {deviations.min():g}, expected values above 0")
    # of a pixel in 0 .. 1, less the mean, by the deviation
    gain = np.broadcast_to(1 / (WHITE * deviations), channels)
    return Affine(gain.copy(), np.broadcast_to(-means / deviations, channels).copy())


def _found(graph: Graph, inside: Normal | None, metadata: Mapping[str, str]) -> Pixels:
    """Told by the arithmetic at its front, by who made the file, or by our own names."""
    if inside is not None:
        return "0..1" if inside.pixels == "0..1" else "0..255"
    outputs = {value.name for value in graph.output}
    # theirs take 0..1, with nothing in the graph that says so
    if read_metadata(metadata).tool == ULTRALYTICS or outputs >= _ANOMALIB:
        return "0..1"
    image = graph.input[0].name
    # a model of our own contract, with a float input
    if image == "image" and outputs.intersection(SCORES):
        return "0..255"
    raise ModelError(
        f"input '{image}' is float32 and nothing in the file tells the range of its pixels; say "
        "--input 0..1, --input 0..255, --input imagenet, or --mean and --std"
    )
