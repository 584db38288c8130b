"""What the station file says of a presence rule."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from gonogo.rules.learn import GoldenImage, ImageOf, TemplateImage
from gonogo.rules.rule import Roi  # noqa: TC001 - pydantic reads it
from gonogo.rules.segment import SegmentSection
from gonogo.rules.window import LimitedSection, WorkPx

if TYPE_CHECKING:
    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.rules.learn import LearntImage

Method = Literal["intensity", "blobs", "template", "golden"]
LEARNT = ("template", "golden")  # the methods that judge by an image
_RANGES: dict[Method, tuple[float, float]] = {
    "intensity": (-100.0, math.inf), "blobs": (0.0, math.inf),
    "template": (-100.0, 100.0), "golden": (0.0, 100.0),
}  # fmt: skip
Feature = Literal["grey", "blue", "green", "red", "saturation", "blue_red"]


class PresenceSection(LimitedSection):
    """Whether a component is in the ROI.

    | method | what is measured | unit |
    |---|---|---|
    | intensity | `channel` in the best window of `window_px`, over the ROI's median | % |
    | blobs | number of objects told by `segment`, each at most `area_max_px` big | count |
    | template | best correlation with `image` anywhere in the ROI, -100 to 100 | % |
    | golden | part of the ROI outside the band of good parts in `image` | % |

    intensity: the window, all four quarters of it, that is furthest on the side of
    `object_is`; without a component that fills it the value is about 0. Channel
    `blue_red` is the ratio of blue to red: a metal part on wood, card or brass keeps
    its contrast in it whatever the white balance, because a gain cancels out.
    golden: the image may move by `search_px` each way; a pixel is outside when it is
    more than `tolerance` grey levels beyond every good part.
    `image` is made on the box from the good images in `learn_from` (`gonogo prepare`);
    for a template, `template_roi` says where the component lies in the first of them.
    """

    kind: Literal["presence"]
    """Whether a component is in the ROI."""
    method: Method
    """How that is measured; the table above."""
    channel: Feature = "grey"
    """The grey image to look at; blue_red is the ratio of the two."""
    object_is: Literal["dark", "light"] = "light"
    """Whether the component is darker or lighter than around it."""
    window_px: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Side of the window that the component fills (intensity)."""
    segment: SegmentSection = SegmentSection()
    """How objects are told from the background (blobs)."""
    area_max_px: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    """Larger objects are not counted (blobs)."""
    image: Path | None = None
    """The learnt image (template, golden)."""
    learn_from: Path | None = None
    """Folder of good images that it is made from."""
    template_roi: Roi | None = None
    """Where the component lies in the first of them."""
    search_px: Annotated[int, Field(ge=0, le=512)] = 8
    """How far the image may move each way (golden)."""
    tolerance: Annotated[int, Field(ge=0, le=255)] = 24
    """Grey levels beyond every good part from which on a pixel is outside (golden)."""
    work_px: WorkPx = 160
    """The ROI is halved until its longer side fits this."""

    @model_validator(mode="after")
    def _complete(self) -> PresenceSection:
        if self.method == "intensity" and self.window_px is None:
            raise ValueError("window_px: expected about 0.75 of the component's size, got nothing")
        if self.method in LEARNT and self.image is None:
            raise ValueError("image: expected a file that gonogo prepare makes, got nothing")
        # a golden image is all of the ROI; a template is a part of it, which somebody must show
        if self.method == "template" and self.learn_from and self.template_roi is None:
            raise ValueError("template_roi: expected the component's place, got nothing")
        return self

    @property
    def unit(self) -> str:
        """Blobs are counted, all else is a share."""
        return "count" if self.method == "blobs" else "%"

    @property
    def value_range(self) -> tuple[float, float]:
        """By the method."""
        return _RANGES[self.method]

    @property
    def limited_sides(self) -> tuple[bool, bool]:
        """Nothing is too like its template, or too well inside the band of good parts."""
        return self.method != "golden", self.method != "template"

    @property
    def measures_a_ratio(self) -> bool:
        """Brightness inside over brightness around."""
        return self.method == "intensity"

    @property
    def learnt_from(self) -> Path | None:
        """A golden image is the median of good ones."""
        # a template correlates with its own parts like with others: they may set its limits
        return self.learn_from if self.method == "golden" else None

    @property
    def learnt(self) -> LearntImage | None:
        """The image that it judges by, where its method learns one."""
        if self.image is None:
            return None
        of = ImageOf(self.name, self.image, self.learn_from, self.roi, self.work_px)
        if self.method == "template":
            return TemplateImage(of, self.template_roi)
        return GoldenImage(of, self.search_px) if self.method == "golden" else None

    @property
    def makes(self) -> Path | None:
        """The image, from the good ones, where its method learns one."""
        return self.image if self.learnt is not None and self.learn_from is not None else None

    def prepare(self, geometry: FrameShape, base: Path, fit: Fit, *, again: bool) -> None:
        """Learn the image, or seal somebody else's."""
        if self.learnt is not None:
            self.learnt.prepare(geometry, base, fit, again=again)
