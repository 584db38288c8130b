"""What the maker of a model may say about an export that the file does not say itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from gonogo.engines.backends.fit import Filter, FitKind

Pixels = Literal["auto", "0..255", "0..1", "imagenet"]
PIXELS: tuple[Pixels, ...] = ("auto", "0..255", "0..1", "imagenet")
Colour = Literal["rgb", "bgr"]
Activation = Literal["auto", "none", "sigmoid", "softmax"]
ACTIVATIONS: tuple[Activation, ...] = ("auto", "none", "sigmoid", "softmax")
Layout = Literal["auto", "nchw", "nhwc"]
LAYOUTS: tuple[Layout, ...] = ("auto", "nchw", "nhwc")
COLOURS: tuple[Colour, ...] = ("rgb", "bgr")
HigherIs = Literal["worse", "good"]
HIGHER_IS: tuple[HigherIs, ...] = ("worse", "good")
# Of red, green, blue in 0 .. 1, as torchvision and anomalib use them.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Options(NamedTuple):
    """Which output is what, and what the model expects at its input; empty: found out.

    `mean` and `std`: of pixels in 0 .. 1, in the order of the model's planes. `size_px`
    (height, width): for a model that leaves it open. `resize_px`: the whole image is
    resized to this and the model's own size is cut out, at `crop_at_px` (top, left) or from
    the middle. `fit`, `filter`, `fill`: how a frame gets to the model's size
    (gonogo.engines.backends.fit). `defect_classes`: names or numbers. `columns`: what the columns
    of detections mean (gonogo.build.exports.columns). `activation`: what makes probabilities of the
    outputs. `layout`: whether the planes of the input come first or last.
    `higher_is`: what a higher score of the export means.
    """

    score: str = ""
    map: str = ""
    embedding: str = ""
    good_class: str = ""
    pixels: Pixels = "auto"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    colour: Colour = "rgb"
    size_px: tuple[int, int] | None = None
    resize_px: tuple[int, int] | None = None
    crop_at_px: tuple[int, int] | None = None
    defect_classes: tuple[str, ...] = ()
    columns: str = ""
    activation: Activation = "auto"
    layout: Layout = "auto"
    fit: FitKind | Literal["auto"] = "auto"
    filter: Filter | Literal["auto"] = "auto"
    fill: int | None = None
    higher_is: HigherIs = "worse"
