"""Which range of pixel values an export expects: told by its maker, or by the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import ModelError
from gonogo.build.exports.front import Affine, find_front, identity
from gonogo.build.exports.graph import readers
from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD
from gonogo.engines.backends.model import SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.build.exports.graph import Graph
    from gonogo.build.exports.options import Options, Pixels

WHITE = 255.0
_ULTRALYTICS = "Ultralytics"
_PASSED = {"Cast", "Identity", "Resize", "Slice", "Clip"}
_UNIT_MEAN_MAX = 1.0  # a mean up to this is of pixels in 0 .. 1


def expected(
    graph: Graph, image: str, channels: int, options: Options, metadata: Mapping[str, str]
) -> Affine:
    """From a pixel 0..255 to what the model's own input wants, for each of its planes."""
    # what the maker says counts more than what the file seems to say
    if options.mean or options.std:
        return _normal(options.mean, options.std, channels)
    pixels = options.pixels if options.pixels != "auto" else _found(graph, image, metadata)
    if pixels == "imagenet":
        return _normal(IMAGENET_MEAN, IMAGENET_STD, channels, options.colour == "bgr")
    scale = 1.0 if pixels == "0..255" else 1 / WHITE
    return identity(channels).then(np.full(channels, scale), np.zeros(channels))


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


def _found(graph: Graph, image: str, metadata: Mapping[str, str]) -> Pixels:
    """Told by who made the file, by the arithmetic at its front, or by our own names."""
    # theirs take 0..1, with nothing in the graph that says so
    if _ULTRALYTICS in metadata.get("description", "") + metadata.get("author", ""):
        return "0..1"
    inside = find_front(graph, *_behind_resize(graph, image)).affine
    if inside.offset.any():
        return "0..1" if (-inside.offset / inside.gain).max() <= _UNIT_MEAN_MAX else "0..255"
    # it divides by 255 itself
    if np.isclose(inside.gain, 1 / WHITE, rtol=1e-3).all():
        return "0..255"
    # a model of our own contract, with a float input
    if image == "image" and any(value.name in SCORES for value in graph.output):
        return "0..255"
    raise ModelError(
        f"input '{image}' is float32 and nothing in the file tells the range of its pixels; say "
        "--input 0..1, --input 0..255, --input imagenet, or --mean and --std"
    )


def _behind_resize(graph: Graph, image: str) -> tuple[str, int]:
    """The tensor behind a resize or crop at the very front, and the image's planes."""
    shape = next(v for v in graph.input if v.name == image).type.tensor_type.shape
    channels, name = shape.dim[1].dim_value, image
    while True:
        behind = readers(graph, name)
        if len(behind) != 1 or behind[0].op_type not in _PASSED or behind[0].input[0] != name:
            return name, channels
        name = behind[0].output[0]
