"""The search for what must stay float."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import pytest

from gonogo.base.errors import NotProven
from gonogo.build.agreement import Bounds
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.forms import QUANTIZED
from gonogo.build.goodparts import GoodImages, collect
from gonogo.build.int8 import Int8Search, Trial
from gonogo.build.quantize import proof_set
from gonogo.build.work import Work
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import good_part, quiet
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.proof import ProofSet


@pytest.fixture(scope="module")
def proof() -> ProofSet:
    """Frames of a dozen good parts at 32 px."""
    return proof_set(collect(GoodImages([good_part(k) for k in range(12)]), (32, 32), quiet))


def test_search_makes_both_forms_of_one_calibration(tmp_path: Path, proof: ProofSet) -> None:
    """The second form is not calibrated again."""
    source = tiny.filters(tmp_path / "m.onnx")
    tiny.say(source, {"gonogo.fit": "letterbox", "names": "{0: 'bad'}"})
    stages: list[str] = []
    # of so small a model a pair of parts changes places easily
    with Int8Search(source, Trial(proof, bounds=Bounds(loss_max=0.05))) as search:
        forms = [search.find(lambda what, *_: stages.append(what), f) for f in QUANTIZED]
    assert all(form.agreement["onnxruntime"].ok for form in forms)
    assert "openvino" not in forms[1].agreement
    for form in forms:  # what the file says of itself goes with it
        said = {
            entry.key: entry.value for entry in onnx.load_from_string(form.model).metadata_props
        }
        assert said.items() >= {"gonogo.fit": "letterbox", "names": "{0: 'bad'}"}.items()
    last_calibrated = max(k for k, stage in enumerate(stages) if stage == "calibrating")
    assert next(k for k, stage in enumerate(stages) if "cpu form" in stage) > last_calibrated


def written(work: Work) -> dict[str, int]:
    """What the search has noted of each form that it tried, and when."""
    return {path.name: path.stat().st_mtime_ns for path in work.folder.glob("tried-*")}


def test_search_remembers_what_it_refused(tmp_path: Path) -> None:
    """A second search in the same work folder comes to the same table without trying."""
    source = made.unprovable(tmp_path / "m.onnx")
    source.write_bytes(adopt(source, Options()).ways[FOLDED])
    proof = proof_set(
        collect(GoodImages([good_part(k) for k in range(12)]), (made.SIDE, made.SIDE), quiet)
    )
    tables, tried = [], []
    for _ in range(2):
        work = Work(tmp_path / "work", "same")
        with Int8Search(source, Trial(proof), work=work) as search:
            tried.append(written(work))
            with pytest.raises(NotProven, match="no INT8 form") as refused:
                search.find(quiet)
        tables.append(str(refused.value))
        tried.append(written(work))
        work.close()
    assert tables[0] == tables[1]
    nothing, first, again, second = tried
    assert nothing == {}
    assert first
    assert again == second == first, "nothing was tried anew, and nothing written anew"
