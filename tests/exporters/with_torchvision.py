"""Exports models of torchvision and timm, fitted on a few parts from random weights.

`python with_torchvision.py OUT DATA [CASE ...]`, in the environment of the exporters.
"""

from __future__ import annotations

import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import timm
import torch
import torchvision
from PIL import Image
from torchvision import transforms
from written import Parts, aliens, main, pictures, screws, versions, written

if TYPE_CHECKING:
    from pathlib import Path

EVAL = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)
WHOLE = transforms.Compose([transforms.Resize((224, 224)), *EVAL.transforms[2:]])
PLAIN = transforms.Compose([transforms.Resize((256, 256)), transforms.ToTensor()])
SAID = {
    "EVAL": "Resize(256), CenterCrop(224), ToTensor, Normalize(imagenet)",
    "WHOLE": "Resize((224, 224)), ToTensor, Normalize(imagenet)",
    "PLAIN": "Resize((256, 256)), ToTensor",
}


def frames(files: list[Path], transform: Any) -> Any:
    """N x 3 x H x W of picture files."""
    return torch.stack([transform(Image.open(each).convert("RGB")) for each in files])


def classifier(model: Any, parts: Parts, transform: Any, epochs: int = 4) -> Any:
    """The model fitted to tell good (0) from bad (1)."""
    good, bad = pictures(parts.good), [each for at in parts.bad for each in pictures(at)][::2]
    x = frames(good + bad, transform)
    y = torch.tensor([0] * len(good) + [1] * len(bad))
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(10):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    return model.eval()


@cache
def fitted(build: Any, data: Path, transform: str) -> Any:
    """A classifier, fitted once for all its exports."""
    return classifier(build(), aliens(data), globals()[transform])


def exported(model: Any, folder: Path, size: tuple[int, int], how: dict[str, Any]) -> str:
    """`model.onnx` by `torch.onnx.export`; the words of the call."""
    batch = how.pop("batch", 1)
    torch.onnx.export(model, (torch.rand(batch, 3, *size),), folder / "model.onnx", **how)
    shape = f"{batch}, 3, {size[0]}, {size[1]}"
    return f"torch.onnx.export(model, (torch.rand({shape}),), 'model.onnx', {how})"


@torch.no_grad()
def p_bad(model: Any, files: list[Path], transform: Any) -> list[tuple[Path, float]]:
    """Softmax of the logits, class 1, one picture at a time."""
    return [(each, model(frames([each], transform)).softmax(1)[0, 1].item()) for each in files]


def classification(
    build: Any, how: dict[str, Any], transform: str, folder: Path, data: Path, size: int = 224
) -> None:
    """A classifier: good and bad."""
    torch.manual_seed(7)
    parts, taken = aliens(data), globals()[transform]
    model = fitted(build, data, transform)
    call = exported(model, folder, (size, size), dict(how))
    torch.save(model, folder / "model.pt")
    card = {
        "tool": versions("torch", "torchvision", "timm", "onnx"),
        "export": call,
        "preprocessing": SAID[transform] + " (by the user's own script; not in the graph)",
        "output": "logits of good, bad; the score here is softmax p(bad)",
        "data": "toy_aliens train/good and every second bad, random start",
        "deterministic": True,
    }
    written(folder, card, p_bad(model, parts.pictures(), taken))


def resnet18() -> Any:
    """Two classes, random weights."""
    return torchvision.models.resnet18(weights=None, num_classes=2)


class Softmaxed(torch.nn.Module):
    """A classifier with its softmax, as careful users export it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Any) -> Any:
        """1 x C probabilities of 1 x 3 x H x W."""
        return self.model(image).softmax(1)


class Planes(torch.nn.Module):
    """A segmentation model of torchvision without its dictionary."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Any) -> Any:
        """1 x C x H x W logits."""
        return self.model(image)["out"]


def fitted_planes(model: Any, parts: Parts, masks: Path, epochs: int) -> Any:
    """A segmentation model fitted to masks: 0 background, 1 defect."""
    bad = pictures(parts.bad[0])[::2]
    good = pictures(parts.good)
    x = frames(bad + good, PLAIN)
    shrunk = transforms.Compose([transforms.Resize((256, 256)), transforms.ToTensor()])
    drawn = [Image.open(masks / f"{each.stem}_mask.png").convert("L") for each in bad]
    y = torch.stack([(shrunk(each)[0] > 0.5).long() for each in drawn])
    y = torch.cat([y, torch.zeros(len(good), 256, 256, dtype=torch.long)])
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    weight = torch.tensor([1.0, 10.0])
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(8):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows])["out"], y[rows], weight).backward()
            optimizer.step()
    return model.eval()


def segmentation(
    build: Any, how: dict[str, Any], folder: Path, data: Path, epochs: int = 4
) -> None:
    """Background and defect, 256 x 256, logits."""
    torch.manual_seed(7)
    parts = screws(data)
    masks = data / "screws" / "ground_truth" / "missing_screw"
    model = fitted_planes(build(), parts, masks, epochs)
    exporting = Planes(model).eval() if how.pop("wrapped", True) else model
    call = exported(exporting, folder, (256, 256), how)
    with torch.no_grad():
        scores = [
            (each, model(frames([each], PLAIN))["out"].softmax(1)[0, 1].max().item())
            for each in parts.pictures()
        ]
    card = {
        "tool": versions("torch", "torchvision", "onnx"),
        "export": call,
        "preprocessing": SAID["PLAIN"] + " (by the user's own script; not in the graph)",
        "output": "logits of background, defect; the score here is the largest softmax of defect",
        "data": "screws train/good and every second bad, random start",
        "deterministic": True,
    }
    written(folder, card, scores)


def detection(build: Any, how: dict[str, Any], folder: Path, data: Path) -> None:
    """Boxes, labels, scores, with NMS in the graph; random weights."""
    torch.manual_seed(7)
    parts = screws(data)
    model = build().eval()
    call = exported(model, folder, (320, 320), how)
    plain = transforms.Compose([transforms.Resize((320, 320)), transforms.ToTensor()])
    scores = []
    with torch.no_grad():
        for each in parts.pictures():
            found = model(frames([each], plain))[0]["scores"]
            scores.append((each, found.max().item() if len(found) else 0.0))
    card = {
        "tool": versions("torch", "torchvision", "onnx"),
        "export": call,
        "preprocessing": "Resize((320, 320)), ToTensor (the user's own script)",
        "output": "boxes, labels, scores after NMS; the score here is the largest",
        "data": "none: random weights",
        "deterministic": True,
    }
    written(folder, card, scores)


def retinanet() -> Any:
    """A RetinaNet on resnet18, two classes, every box kept."""
    backbone = torchvision.models.detection.backbone_utils.resnet_fpn_backbone(
        backbone_name="resnet18", weights=None, trainable_layers=5
    )
    return torchvision.models.detection.RetinaNet(
        backbone, 2, min_size=320, max_size=320, score_thresh=0.0
    )


def ssdlite() -> Any:
    """SSDlite 320 on MobileNetV3, two classes, every box kept."""
    return torchvision.models.detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=2, score_thresh=0.0
    )


def fasterrcnn() -> Any:
    """Faster R-CNN 320 on MobileNetV3, two classes."""
    return torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=2, box_score_thresh=0.0
    )


LEGACY = {"dynamo": False, "input_names": ["input"], "output_names": ["output"]}
OPEN = {"input": {0: "batch"}, "output": {0: "batch"}}
DYNAMO = {"dynamo": True}


def with_softmax(folder: Path, data: Path) -> None:
    """The classifier of `resnet18-legacy` with its softmax in the graph."""
    classification(resnet18, LEGACY, "EVAL", folder, data)
    model = torch.load(folder / "model.pt", weights_only=False)
    call = exported(Softmaxed(model).eval(), folder, (224, 224), dict(LEGACY))
    card = (folder / "card.json").read_text("utf-8")
    (folder / "card.json").write_text(card.replace("logits of", f"softmax ({call}) of"), "utf-8")


def one_logit(folder: Path, data: Path) -> None:
    """One output: the logit of p(good), as `BCEWithLogitsLoss` teaches it."""
    classification(resnet18, LEGACY, "EVAL", folder, data)
    model = torch.load(folder / "model.pt", weights_only=False)
    with torch.no_grad():
        head = torch.nn.Linear(512, 1)
        head.weight.copy_(model.fc.weight[:1] - model.fc.weight[1:])
        head.bias.copy_(model.fc.bias[:1] - model.fc.bias[1:])
    model.fc = head
    call = exported(model.eval(), folder, (224, 224), dict(LEGACY))
    card = (folder / "card.json").read_text("utf-8")
    (folder / "card.json").write_text(
        card.replace("logits of good, bad", f"one logit of p(good) by {call}"), "utf-8"
    )


def halved(folder: Path, data: Path) -> None:
    """The classifier in half precision."""
    classification(resnet18, LEGACY, "EVAL", folder, data)
    model = torch.load(folder / "model.pt", weights_only=False).half()
    torch.onnx.export(model, (torch.rand(1, 3, 224, 224).half(),), folder / "model.onnx", **LEGACY)


@cache
def net(name: str) -> Any:
    """A timm model of two classes."""
    return partial(timm.create_model, name, pretrained=False, num_classes=2)


def lraspp() -> Any:
    """LRASPP on MobileNetV3, two planes."""
    return torchvision.models.segmentation.lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=2
    )


def deeplab() -> Any:
    """DeepLabV3 on MobileNetV3, two planes."""
    return torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=2
    )


def made(build: Any, how: dict[str, Any], transform: str = "EVAL") -> Any:
    """A case of classification."""
    return partial(classification, build, how, transform)


CASES: dict[str, Any] = {
    "resnet18-legacy": made(resnet18, LEGACY),
    "resnet18-legacy-open-batch": made(resnet18, {**LEGACY, "dynamic_axes": OPEN}),
    "resnet18-dynamo": made(resnet18, DYNAMO),
    "resnet18-dynamo-batch2": made(resnet18, {**DYNAMO, "batch": 2}),
    "resnet18-dynamo-one-file": made(resnet18, {**DYNAMO, "external_data": False}),
    "resnet18-squeezed": made(resnet18, LEGACY, "WHOLE"),
    "resnet18-softmax": with_softmax,
    "resnet18-p-good-logit": one_logit,
    "resnet18-half": halved,
    "resnet18-opset9": made(resnet18, {**LEGACY, "opset_version": 9}),
    "resnet18-opset12": made(resnet18, {**LEGACY, "opset_version": 12}),
    "resnet18-opset17": made(resnet18, {**LEGACY, "opset_version": 17}),
    "resnet18-opset23": made(resnet18, {**DYNAMO, "opset_version": 23}),
    "timm-efficientnet-lite0": made(net("efficientnet_lite0"), DYNAMO),
    "timm-vit-tiny": made(net("vit_tiny_patch16_224"), DYNAMO),
    "lraspp": partial(segmentation, lraspp, {**DYNAMO}),
    "lraspp-dictionary": partial(segmentation, lraspp, {**DYNAMO, "wrapped": False}),
    "deeplabv3": partial(segmentation, deeplab, {**LEGACY}),
    "ssdlite": partial(detection, ssdlite, {**DYNAMO}),
    "ssdlite-legacy": partial(detection, ssdlite, {"dynamo": False}),
    "retinanet-legacy": partial(detection, retinanet, {"dynamo": False}),
    "fasterrcnn-legacy": partial(detection, fasterrcnn, {"dynamo": False}),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
