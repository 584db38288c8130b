"""All candidates of a detector, in front of what selects among them.

An export with NMS inside, or end to end, gives out what is left: with a threshold below which
everything is 0, so that parts below it cannot be ranked, and by operators whose results have
no fixed size. A maximum needs no NMS: what NMS drops lies under a box of higher confidence.
So the head is taken in front of it, where it is found and agrees with what came out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import TensorProto

from gonogo.base.errors import ModelError
from gonogo.build.exports import detection as found_by
from gonogo.build.exports.classes import defect_classes
from gonogo.build.exports.columns import columns
from gonogo.build.exports.detect import anchor_counts, of_columns
from gonogo.build.exports.detection import Detection, Take, best, gathered
from gonogo.build.exports.seen import look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gonogo.build.exports.seen import Export, Seen

    _Found = tuple[Seen, Detection | None]

_BOX = 4
_AGREES = 1e-3
_HEADS = {"Concat", "Transpose", "Cast"}


def find_unselected(export: Export, chosen: Detection) -> Detection | None:
    """The same detections before any were selected; None: not found."""
    seen = export.seen
    if export.options.columns or (chosen.label is None and not chosen.varies):
        return None
    sizes = _sizes(seen.model)
    for looked, found in (
        _head(export, chosen, sizes),
        _nms_inputs(export, sizes),
    ):
        if found is not None and _agree(best(looked, found), best(seen, chosen)):
            return found
    return None


def _agree(all_of: list[float], left: list[float]) -> bool:
    """The highest confidence is among what is left, unless it lay below a threshold."""
    return all(
        not few or abs(many - few) <= _AGREES for many, few in zip(all_of, left, strict=True)
    )


def _sizes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Shapes of all tensors inside that are fixed."""
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    found = {}
    for value in graph.value_info:
        dims = value.type.tensor_type.shape.dim
        real = value.type.tensor_type.elem_type == TensorProto.FLOAT
        if real and dims and all(dim.dim_value > 0 for dim in dims):
            found[value.name] = tuple(dim.dim_value for dim in dims)
    return found


def _head(export: Export, chosen: Detection, sizes: Mapping[str, tuple[int, ...]]) -> _Found:
    """One tensor of all candidates, as an export without NMS gives out."""
    seen, said, _ = export
    if not said.names:
        return seen, None
    protos = chosen.protos
    masks = protos.planes if protos is not None else 0
    words = "xywh+classes" + ("+masks" if masks else "") + ("+angle" if chosen.angle else "")
    width = _BOX + len(said.names) + masks + (chosen.angle is not None)
    counts = anchor_counts(seen.size_px)
    known = columns(words, width, masks)
    for node in seen.operators_before(chosen.box.source.name):
        size = sizes.get(node.output[0], ())
        if node.op_type not in _HEADS or size[:1] != (1,) or known is None:
            continue
        by_rows = size[2:] == (width,)
        if (by_rows and size[1] in counts) or (size[1:2] == (width,) and set(size[2:]) & {*counts}):
            looked = look(seen.model, [node.output[0]])
            inside = export._replace(seen=looked)
            output = next(one for one in looked.outputs if one.name == node.output[0])
            try:
                return looked, of_columns(inside, output, known, protos, by_rows=by_rows)
            # a tensor of that size that is something else
            except ModelError:
                continue
    return seen, None


def _nms_inputs(export: Export, sizes: Mapping[str, tuple[int, ...]]) -> _Found:
    """What NonMaxSuppression is given: boxes 1 x N x 4 and scores 1 x classes x N."""
    seen = export.seen
    for node in seen.graph.node:
        if node.op_type != "NonMaxSuppression":
            continue
        boxes, scores = (sizes.get(name, ()) for name in node.input[:2])
        if boxes[2:] != (_BOX,) or scores[2:] != boxes[1:2] or boxes[0] != 1 or scores[0] != 1:
            continue
        looked = look(seen.model, node.input[:2])
        return looked, _of_nms(export._replace(seen=looked), node)
    return seen, None


def _of_nms(export: Export, node: onnx.NodeProto) -> Detection | None:
    seen, said, options = export
    outputs = {one.name: one for one in seen.outputs}
    boxes, scores = (outputs[name] for name in node.input[:2])
    box = Take(boxes, 0, _BOX, by_rows=True)
    confidence = Take(scores, 0, scores.shape[1], by_rows=False)
    centre = any(one.name == "center_point_box" and one.i for one in node.attribute)
    # ONNX has y before x; PyTorch's exporter hands its own corners on as they are
    written = "xywh" if centre else "xyxy" if "pytorch" in seen.model.producer_name else "yxyx"
    shown = f"what goes into {node.op_type} ({boxes} and {scores})"
    try:
        how = found_by.activation(gathered(seen, confidence), shown, options.activation)
        places = gathered(seen, box)
        found = found_by.corners(places, seen.size_px, shown, written)
    except ModelError:
        return None
    count = scores.shape[1]
    return Detection(
        box,
        found,
        found_by.normalised(places),
        confidence,
        seen.size_px,
        () if count == 1 and not said.names else defect_classes(options, count, said.names),
        activation=how,
    )
