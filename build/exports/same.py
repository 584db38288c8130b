"""Whether an export that was rewritten still computes what it computed as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from onnx import helper

from gonogo.build.exports.trial import Runner, pictures

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

    from gonogo.build.exports.layout import Input

TOLERANCE = 1e-3  # of the span of an output
_WHITE = 255


class Original(NamedTuple):
    """An export as it came, put in order and in float32, with nothing else changed."""

    model: onnx.ModelProto
    input: Input


def difference(original: Original, ours: onnx.ModelProto, size_px: tuple[int, int]) -> str:
    """What differs, in words; empty where nothing does beyond what rounding explains.

    Raises whatever the library raises where it cannot run the original.
    """
    first, second = Runner(original.model), Runner(ours)
    for picture in pictures((1, original.input.planes, *size_px)):
        fed = _as_it_takes(original, picture)
        was, again = (first.run(fed).values for _ in range(2))
        now = second.run(_typed(picture, ours.graph.input[0].type.tensor_type.elem_type)).values
        for name, before in was.items():
            # one that gives something else each time is told by who judges the scores
            if name not in now or not _alike(before, again[name]):
                continue
            if words := _apart(before, now[name]):
                return f"output '{name}' {words}"
    return ""


def _alike(first: NDArray[Any], second: NDArray[Any]) -> bool:
    nan = np.issubdtype(first.dtype, np.floating)
    return np.array_equal(first, second, equal_nan=bool(nan))


def _as_it_takes(original: Original, picture: NDArray[np.float32]) -> NDArray[Any]:
    """The picture in the export's own layout, as often as its batch is large."""
    found = original.input
    ready = picture if found.layout == "nchw" else picture.transpose(0, 2, 3, 1)
    ready = ready[0] if found.batch is None else np.repeat(ready, found.batch or 1, axis=0)
    return _typed(ready, original.model.graph.input[0].type.tensor_type.elem_type)


def _typed(picture: NDArray[np.float32], dtype: int) -> NDArray[Any]:
    kind = np.dtype(helper.tensor_dtype_to_np_dtype(dtype))
    whole = np.issubdtype(kind, np.integer)
    return np.ascontiguousarray((picture * _WHITE if whole else picture).astype(kind))


def _apart(before: NDArray[Any], after: NDArray[Any]) -> str:
    if before.shape != after.shape:
        before = _row(before, after)
    if before.shape != after.shape:
        return f"has the shape {after.shape} instead of {before.shape}"
    if not np.issubdtype(before.dtype, np.floating):
        return ""
    was, now = (values.astype(np.float64) for values in (before, after))
    finite = np.isfinite(was)
    if not np.array_equal(finite, np.isfinite(now)):
        return "is infinite or no number in other places"
    if not finite.any():
        return ""
    scale = max(float(np.abs(was[finite]).max()), 1e-6)
    apart = float(np.abs(was[finite] - now[finite]).max()) / scale
    return f"differs by {apart:.2g} of its largest value" if apart > TOLERANCE else ""


def _row(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """What belongs to the first image of a batch."""
    if before.ndim == after.ndim:
        for axis, (was, now) in enumerate(zip(before.shape, after.shape, strict=True)):
            if was != now and now:
                return np.take(before, range(now), axis=axis)
    return before[0] if before.ndim == after.ndim + 1 else before
