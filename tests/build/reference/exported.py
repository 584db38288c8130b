"""An export that nothing is known of, and pictures in a station's shape; a tool that scores them.

The tool is written here a second time, with OpenCV and numpy alone: it is the judge of what
`gonogo build` makes of a picture. Import as `gonogo.tests.build.reference.exported`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
import onnxruntime as ort

from gonogo.tests.build.exports.made import Net
from gonogo.tests.build.parts import bad_part, good_part
from gonogo.tests.engines.backends.pillow import resized

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

SIDE = 32
PARTS = 12
WIDER_PX = 30  # on the left and right of a part of 60 px


class Pictures(NamedTuple):
    """Folders of pictures 60 x 120 px, and all their paths."""

    good: Path
    bad: Path
    paths: list[Path]


def plain_export(path: Path) -> Path:
    """`data` float32 to `output`: one number, of colours and edges; nothing else stands in it."""
    net = Net("data", 1)
    rng = np.random.default_rng(4)
    x = net.conv(net.image, "first", rng.normal(0, 0.4, (6, 3, 5, 5)), 2)
    x = net.add("Relu", [x], "relu")
    x = net.conv(x, "second", rng.normal(0, 0.4, (1, 6, 3, 3)))
    x = net.add("Flatten", [net.add("GlobalAveragePool", [x], "mean")], "flat", axis=1)
    net.add("Sigmoid", [x], "output")
    net.output("output", (1, 1))
    path.write_bytes(net.model(side=SIDE, opset=17).SerializeToString())
    return path


def pictures(folder: Path) -> Pictures:
    """Half of them good; what lies beside the part is another colour in each."""
    paths = []
    for kind, make in (("good", good_part), ("bad", bad_part)):
        (folder / kind).mkdir(parents=True)
        for k in range(PARTS):
            beside = np.random.default_rng(k).integers(0, 256, 3).tolist()
            wide = cv2.copyMakeBorder(
                make(k, 60), 0, 0, WIDER_PX, WIDER_PX, cv2.BORDER_CONSTANT, value=beside
            )
            wide[:, :, 0] = np.clip(wide[:, :, 0] * (0.6 + 0.03 * k), 0, 255)
            paths.append(folder / kind / f"{kind}_{k:02d}.png")
            cv2.imwrite(str(paths[-1]), wide)
    return Pictures(folder / "good", folder / "bad", paths)


def scores(
    model: Path, paths: list[Path], prepare: Callable[[NDArray[np.uint8]], NDArray[Any]]
) -> list[float]:
    """What the tool says: `prepare` makes of a picture (height, width, 3) what the model takes."""
    session = ort.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    said = []
    for path in paths:
        planes = prepare(np.asarray(cv2.imread(str(path)), np.uint8)).transpose(2, 0, 1)
        image = np.ascontiguousarray(planes[None], np.float32)
        (found,) = session.run(None, {session.get_inputs()[0].name: image})
        said.append(float(found.ravel()[0]))
    return said


def cropped(picture: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.uint8]:
    """Short side to `side` as Pillow resizes, then its middle square."""
    wide = picture.shape[1] * side // picture.shape[0]
    left = round((wide - side) / 2)
    whole = np.rint(resized(picture, side, wide))
    return np.asarray(whole[:, left : left + side], np.uint8)


def table(path: Path, paths: list[Path], values: list[float], column: str = "score") -> Path:
    """A table as a tool would leave it."""
    rows = "".join(f"{name},{value!r}\n" for name, value in zip(paths, values, strict=True))
    path.write_text(f"image,{column}\n{rows}", encoding="utf-8")
    return path
