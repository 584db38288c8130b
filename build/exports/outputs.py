"""Which output of an export is the score, the anomaly map, the embedding.

    score, pred_score, class_score, pred_scores   a number for the part
    anomaly_map, defect_map, anomaly_maps         a number for each place
    embedding                                     numbers for drift
    boxes and confidences                         detections (.detect, .pieces)
    planes of classes                             segmentation (.planes)
    a value for each class                        classification (.classifier)
    pred_label, pred_mask, ...                    not needed: limits are the station's

Names that are known count first. What they leave open is told by metadata, shapes,
operators and values together; where two readings are left, it is asked, never guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ModelError, OtherKind
from gonogo.build.exports.classes import told
from gonogo.build.exports.classifier import Classifier, find_classifier
from gonogo.build.exports.detect import find_detector
from gonogo.build.exports.detection import Detection
from gonogo.build.exports.kinds import refuse_task, seems_other, unmapped
from gonogo.build.exports.makers import before_argmax
from gonogo.build.exports.metadata import Said, read_metadata
from gonogo.build.exports.pieces import find_pieces
from gonogo.build.exports.planes import Segmentation, are_shared, find_segmentation
from gonogo.build.exports.seen import Export, look, planes_first
from gonogo.build.exports.unselected import find_unselected
from gonogo.engines.backends.model import EMBEDDING, MAPS, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.build.exports.options import Options
    from gonogo.build.exports.seen import Output, Seen

_SCORES = (*SCORES, "pred_scores")
_MAPS = (*MAPS, "anomaly_maps")
# of an output that has no name of its own, the likeliest first
_EITHER = ("output", "output0", "out", "probs", "probabilities", "scores", "logits")
_NOT_NEEDED = (
    *("pred_label", "pred_labels", "pred_mask", "pred_masks", "pred_boxes"),
    *("box_scores", "box_labels", "label", "mask", "aux"),
)
_MANY_CLASSES = "class_score"  # of our own contract: the largest counts
_PICTURE_RANK = 4


class Mapped(NamedTuple):
    """What each output is; `found` makes score and map where no output holds them as they are.

    `planes`: of what a map beside a score of its own is made.
    """

    score: Output | None
    map: Output | None
    embedding: Output | None
    found: Detection | Segmentation | Classifier | None
    notes: tuple[str, ...]
    planes: Segmentation | None = None


def map_outputs(seen: Seen, options: Options, metadata: Mapping[str, str]) -> Mapped:
    """What each output is; ModelError names those that cannot be mapped, and the option.

    The graph gets a Transpose where an output has its planes last.
    """
    seen = planes_first(seen)
    known = {output.name: output for output in seen.outputs}
    export = Export(seen, read_metadata(metadata), options)
    refuse_task(export.said.task)
    score = _asked(known, "--score", options.score) or _usual(known, _SCORES)
    anomaly = _asked(known, "--map", options.map) or _usual(known, _MAPS)
    embedding = _asked(known, "--embedding", options.embedding) or known.get(EMBEDDING)
    found: Detection | Segmentation | Classifier | None = None
    notes: list[str] = []
    sources: set[str] = set()
    # one number under the name of a score is one, whatever else comes out
    if options.score or score is None or not score.is_number:
        found, sources, more = _detections(export)
        notes += more
    if found is None:
        score, anomaly = _by_shape(seen, score, anomaly)
        found = _planes_or_classes(export, score, anomaly)
        notes += found.notes if found is not None else ()
    if isinstance(found, (Detection, Segmentation)):
        score = anomaly = None
    elif isinstance(found, Classifier):
        score = None
    _check(score, anomaly, found, options)
    taken = {output.name for output in (score, anomaly, embedding) if output is not None}
    taken |= sources | (found.sources if found is not None else set())
    notes += _left_over(seen.outputs, taken)
    if score is None and found is None:
        notes.append("no output is a score: the largest value of the map is the score")
    planes = _map_beside(export, anomaly)
    return Mapped(score, anomaly, embedding, found, tuple(notes), planes)


def _map_beside(export: Export, anomaly: Output | None) -> Segmentation | None:
    """Planes of a map that is not all of defects; the score comes from elsewhere."""
    if anomaly is None or not are_shared(export.seen, anomaly):
        return None
    # classes that were named are those of the score
    plain = export._replace(options=export.options._replace(defect_classes=(), good_class=""))
    return find_segmentation(plain._replace(said=Said()), anomaly)


def _asked(known: Mapping[str, Output], option: str, name: str) -> Output | None:
    if name and name not in known:
        there = ", ".join(map(str, list(known.values())[:10]))
        raise ModelError(f"{option} {name}: the model has no such output; it has {there}")
    return known.get(name)


def _usual(known: Mapping[str, Output], names: Sequence[str]) -> Output | None:
    return next((known[name] for name in names if name in known), None)


def _detections(
    export: Export,
) -> tuple[Detection | None, set[str], tuple[str, ...]]:
    """What a detector says, before NMS where that is found, the outputs it says it by, notes."""
    seen, said, options = export
    chosen = find_pieces(export) or find_detector(export)
    if chosen is None:
        return None, set(), ()
    sources = chosen.sources
    for option, name in (("--score", options.score), ("--map", options.map)):
        if name in chosen.sources:
            raise OtherKind(
                f"{option} {name}: it holds boxes and confidences of a detector, which are "
                "no score and no map by themselves; leave the option out: the highest confidence "
                "becomes the score, and boxes are drawn into a map"
            )
    # another output was named: it is what is wanted
    if options.score or options.map:
        return None, set(), ()
    notes = [_said_of(chosen, said)]
    whole = find_unselected(export, chosen)
    if whole is not None:
        chosen = whole
        notes.append(
            "its candidates are taken in front of NMS or its choice of the best: a highest "
            "confidence needs none, and nothing is cut off below a threshold"
        )
    elif chosen.varies or _is_cut(seen, chosen):
        notes.append(
            "only detections that the export leaves over are seen: a part without any scores 0; "
            "where many do, export with a lower confidence threshold or without NMS"
        )
    return chosen, sources, tuple(notes)


def _is_cut(seen: Seen, chosen: Detection) -> bool:
    """Whether candidates below a threshold are left out."""
    before = {node.op_type for node in seen.operators_before(chosen.box.source.name)}
    return bool(before & {"NonMaxSuppression", "NonZero"})


def _said_of(chosen: Detection, said: Said) -> str:
    count = 0 if chosen.label is not None else chosen.confidence.stop - chosen.confidence.start
    drawn = "masks" if chosen.masks is not None else "boxes"
    logits = f" by {chosen.activation}" if chosen.activation else ""
    return (
        f"the model is a detector: the highest confidence{logits} is the score, {drawn} are drawn "
        f"into the map; {told(chosen.defects, said.names, count)}"
    )


def _by_shape(
    seen: Seen, score: Output | None, anomaly: Output | None
) -> tuple[Output | None, Output | None]:
    """What names have left open, told by shapes."""
    may_be = [output for output in seen.outputs if _may_be(seen, output)]
    open_to = sorted(
        (output for output in may_be if output.name in _EITHER),
        key=lambda output: _EITHER.index(output.name),
    )
    # under whatever name, where there is but one
    if score is None and anomaly is None and not open_to and len(may_be) == 1:
        open_to = may_be
    for output in open_to:
        if anomaly is None and output.is_map:
            anomaly = output
        elif score is None and (output.is_number or output.classes):
            score = output
    if score is None and anomaly is None:
        raise OtherKind(unmapped(seen))
    return score, anomaly


def _may_be(seen: Seen, output: Output) -> bool:
    """Whether its values can be a score or a map of the picture at all."""
    if output.name in _NOT_NEEDED or seems_other(seen, output):
        return False
    if not output.is_real:
        return bool(output.is_map and before_argmax(seen, output.name))
    # rows and columns of another kind are a list, of boxes or words
    return not output.is_map or _is_like(seen, output)


def _is_like(seen: Seen, output: Output) -> bool:
    """Planes have the picture's proportions; for a stack of them a little less will do."""
    rows, columns = output.shape[-2:]
    height, width = seen.size_px
    apart = abs(rows * width - columns * height)
    return apart <= max(height, width) * (4 if len(output.shape) == _PICTURE_RANK else 1)


def _planes_or_classes(
    export: Export, score: Output | None, anomaly: Output | None
) -> Segmentation | Classifier | None:
    """What makes the score, where no output holds it as one number."""
    if score is not None:
        return _classes(export, score)
    if anomaly is None or not anomaly.is_map:
        return None
    if not anomaly.is_real:
        return _labelled(export, anomaly)
    # under a name of ours the largest of several planes counts, unless they are shares of 1
    if anomaly.name in _MAPS and not are_shared(export.seen, anomaly):
        return None
    return find_segmentation(export, anomaly)


def _classes(export: Export, score: Output) -> Classifier | None:
    """How classes become one number; None: it is one."""
    if score.is_number or (score.name == _MANY_CLASSES and not _asks(export.options)):
        if _asks(export.options):
            raise ModelError(
                f"--good-class, --defect-class: the score is one number ({score}), not one for "
                "each class; leave them out"
            )
        return None
    if not score.classes:
        raise ModelError(
            f"--score: output {score} is no score, expected one number or one for each class; "
            "name another output, or use it as --map"
        )
    return find_classifier(export, score)


def _asks(options: Options) -> bool:
    """Whether classes were named."""
    return bool(options.good_class or options.defect_classes)


def _labelled(export: Export, output: Output) -> Segmentation | None:
    """A map of class numbers: the planes that they were chosen from."""
    front = before_argmax(export.seen, output.name)
    if not front:
        raise OtherKind(
            f"output {output} seems to hold numbers of classes for each place: they cannot be "
            "ranked; export the probabilities or logits that they were chosen from"
        )
    looked = look(export.seen.model, [front])
    planes = next(one for one in looked.outputs if one.name == front)
    return find_segmentation(export._replace(seen=looked), planes)


def _check(
    score: Output | None,
    anomaly: Output | None,
    found: Detection | Segmentation | Classifier | None,
    options: Options,
) -> None:
    # asked for with --map, or named like one
    if anomaly is not None and not anomaly.is_map:
        raise ModelError(
            f"--map: output {anomaly} is no map, expected 1 x classes x rows x columns or "
            "1 x rows x columns; name another output"
        )
    if found is None and score is None and options.defect_classes:
        raise ModelError("--defect-class: the model tells no classes apart; leave it out")


def _left_over(outputs: Sequence[Output], taken: set[str]) -> list[str]:
    """What nobody asked for, with the option that would."""
    return [
        f"output {output} is not used; --score, --map or --embedding {output.name} would use it"
        for output in outputs
        # labels could be neither
        if output.is_real and output.name not in taken and output.name not in _NOT_NEEDED
    ]
