"""Which operator made the values of a tensor, seen through those that only move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gonogo.build.exports.graph import Node
    from gonogo.build.exports.seen import Seen

_PASSED = {
    *("Resize", "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Slice"),
    *("Flatten", "Dropout"),
}


def maker(seen: Seen, name: str) -> str:
    """The operator's type; "" for the image itself."""
    here = _behind(seen, name)
    return str(here.op_type) if here is not None else ""


def before_argmax(seen: Seen, name: str) -> str:
    """The tensor whose largest plane a tensor of labels names; "" when there is none."""
    here = _behind(seen, name)
    return str(here.input[0]) if here is not None and here.op_type == "ArgMax" else ""


def _behind(seen: Seen, name: str) -> Node | None:
    makers = {made: node for node in seen.graph.node for made in node.output}
    while name in makers and makers[name].op_type in _PASSED:
        name = makers[name].input[0]
    return makers.get(name)
