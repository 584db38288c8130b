"""How a frame gets to an export's size: told by its maker, by the file, or assumed and said.

    Ultralytics, classification     centre-crop, antialias      (its classify_transforms)
    Ultralytics, anything else      letterbox of 114, linear    (its LetterBox)
    anomalib                        squeeze, exact              (its Resize)
    a model of ours                 as it says itself
    everything else                 squeeze, antialias, with a note: nothing stands there

Ultralytics resizes for a size that is not square as anomalib does: no side is cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ModelError
from gonogo.build.exports.metadata import ULTRALYTICS, read_metadata
from gonogo.engines.backends.fit import KEYS, SQUEEZE, Cut, Fit, fit_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import onnx

    from gonogo.build.exports.options import Options

_LETTERBOX = Fit("letterbox", "linear")
_CENTRE_CROP = Fit("centre-crop")
_ANOMALIB = frozenset({"pred_score", "anomaly_map"})
_EXACT = Fit("squeeze", "exact")
# ranks of some of its models follow the last grey level of a resize (docs/building-engines.md)
_ANOMALIBS = (
    "as anomalib resizes, to a rounding; --filter antialias is nearly that in a fraction of the "
    "time, and --reference says whether scores stay what they were"
)
_CHECK = "--reference SCORES.csv with the training tool's own scores checks it"


class Fitting(NamedTuple):
    """How frames get there, and what is to be said of where that comes from."""

    fit: Fit
    note: str


def fitting(
    options: Options,
    metadata: Mapping[str, str],
    outputs: Collection[str],
    size_px: tuple[int, ...],
) -> Fitting:
    """What is asked for counts, then what the file says; ModelError for what does not fit together.

    `outputs`: the names of the export's own; `size_px` (height, width) of the model.
    """
    told, by = _told(metadata, outputs, size_px)
    fit = told or SQUEEZE
    if options.fit not in {"auto", fit.kind}:  # the filter goes with the way it was told with
        fit = Fit(options.fit)
    if options.filter != "auto":
        fit = fit._replace(filter=options.filter)
    if options.fill is not None:
        if fit.kind != "letterbox":
            raise ModelError(
                f"--fill: {fit.kind} leaves no bars; mean --fit letterbox, or leave it out"
            )
        fit = fit._replace(fill=options.fill)
    if options.fit != "auto":
        return Fitting(fit, "")
    if told is None:
        return Fitting(
            fit,
            f"nothing in the file tells how a frame gets to its size: {fit} is assumed, as "
            f"anomalib resizes; --fit and --filter say otherwise, {_CHECK}",
        )
    return Fitting(fit, f"frames get to the model's size by {fit}: {by}" if by else "")


def _told(
    metadata: Mapping[str, str], outputs: Collection[str], size_px: tuple[int, ...]
) -> tuple[Fit | None, str]:
    """What the file says, and by what it is known."""
    if any(key in metadata for key in KEYS):
        try:
            return fit_of(metadata), "the file says so"
        except ValueError as error:
            raise ModelError(
                f"the export's metadata: {error}; say --fit, or export it again"
            ) from error
    said = read_metadata(metadata)
    if said.tool == ULTRALYTICS:
        if said.task != "classify":
            return _LETTERBOX, f"Ultralytics, task {said.task or 'unknown'}"
        square = size_px[0] == size_px[1]
        return (_CENTRE_CROP if square else SQUEEZE), "Ultralytics classification"
    # its export holds a Resize of its own, and its transforms resize without a crop
    return (_EXACT, _ANOMALIBS) if set(outputs) >= _ANOMALIB else (None, "")


def write_fit(model: onnx.ModelProto, fit: Fit, cut: Cut | None) -> None:
    """Let a model of ours say how frames get to its size, and what it cuts out of its input."""
    if cut is not None:
        within = fit.cut or Cut(0, 0, cut.height_px, cut.width_px)
        fit = fit._replace(
            cut=Cut(cut.top_px + within.top_px, cut.left_px + within.left_px, *within[2:])
        )
    kept = [entry for entry in model.metadata_props if entry.key not in KEYS]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    for key, value in fit.metadata.items():
        model.metadata_props.add(key=key, value=value)
