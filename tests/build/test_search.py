"""The search of one form: what it tries, what it takes, when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest

from gonogo.base.errors import BudgetSpent
from gonogo.build.agreement import DEFAULT
from gonogo.build.attempt import Attempt, Attempts
from gonogo.build.budget import Budget
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.forms import CPU, TENSORRT
from gonogo.build.fp32 import score_fp32
from gonogo.build.int8 import Int8Search, Trial
from gonogo.build.proof import ProofSet
from gonogo.build.search import SLOW_TRIED, FormSearch
from gonogo.build.work import Work
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import quiet

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.forms import Form


def _lit(low: int, high: int) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(low)
    shape = (made.SIDE, made.SIDE, 3)
    return [
        np.clip(rng.normal(level, 4, shape), 0, 255).astype(np.uint8)
        for level in np.linspace(low, high, 20)
    ]


PROOF = ProofSet(_lit(60, 100), _lit(55, 110), _lit(90, 180))  # of more and more light


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of which one convolution in the middle loses everything in INT8."""
    path = made.planted(tmp_path_factory.mktemp("planted") / "m.onnx")
    path.write_bytes(adopt(path, Options()).ways[FOLDED])
    return path


@pytest.mark.parametrize("form", [CPU, TENSORRT], ids=lambda form: form.name)
def test_search_leaves_the_one_convolution_in_float_that_breaks_the_ranking(
    planted: Path, form: Form
) -> None:
    """By what a pass for each has told, and tells of each step."""
    stages: list[tuple[str, int, int]] = []
    with Int8Search(planted, Trial(PROOF)) as search:
        found = search.find(lambda *told: stages.append(told), form)
    # the form for CPUs leaves more in float where that is faster
    assert "/broken" in found.floats
    assert form is CPU or found.floats == ("/broken",)
    # nothing, the last one, the last two, the first one, and then this one
    sizes = [line[:6] for line in found.tried]
    assert sizes[:4] == ["0 of 5", "1 of 5", "2 of 5", "1 of 5"]
    assert "1 of 5" in sizes[4:6]
    assert found.convolutions == 5
    proving = [(what, done, total) for what, done, total in stages if what.startswith("proving: ")]
    assert any("how much /broken matters" in what for what, _, _ in proving)
    assert [done for _, done, _ in proving] == list(range(len(proving)))
    assert all(done < total for _, done, total in proving[:-1])
    assert proving[-1][1] == proving[-1][2]


class Clock:
    """Each look at it is a minute later."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """The next minute."""
        self.now_s += 60
        return self.now_s


def test_search_without_time_says_what_it_tried(planted: Path) -> None:
    """One set at least, and that more time would try more."""
    with (
        Int8Search(planted, Trial(PROOF)) as search,
        pytest.raises(BudgetSpent, match=r"GN313: .*--budget(?s:.*)0 of 5 in float") as refused,
    ):
        search.find(quiet, CPU, Budget(1, Clock()))
    assert "1 of 5 in float" not in str(refused.value)


def test_search_takes_the_best_so_far_when_its_time_is_over(tmp_path: Path) -> None:
    """Proven, and with the remark that there was more to try."""
    path = made.efficient_ad(tmp_path / "m.onnx")
    path.write_bytes(adopt(path, Options()).ways[FOLDED])
    with Int8Search(path, Trial(PROOF)) as search:
        whole = search.find(quiet, TENSORRT)
        cut = search.find(quiet, TENSORRT, Budget(1, Clock()))
    assert cut.agreement["onnxruntime"].ok
    assert cut.tried == whole.tried[:1]
    assert cut.remark == "" or "--budget" in cut.remark


class Slow(Attempts):
    """Every file of a form that runs here is plainly slower than FP32."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 - as Attempts takes them
        """And notes what was to be proven whole."""
        super().__init__(*given)
        self.asked: list[bool] = []

    def prove(self, model: Path, form: Form, *, whole: bool = False) -> Attempt:
        """As it is, but for the speed."""
        self.asked.append(whole)
        found = super().prove(model, TENSORRT if form is CPU else form, whole=whole)
        return found if whole else found._replace(whole=False)


class Doubtful(Slow):
    """What a few frames speak for is refused by all of them, the first times."""

    def prove(self, model: Path, form: Form, *, whole: bool = False) -> Attempt:
        """As it is, but for the proof by all frames."""
        found = super().prove(model, form, whole=whole)
        if self.asked.count(True) > SLOW_TRIED:
            return found
        refused = found.agreement["onnxruntime"]._replace(rank=0.5)
        return found._replace(agreement={"onnxruntime": refused}) if whole else found


def test_search_goes_on_where_slow_sets_do_not_agree_after_all(planted: Path) -> None:
    """They were taken for several that agree."""
    work = Work(planted.parent / "doubtful", "")
    attempts = Doubtful(planted, PROOF, score_fp32(planted, PROOF, work, quiet), DEFAULT)
    convs = [node.name for node in onnx.load(planted).graph.node if node.op_type == "Conv"]
    search = FormSearch(CPU, convs, lambda _: planted, attempts, work)
    best = search.run(quiet, Budget())
    attempts.close()
    assert best is not None
    assert sum(not one.agrees for one in search.tried) == SLOW_TRIED


def test_search_proves_slow_sets_only_for_want_of_a_faster_one(tmp_path: Path) -> None:
    """Put off while there may be a better one, and proven by all frames before one is taken."""
    model = made.efficient_ad(tmp_path / "m.onnx")
    model.write_bytes(adopt(model, Options()).ways[FOLDED])
    work = Work(tmp_path / "work", "")
    attempts = Slow(model, PROOF, score_fp32(model, PROOF, work, quiet), DEFAULT)
    convs = [node.name for node in onnx.load(model).graph.node if node.op_type == "Conv"]

    def make(_floats: frozenset[str]) -> Path:
        return model

    search = FormSearch(CPU, convs, make, attempts, work)
    best = search.run(quiet, Budget())
    attempts.close()
    assert best is not None
    assert best.whole
    put_off = attempts.asked.count(False)
    assert attempts.asked == [False] * put_off + [True] * put_off
    assert all(one.whole for one in search.tried)
