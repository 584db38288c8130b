"""How a frame gets to the model's size, as a model file says it of itself.

    squeeze       both axes to the model's size, each by its own factor
    centre-crop   the short side to the model's, the middle of the long one
    letterbox     the whole frame inside, bars of one grey level beside it

An ONNX file says it in `metadata_props`, a HEF in a trailer
(gonogo.engines.backends.hailo.trailer); a key that is missing has the first value of its row.

    gonogo.fit      squeeze, centre-crop or letterbox
    gonogo.filter   antialias (a triangle as wide as the factor, as near as OpenCV comes to it
                    quickly), linear (cv2.INTER_LINEAR), exact (antialias to a rounding, slower)
    gonogo.fill     114, the grey level of the bars, 0 .. 255
    gonogo.cut      the whole input; else TOP,LEFT,HEIGHT,WIDTH in px of it: the graph cuts
                    that out and sees no more, and its map lies on that

A frame of the model's own size is taken as it is by each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

FitKind = Literal["squeeze", "centre-crop", "letterbox"]
Filter = Literal["antialias", "linear", "exact"]
KINDS: tuple[FitKind, ...] = get_args(FitKind)
FILTERS: tuple[Filter, ...] = get_args(Filter)
FILL = 114  # of bars, where nothing else is said: what letterboxes of detectors are trained with
KEYS = ("gonogo.fit", "gonogo.filter", "gonogo.fill", "gonogo.cut")
_WHITE = 255
_FOUR = 4


class Cut(NamedTuple):
    """What a graph cuts out of its own input, px."""

    top_px: int
    left_px: int
    height_px: int
    width_px: int


class Fit(NamedTuple):
    """How a frame gets to the model's size; `fill` is of a letterbox alone.

    `cut`: what the model sees of its input, where that is not all of it.
    """

    kind: FitKind = "squeeze"
    filter: Filter = "antialias"
    fill: int = FILL
    cut: Cut | None = None

    @property
    def metadata(self) -> dict[str, str]:
        """As a model file says it; what goes without saying is left out."""
        said = {
            "gonogo.fit": self.kind,
            "gonogo.filter": self.filter,
            "gonogo.fill": str(self.fill),
            "gonogo.cut": "" if self.cut is None else ",".join(map(str, self.cut)),
        }
        plain = dict(zip(KEYS, (KINDS[0], FILTERS[0], str(FILL), ""), strict=True))
        if self.kind != "letterbox":
            plain["gonogo.fill"] = said["gonogo.fill"]
        return {key: value for key, value in said.items() if value != plain[key]}

    def __str__(self) -> str:
        bars = f" with bars of grey level {self.fill}" if self.kind == "letterbox" else ""
        return f"{self.kind}, {self.filter}{bars}"


SQUEEZE = Fit()


def fit_of(metadata: Mapping[str, str]) -> Fit:
    """What a model file says of itself; ValueError names the key and what was expected."""
    kind, filtered, fill, cut = (metadata.get(key, "") for key in KEYS)
    return Fit(
        _one_of("gonogo.fit", kind or KINDS[0], KINDS),
        _one_of("gonogo.filter", filtered or FILTERS[0], FILTERS),
        _grey(fill) if fill else FILL,
        _cut(cut) if cut else None,
    )


def _one_of(key: str, value: str, known: tuple[str, ...]) -> Any:  # noqa: ANN401 - one of the literals
    if value not in known:
        raise ValueError(f"{key} is {value[:40]!r}, expected {', '.join(known)}")
    return value


def _grey(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _WHITE):
        raise ValueError(f"gonogo.fill is {text[:40]!r}, expected a grey level 0 .. {_WHITE}")
    return int(text)


def _cut(text: str) -> Cut:
    parts = text.split(",")
    if len(parts) != _FOUR or not all(part.isascii() and part.isdecimal() for part in parts):
        raise ValueError(f"gonogo.cut is {text[:40]!r}, expected TOP,LEFT,HEIGHT,WIDTH in px")
    return Cut(*map(int, parts))
