"""Which output of an export is the score, the anomaly map, the embedding.

    score, pred_score, class_score, pred_scores   a number for the part
    anomaly_map, defect_map, anomaly_maps         a number for each place
    embedding                                     numbers for drift
    output, output0                               by its shape: a number, a map, or classes
    pred_label, pred_mask, ...                    not needed: limits are the station's

Classes (1 x N probabilities, as Ultralytics exports them) want to be told which one is
good; the score is then the probability of all the others, 1 - p(good). An export with a
map alone gets its largest value as the score.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ModelError
from gonogo.engines.backends.model import EMBEDDING, MAPS, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.build.exports.options import Options

_SCORES = (*SCORES, "pred_scores")
_MAPS = (*MAPS, "anomaly_maps")
_EITHER = ("output", "output0")  # of one output that has no name of its own
_NOT_NEEDED = (
    *("pred_label", "pred_labels", "pred_mask", "pred_masks", "pred_boxes"),
    *("box_scores", "box_labels", "label", "mask"),
)
_GOOD_NAMES = ("good", "ok", "normal")
_MANY_CLASSES = "class_score"  # of our own contract: the largest counts
_MAP_RANKS = (3, 4)


class Output(NamedTuple):
    """One output as it came out of a trial run."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        cross = " x ".join(map(str, self.shape)) or "a scalar"
        return f"'{self.name}' ({self.dtype} {cross})"

    @property
    def is_map(self) -> bool:
        """A number for each place of one image."""
        return len(self.shape) in _MAP_RANKS and self.shape[0] == 1 and min(self.shape[-2:]) > 1

    @property
    def is_number(self) -> bool:
        """One value."""
        return set(self.shape) <= {1}

    @property
    def classes(self) -> int:
        """How many classes it has one value for each; 0 when it is something else."""
        wide = [size for size in self.shape if size > 1]
        return wide[0] if len(wide) == 1 and self.shape[0] == 1 else 0


class Mapped(NamedTuple):
    """Names of outputs; `good_class` is the place of the good one among classes, or None."""

    score: Output | None
    map: Output | None
    embedding: Output | None
    good_class: int | None
    notes: tuple[str, ...]


def map_outputs(outputs: Sequence[Output], options: Options, metadata: Mapping[str, str]) -> Mapped:
    """What each output is; ModelError names those that cannot be mapped, and the option."""
    known = {output.name: output for output in outputs}
    score = _asked(known, "--score", options.score) or _usual(known, _SCORES)
    anomaly = _asked(known, "--map", options.map) or _usual(known, _MAPS)
    embedding = _asked(known, "--embedding", options.embedding) or known.get(EMBEDDING)
    # names count first: only what they leave open is told by shapes
    for output in (known[name] for name in _EITHER if name in known):
        if anomaly is None and output.is_map:
            anomaly = output
        elif score is None and (output.is_number or output.classes):
            score = output
    if score is None and anomaly is None:
        raise ModelError(_unmapped(outputs))
    # asked for with --map, or named like one
    if anomaly is not None and not anomaly.is_map:
        raise ModelError(
            f"--map: output {anomaly} is no map, expected 1 x classes x rows x columns or "
            "1 x rows x columns; name another output"
        )
    good_class = _good_class(score, options, class_names(metadata))
    taken = {output.name for output in (score, anomaly, embedding) if output is not None}
    return Mapped(score, anomaly, embedding, good_class, _left_over(outputs, taken, score))


def class_names(metadata: Mapping[str, str]) -> dict[int, str]:
    """Names of classes as Ultralytics writes them into the file: "{0: 'bad', 1: 'good'}"."""
    try:
        # literals only: the file is somebody else's
        names = ast.literal_eval(metadata.get("names", "{}"))
    except (ValueError, SyntaxError):
        return {}
    return {int(k): str(v) for k, v in names.items()} if isinstance(names, dict) else {}


def _asked(known: Mapping[str, Output], option: str, name: str) -> Output | None:
    if name and name not in known:
        there = ", ".join(map(str, known.values()))
        raise ModelError(f"{option} {name}: the model has no such output; it has {there}")
    return known.get(name)


def _usual(known: Mapping[str, Output], names: Sequence[str]) -> Output | None:
    return next((known[name] for name in names if name in known), None)


def _unmapped(outputs: Sequence[Output]) -> str:
    there = ", ".join(map(str, outputs))
    return (
        f"no output is known as a score or a map: {there}; say which one is: --score NAME for "
        "one number, --map NAME for a map, --score NAME --good-class CLASS for probabilities "
        "of classes"
    )


def _good_class(score: Output | None, options: Options, names: Mapping[int, str]) -> int | None:
    """The place of the good class where the score is made of classes."""
    if score is None or score.is_number:
        if options.good_class:
            raise ModelError("--good-class: the score is one number, not one for each class")
        return None
    if not score.classes:
        raise ModelError(
            f"--score: output {score} is no score, expected one number or one for each class; "
            "name another output, or use it as --map"
        )
    if options.good_class:
        return _place(options.good_class, score.classes, names)
    # each class is a defect: the largest counts, and no class is the good one
    if score.name == _MANY_CLASSES:
        return None
    # guessed only where one name is plain: the wrong class would turn good into bad
    likely = [place for place, name in names.items() if name.lower() in _GOOD_NAMES]
    if len(likely) == 1:
        return likely[0]
    shown = ", ".join(f"{place} {name}" for place, name in names.items()) or "no names in the file"
    raise ModelError(
        f"output {score} has probabilities of {score.classes} classes ({shown}); say which one is "
        "good: --good-class NAME or its number, counted from 0"
    )


def _place(asked: str, classes: int, names: Mapping[int, str]) -> int:
    for place, name in names.items():
        if asked in {name, str(place)}:
            return place
    # a number is taken unseen only where the file has no names to check it with
    if not names and asked.isdecimal() and int(asked) < classes:
        return int(asked)
    known = ", ".join(f"{place} {name}" for place, name in names.items())
    raise ModelError(
        f"--good-class {asked}: expected one of {known or f'0 .. {classes - 1}'}; "
        "give the name or the number of the good class"
    )


def _left_over(outputs: Sequence[Output], taken: set[str], score: Output | None) -> tuple[str, ...]:
    """What nobody asked for, with the option that would; and where the score comes from."""
    notes = [
        f"output {output} is not used; --score, --map or --embedding {output.name} would use it"
        for output in outputs
        if output.name not in taken and output.name not in _NOT_NEEDED
    ]
    if score is None:
        notes.append("no output is a score: the largest value of the map is the score")
    return tuple(notes)
