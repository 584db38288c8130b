"""Surgery on ONNX graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.exports.graph import (
    Graph,
    all_graphs,
    branches,
    constants,
    held_tensors,
    hold,
    insert,
    is_output,
    make_room,
    node,
    prune,
    read_by,
    readers,
    rename,
    sort_nodes,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def graph() -> Graph:
    """From `image` over `relu` to `score`, with a branch to `label` that is no output."""
    nodes = [
        node("Relu", ["image"], "relu"),
        node("Add", ["relu", "one"], "score"),
        node("Mul", ["relu", "spare"], "label"),
    ]
    held = [numpy_helper.from_array(np.ones(1, np.float32), name) for name in ("one", "spare")]
    image, score = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 4))
        for name in ("image", "score")
    )
    return helper.make_graph(nodes, "g", [image], [score], held)


def branched() -> Graph:
    """What is read inside the branches of an If alone."""
    inside = helper.make_tensor_value_info("inside", TensorProto.FLOAT, (1, 4))
    inner = helper.make_graph([node("Add", ["relu", "one"], "inside")], "then", [], [inside])
    whole = graph()
    del whole.node[1:]
    whole.node.append(node("If", ["condition"], "score", then_branch=inner, else_branch=inner))
    hold(whole, "condition", np.ones((), np.bool_))
    return whole


def test_readers_are_all_nodes_that_take_a_tensor() -> None:
    """In the order of the graph."""
    assert [found.op_type for found in readers(graph(), "relu")] == ["Add", "Mul"]
    assert readers(graph(), "label") == []
    assert is_output(graph(), "score")
    assert not is_output(graph(), "label")


def test_constants_are_weights_and_constant_nodes() -> None:
    """Whatever an exporter chose to write them as."""
    whole = graph()
    value = numpy_helper.from_array(np.array([3.0], np.float32))
    insert(whole, 0, [node("Constant", [], "three", value=value)])
    held = constants(whole)
    assert set(held) == {"one", "spare", "three"}
    assert held["three"].tolist() == [3.0]


def test_rename_reaches_inputs_outputs_and_branches() -> None:
    """A name that is left anywhere makes another model, or none."""
    whole = branched()
    for old, new in (("image", "pixels"), ("relu", "answers"), ("score", "badness")):
        rename(whole, old, new)
    assert [value.name for value in (*whole.input, *whole.output)] == ["pixels", "badness"]
    assert list(whole.node[0].input) == ["pixels"]
    branches = [attribute.g for attribute in whole.node[-1].attribute]
    assert [list(branch.node[0].input) for branch in branches] == [["answers", "one"]] * 2


def test_make_room_frees_our_names() -> None:
    """What stood there is still read by those who read it."""
    whole = graph()
    make_room(whole, ["relu", "unknown"])
    inputs = [list(found.input) for found in whole.node[1:]]
    assert inputs == [["export_relu", "one"], ["export_relu", "spare"]]


def test_hold_takes_another_name_where_one_is_taken() -> None:
    """By a constant or by what a node makes; whoever holds it reads it under the name returned."""
    whole = graph()
    names = [hold(whole, name, np.full(1, 7, np.float32)) for name in ("one", "relu", "free")]
    assert len({*names, "one", "relu"}) == 5
    assert names[2] == "free"
    held = constants(whole)
    assert [float(held[name][0]) for name in (*names, "one")] == [7, 7, 7, 1]


def test_prune_leaves_what_outputs_are_made_of() -> None:
    """Labels go, and so do their weights."""
    whole = graph()
    prune(whole)
    assert [found.output[0] for found in whole.node] == ["relu", "score"]
    assert [tensor.name for tensor in whole.initializer] == ["one"]


def test_prune_keeps_what_is_read_in_a_branch_alone() -> None:
    """A node's inputs do not name it."""
    whole = branched()
    prune(whole)
    assert [found.op_type for found in whole.node] == ["Relu", "If"]
    assert {tensor.name for tensor in whole.initializer} == {"one", "condition"}


@pytest.mark.parametrize("place", [0, 1, 3])
def test_insert_keeps_the_order_of_what_it_puts_in(place: int) -> None:
    """In front of the node at that place."""
    whole = graph()
    insert(whole, place, [node("Neg", ["image"], "a"), node("Neg", ["a"], "b")])
    names = [found.output[0] for found in whole.node]
    assert names[place : place + 2] == ["a", "b"]
    assert len(names) == 5


def test_read_by_is_what_a_node_and_its_branches_read() -> None:
    """What a branch makes itself is not read from around it."""
    assert read_by(branched().node[-1]) == {"condition", "relu", "one"}


def test_branches_are_the_graphs_within_a_node() -> None:
    """Both of an If; none of a plain node."""
    whole = branched()
    assert [inner.name for inner in branches(whole.node[-1])] == ["then", "then"]
    assert branches(whole.node[0]) == []
    assert len(list(all_graphs(whole))) == 3


def test_held_tensors_are_found_in_branches_and_attributes() -> None:
    """Wherever a file may keep weights."""
    whole = branched()
    value = numpy_helper.from_array(np.array([3.0], np.float32), "in_a_node")
    whole.node[-1].attribute[0].g.node.append(node("Constant", [], "three", value=value))
    model = helper.make_model(whole)
    names = {tensor.name for tensor in held_tensors(model)}
    assert names == {"one", "spare", "condition", "in_a_node"}


@pytest.mark.parametrize("make", [graph, branched])
def test_sort_nodes_puts_each_behind_what_it_reads(make: Callable[[], Graph]) -> None:
    """Backwards, it comes out as it was; what only a branch reads counts as well."""
    whole = make()
    before = [found.output[0] for found in whole.node]
    turned = [onnx.NodeProto.FromString(one.SerializeToString()) for one in whole.node][::-1]
    del whole.node[:]
    whole.node.extend(turned)
    assert sort_nodes(whole) == []
    names = [found.output[0] for found in whole.node]
    assert names.index("relu") == 0
    assert sorted(names) == sorted(before)


def test_sort_nodes_leaves_what_is_in_order() -> None:
    """No node moves without a reason."""
    whole = graph()
    insert(whole, 1, [node("Neg", ["image"], "later")])
    before = [found.output[0] for found in whole.node]
    sort_nodes(whole)
    assert [found.output[0] for found in whole.node] == before


def test_sort_nodes_names_what_nobody_makes_and_circles() -> None:
    """Neither can be computed."""
    whole = graph()
    whole.node[1].input[1] = "nowhere"
    assert sort_nodes(whole) == ["nowhere"]
    circle = graph()
    circle.node[0].input[0] = "score"
    assert set(sort_nodes(circle)) >= {"relu", "score"}
