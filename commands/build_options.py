"""The options of `gonogo build`, in groups: a further one stands in the group it belongs to."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.engines.backends.fit import FILTERS, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    Option = Callable[[Callable[..., Any]], Callable[..., Any]]

FILE = click.Path(path_type=Path)
ROLES = ("cpu", "tensorrt", "hailo")  # gonogo.build.forms, which would load a runtime
_PAIR = 2


def _size(_ctx: click.Context, _param: click.Parameter, text: str | None) -> Any:  # noqa: ANN401 - click
    """WIDTHxHEIGHT in px, as (height, width)."""
    if text is None:
        return None
    sides = text.lower().split("x")
    if len(sides) != _PAIR or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise click.BadParameter(f"{text!r}: expected WIDTHxHEIGHT in px, as 256x256")
    # typed as people say it, kept as arrays are indexed: rows first
    return int(sides[1]), int(sides[0])


def _numbers(_ctx: click.Context, _param: click.Parameter, text: str | None) -> Any:  # noqa: ANN401 - click
    """Numbers with commas between them, as a tuple of float; empty without."""
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise click.BadParameter(f"{text!r}: expected numbers, as 0.485,0.456,0.406") from None


def _roles(_ctx: click.Context, _param: click.Parameter, text: str) -> Any:  # noqa: ANN401 - click
    """Names of forms with commas between them, each once."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    wrong = [name for name in names if name not in ROLES]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r}: expected some of {', '.join(ROLES)}")
    return names


IMAGES: tuple[Option, ...] = (
    click.option("--good", required=True, type=FILE, help="folder of good parts: they calibrate"),
    click.option("--bad", multiple=True, type=FILE, help="folder of bad parts; may be given again"),
    click.option(
        "--holdout",
        type=FILE,
        help="folder of good parts that validate only (every third of --good)",
    ),
    click.option(
        "--drop",
        multiple=True,
        type=FILE,
        help="an image among the good parts to leave out; may be given again",
    ),
    click.option(
        "--keep-all", is_flag=True, help="somebody has looked: the oddest good parts are good"
    ),
)
"""Which parts it is made from."""

LABEL: tuple[Option, ...] = (
    click.option("--key", type=FILE, help="private key file that signs the bundle"),
    click.option("--unsigned", is_flag=True, help="write a bundle without a signature: for trials"),
    click.option("--out", required=True, type=FILE, help="the bundle to write, NAME-VERSION.gng"),
    click.option("--name", help="the engine's name (from --out)"),
    click.option("--version", help="the bundle's version (from --out, else 1.0.0)"),
    click.option(
        "--expires", type=click.DateTime(["%Y-%m-%d"]), help="first day of no more use, UTC"
    ),
    click.option("--note", default="", help="one line for whoever installs it"),
)
"""What stands on the bundle, and where it goes."""

REFERENCE: tuple[Option, ...] = (
    click.option(
        "--reference",
        type=FILE,
        help="the training tool's own scores, as CSV: image,score; refused where ours differ",
    ),
    click.option(
        "--reference-images",
        type=FILE,
        help="folder of the pictures that they are of, where those are not parts of the build",
    ),
)
"""What the training tool said of some pictures."""

PROOF: tuple[Option, ...] = (
    click.option(
        "--max-auroc-loss",
        default=0.005,
        type=click.FloatRange(0, 0.5),
        show_default=True,
        help="what INT8 may lose of FP32's AUROC",
    ),
    click.option(
        "--min-rank",
        default=0.98,
        type=click.FloatRange(0.9, 1, max_open=True),
        show_default=True,
        help="rank correlation with FP32 that INT8 must keep: more layers stay in float for more",
    ),
    click.option(
        "--accept-weak",
        is_flag=True,
        help="take a model that ranks parts by chance or the wrong way round; the bundle says so",
    ),
    click.option(
        "--patches/--no-patches",
        default=True,
        show_default=True,
        help="put patches of good parts into the bundle, for `gonogo why`; a gonogo from before "
        "there were any takes bundles without them alone",
    ),
    click.option(
        "--budget",
        default=math.inf,
        type=click.FloatRange(0, min_open=True),
        metavar="MINUTES",
        help="for the search: at its end the best form so far is taken (as long as it takes)",
    ),
)
"""What INT8 may differ by."""

OUTPUTS: tuple[Option, ...] = (
    click.option("--score", default="", help="the output that is the score, or one for each class"),
    click.option("--good-class", default="", help="name or number of the good one among classes"),
    click.option(
        "--defect-class",
        multiple=True,
        help="name or number of a class that is a defect; may be given again (all of them)",
    ),
    click.option(
        "--columns",
        default="",
        help="what the columns of detections mean, as xywh+objectness+classes",
    ),
    click.option(
        "--activation",
        default="auto",
        type=click.Choice(["auto", "none", "sigmoid", "softmax"]),
        show_default=True,
        help="what makes probabilities of what comes out",
    ),
    click.option(
        "--higher-is",
        default="worse",
        type=click.Choice(["worse", "good"]),
        show_default=True,
        help="what a higher score of the export means; good: it is turned round",
    ),
    click.option("--map", "map_name", default="", help="the output that is the anomaly map"),
    click.option("--embedding", default="", help="the output that is the embedding, for drift"),
)
"""Which output of the export is what."""

PIXELS: tuple[Option, ...] = (
    click.option(
        "--input",
        "pixels",
        default="auto",
        type=click.Choice(["auto", "0..255", "0..1", "imagenet"]),
        show_default=True,
        help="what pixel values the model expects; imagenet: 0..1 less mean, by deviation",
    ),
    click.option(
        "--mean", metavar="A,B,C", callback=_numbers, help="of pixels in 0..1, for each plane"
    ),
    click.option(
        "--std", metavar="A,B,C", callback=_numbers, help="of pixels in 0..1, for each plane"
    ),
    click.option(
        "--colour",
        default="rgb",
        type=click.Choice(["rgb", "bgr"]),
        show_default=True,
        help="the order of the model's planes",
    ),
    click.option(
        "--layout",
        default="auto",
        type=click.Choice(["auto", "nchw", "nhwc"]),
        show_default=True,
        help="whether the planes of the model's input come first or last",
    ),
    click.option(
        "--size",
        metavar="WIDTHxHEIGHT",
        callback=_size,
        help="the model's input, where the file leaves it open",
    ),
    click.option(
        "--fit",
        default="auto",
        type=click.Choice(["auto", *KINDS]),
        show_default=True,
        help="how a frame gets to that size: as the training tool brings it there",
    ),
    click.option(
        "--filter",
        default="auto",
        type=click.Choice(["auto", *FILTERS]),
        show_default=True,
        help="antialias: as Pillow and torchvision resize, exact: to a rounding, slower; linear: "
        "cv2.INTER_LINEAR",
    ),
    click.option(
        "--fill", type=click.IntRange(0, 255), help="grey level of a letterbox's bars (114)"
    ),
    click.option(
        "--resize",
        metavar="WIDTHxHEIGHT",
        callback=_size,
        help="bring the image to this and cut the model's size out of it",
    ),
    click.option(
        "--crop-at",
        metavar="LEFT,TOP",
        callback=_numbers,
        help="corner of the cut in px (so that it is in the middle)",
    ),
)
"""What the export expects at its input."""

FORMS: tuple[Option, ...] = (
    click.option(
        "--forms",
        default="cpu,tensorrt",
        callback=_roles,
        show_default=True,
        help="the forms to try, with commas; what is not proven is left out and said",
    ),
    click.option(
        "--require",
        default="",
        metavar="FORMS",
        callback=_roles,
        help="refuse where one of these is not proven, as cpu,tensorrt",
    ),
    click.option(
        "--target",
        type=click.Choice(["hailo8", "hailo8l", "hailo8r"]),
        help="a Hailo chip that it is for as well: compiled here, or a folder for the compiler",
    ),
)
"""What it is made for."""


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All of them, in the order of their groups."""
    # a decorator comes in front of those before it
    for option in reversed((*IMAGES, *REFERENCE, *LABEL, *PROOF, *OUTPUTS, *PIXELS, *FORMS)):
        command = option(command)
    return command
