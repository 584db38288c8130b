"""What an engine's maker is told beside the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from gonogo.base.errors import WeakModel
from gonogo.build.engine import Wanted, _ours, inputs, make_engine
from gonogo.build.exports.options import Options
from gonogo.build.images import Folders
from gonogo.build.work import Work
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import quiet, save_good

if TYPE_CHECKING:
    from pathlib import Path


def test_make_engine_refuses_scores_that_were_cut_off(tmp_path: Path) -> None:
    """All of them at the upper end, as a normalised export may have them: before any search."""
    model = onnx.load(str(made.efficient_ad(tmp_path / "m.onnx")))
    graph = model.graph
    held = {"low": 0.0, "high": 1e-4}
    graph.initializer.extend(
        numpy_helper.from_array(np.array(value, np.float32), name) for name, value in held.items()
    )
    place, node = next((k, n) for k, n in enumerate(graph.node) if "pred_score" in n.output)
    node.output[0] = "whole"
    graph.node.insert(place + 1, helper.make_node("Clip", ["whole", "low", "high"], ["pred_score"]))
    path = tmp_path / "clipped.onnx"
    path.write_bytes(model.SerializeToString())
    wanted = Wanted(path, Folders(save_good(tmp_path / "good", 20)), Options())
    files, digest = inputs(wanted)
    work = Work(tmp_path / "work", digest)
    with pytest.raises(WeakModel, match=r"the export cuts scores off"):
        make_engine(wanted, files, work, quiet)
    work.close()


def test_make_engine_goes_on_from_no_model_that_was_changed(tmp_path: Path) -> None:
    """The export as it was made ours, in the work folder of a build that was interrupted."""
    wanted = Wanted(
        made.efficient_ad(tmp_path / "m.onnx"), Folders(save_good(tmp_path / "good", 20)), Options()
    )
    work = Work(tmp_path / "work", "one")
    source, notes = _ours(wanted, work)
    whole = source.read_bytes()
    assert _ours(wanted, work) == (source, notes), "what is there is used"
    changed = bytes([*whole[:-40], whole[-40] ^ 1, *whole[-39:]])
    source.write_bytes(changed)
    _ours(wanted, work)
    assert source.read_bytes() != changed
    work.close()


def test_inputs_digest_follows_everything_but_the_allowed_loss(tmp_path: Path) -> None:
    """Another image, option or model gives another digest; another loss does not."""
    good = save_good(tmp_path / "good", 20)
    wanted = Wanted(made.efficient_ad(tmp_path / "m.onnx"), Folders(good), Options())
    _, digest = inputs(wanted)
    assert inputs(wanted._replace(loss_max=0.1))[1] == digest
    others = [wanted._replace(options=Options(pixels="0..1"))]
    others.append(wanted._replace(model=made.fastflow(tmp_path / "f.onnx")))
    assert digest not in {inputs(other)[1] for other in others}
    (good / "good_003.png").write_bytes((good / "good_004.png").read_bytes())
    assert inputs(wanted)[1] != digest
