"""The exports that `gonogo build` is tried with: by whom, from which parts, in which words.

Import as `gonogo.tests.exporters.cases`. `words` are what somebody who made the model knows: the
size that he gave, the range that his script feeds, which class is good.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Parts = Literal["toy_aliens", "screws"]


RANK_MIN = 0.99


class Case(NamedTuple):
    """One export.

    `name`: of the case in the script of its tool. `words`: options of `gonogo build`.
    `refused`: by gonogo, with this number, and knowingly. `cut`: the tool normalises and clips its
    scores, so those that it cut are not compared. `rank_min`: Spearman of FP32, `int8_min` of INT8,
    below the usual where the comment beside it says why.
    """

    name: str
    tool: str
    parts: Parts = "toy_aliens"
    words: tuple[str, ...] = ()
    refused: str = ""
    cut: bool = False
    rank_min: float = RANK_MIN
    int8_min: float = RANK_MIN


NORMALISED = ("--input", "imagenet", "--fit", "centre-crop", "--resize", "256x256")
WHOLE = ("--input", "imagenet")
TWO = ("--good-class", "0")
PLAIN = ("--input", "0..1")
WEAK = ("--accept-weak",)
# INT8 as near to the tool's ranking as FP32 is: of a model fitted from random weights, whose scores
# lie close together, that takes more layers in float than the usual proof asks for
NEAR = ("--min-rank", "0.995")


def _anomalib(name: str, *words: str, cut: bool = True) -> Case:
    # a random backbone tells little: PatchCore's AUROC on these parts is 0.51, FastFlow's 0.23
    weak = (*WEAK, *NEAR) if name.startswith("patchcore") else ()
    return Case(name, "anomalib", "toy_aliens", (*words, *weak), cut=cut)


def _ultralytics(name: str, parts: Parts = "screws", *words: str, refused: str = "") -> Case:
    # nothing below the confidence that its prediction was asked for: 0, which ranks nothing
    return Case(name, "ultralytics", parts, words, refused, cut=parts == "screws")


def _unfit(name: str, *words: str, parts: Parts = "screws") -> Case:
    # its scores are all but equal (few steps from random weights, or none): no ranks to compare
    return Case(name, "torchvision", parts, words, "GN309", rank_min=-1.0, int8_min=-1.0)


def _torchvision(name: str, *words: str) -> Case:
    return Case(name, "torchvision", "toy_aliens", (*NORMALISED, *words))


CASES: tuple[Case, ...] = (
    _anomalib("padim-r18"),
    _anomalib("padim-r18-256"),
    _anomalib("patchcore-r18"),
    _anomalib("patchcore-r18-256"),
    _anomalib("patchcore-r18-raw-256", cut=False),
    _anomalib("patchcore-r18-bare", cut=False),
    # 31 pictures are left that its normalisation did not cut, as near to each other as a frame's
    # rounding to whole grey levels; INT8 is proven on all pictures, and these are not the most
    _anomalib("patchcore-r18-good-only")._replace(rank_min=0.98, int8_min=0.95),
    _anomalib("patchcore-r18-opset18"),
    # by the usual proof, which asks for ranks of 0.98 on all pictures
    _anomalib("fastflow-r18", *WEAK)._replace(int8_min=0.97),
    _anomalib("efficientad"),
    _ultralytics("yolo11n-cls", "toy_aliens", *WEAK, *NEAR),
    _ultralytics("yolo11n-cls-dynamic", "toy_aliens", *WEAK, *NEAR),
    _ultralytics("yolo11n-cls-half", "toy_aliens", *WEAK, *NEAR),
    _ultralytics("yolo11n-cls-batch2", "toy_aliens", *WEAK, *NEAR),
    *(
        _ultralytics(f"yolo11n{more}")
        for more in (
            *("", "-half", "-batch2", "-unsimplified"),
            *("-opset12", "-opset17", "-opset20", "-oblong"),
        )
    ),
    # which of two boxes that lie on each other is kept turns on the last digits of their scores
    _ultralytics("yolo11n-nms")._replace(int8_min=0.98),
    # six rounds from random weights find no screw: AUROC 0.385
    _ultralytics("yolo11n-seg", refused="GN309"),
    # with an open size it predicts on rectangles with the least bars, not on the square
    _ultralytics("yolo11n-dynamic")._replace(rank_min=0.95, int8_min=0.95),
    # nor does this one: AUROC 0.500
    _ultralytics("yolo26n", refused="GN309"),
    *(
        _ultralytics(f"{name}-random", refused="GN309")
        for name in (
            *("yolov5nu", "yolov8n", "yolov10n", "yolo26n"),
            *("yolo11n-seg", "yolo11n-obb", "yolo11n-nms", "yolo26n-seg", "yolo26n-obb"),
        )
    ),
    _ultralytics("yolo11n-pose-random", refused="GN305"),
    _torchvision("resnet18-legacy", *TWO),
    _torchvision("resnet18-legacy-open-batch", *TWO),
    _torchvision("resnet18-dynamo", *TWO),
    _torchvision("resnet18-dynamo-batch2", *TWO),
    _torchvision("resnet18-dynamo-one-file", *TWO),
    Case("resnet18-squeezed", "torchvision", "toy_aliens", (*WHOLE, *TWO)),
    _torchvision("resnet18-softmax", *TWO),
    Case(
        "resnet18-p-good-logit",
        "torchvision",
        "toy_aliens",
        (*NORMALISED, "--score", "output", "--higher-is", "good"),
    ),
    _torchvision("resnet18-half", *TWO),
    *(_torchvision(f"resnet18-opset{number}", *TWO) for number in (9, 12, 17, 23)),
    _unfit("timm-efficientnet-lite0", *NORMALISED, *TWO, parts="toy_aliens"),
    _unfit("timm-vit-tiny", *NORMALISED, *TWO, parts="toy_aliens"),
    Case("lraspp", "torchvision", "screws", PLAIN, "GN309"),
    Case("lraspp-dictionary", "torchvision", "screws", PLAIN, "GN309"),
    _unfit("deeplabv3", *PLAIN),
    _unfit("ssdlite", *PLAIN),
    _unfit("ssdlite-legacy", *PLAIN),
    Case("retinanet-legacy", "torchvision", "screws", PLAIN, "GN309"),
    _unfit("fasterrcnn-legacy", *PLAIN),
)
