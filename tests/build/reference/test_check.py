"""A model whose scores are not those of its training tool is refused at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from gonogo.base.errors import ModelError, ReferenceDiffers, ReferenceUnusable
from gonogo.build.engine import Wanted, make_engine
from gonogo.build.exports.options import Options
from gonogo.build.images import Files, Folders
from gonogo.build.reference.check import Asked, Reference, _best, check_reference
from gonogo.build.reference.likeness import SPEARMAN_MIN, Likeness
from gonogo.build.reference.trial import Tried, Way
from gonogo.build.reference.ways import Geometry, Pixels
from gonogo.build.work import Work
from gonogo.engines.backends.fit import Fit
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.reference.exported import (
    Pictures,
    cropped,
    pictures,
    plain_export,
    scores,
    table,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RIGHT = Options(pixels="0..1", fit="centre-crop")


class Bench(NamedTuple):
    """An export, its pictures, and what its tool said of them."""

    model: Path
    shown: Pictures
    said: list[float]

    def check(self, options: Options, values: list[float], column: str = "score") -> str:
        """What is said, with this table."""
        path = table(self.model.with_name("scores.csv"), self.shown.paths, values, column)
        asked = Asked(self.model, options, Reference(path), (self.shown.good, self.shown.bad))
        return " ".join(check_reference(asked, quiet))


def _tool(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(cropped(picture)[..., ::-1] / 255)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Trained on centre crops in 0..1."""
    folder = tmp_path_factory.mktemp("reference")
    model, shown = plain_export(folder / "m.onnx"), pictures(folder / "parts")
    return Bench(model, shown, scores(model, shown.paths, _tool))


def test_check_says_that_scores_are_the_tools_own(bench: Bench) -> None:
    """With the figures, and of how many pictures."""
    said = bench.check(RIGHT, bench.said)
    assert "equal the training tool's own: Spearman 0.99" in said or "Spearman 1.000" in said
    assert "of 24 pictures" in said


def test_check_refuses_and_says_what_would_agree(bench: Bench) -> None:
    """Squeezed instead: the table of the nearest ways, and the options to type."""
    with pytest.raises(ReferenceDiffers) as refused:
        bench.check(Options(pixels="0..1"), bench.said)
    said = str(refused.value)
    assert "\n--fit centre-crop --input 0..1 agrees: Spearman" in said
    assert said.count("\n  --fit") == 10


def test_check_finds_out_what_it_would_have_to_ask(bench: Bench) -> None:
    """Nothing tells the range of pixels: with scores of the tool nobody is asked."""
    with pytest.raises(
        ReferenceDiffers, match=r"range of its pixels\n--fit centre-crop --input 0..1"
    ):
        bench.check(Options(fit="centre-crop"), bench.said)


def test_check_asks_for_all_else_as_without_it(bench: Bench) -> None:
    """An output that is not there is no matter of pixels."""
    with pytest.raises(ModelError, match=r"GN300: --score nothing"):
        bench.check(Options(score="nothing"), bench.said)


def test_check_takes_a_table_of_good_ones(bench: Bench) -> None:
    """p(good) of the tool is 1 - our score, told by its name or seen from its values."""
    turned = [1 - value for value in bench.said]
    assert "holds p(good)" in bench.check(RIGHT, turned)
    assert "holds p(good)" in bench.check(RIGHT, turned, "p(good)")


def test_check_says_of_scores_the_other_way_what_turns_them(bench: Bench) -> None:
    """In no unit of ours: somebody has to say which side is right."""
    with pytest.raises(ReferenceDiffers, match=r"run the other way.*--higher-is good"):
        bench.check(RIGHT, [-5 * value for value in bench.said])


def test_check_takes_another_unit_when_nothing_comes_nearer(bench: Bench) -> None:
    """The same ranks, and said so."""
    said = bench.check(RIGHT, [40 * value + 3 for value in bench.said])
    assert "rank nearly as the training tool's own" in said


def test_check_refuses_scores_of_something_else(bench: Bench) -> None:
    """No way agrees: then the table is of another model, and nothing is recommended."""
    chance = np.random.default_rng(8).random(len(bench.said)).tolist()
    with pytest.raises(ReferenceDiffers, match=r"None of the ways that were tried agrees"):
        bench.check(RIGHT, chance)


def test_check_refuses_scores_that_are_no_numbers(bench: Bench, tmp_path: Path) -> None:
    """Of a model that computes none: it cannot be like anything."""
    model = onnx.load(str(bench.model))
    model.graph.initializer.append(numpy_helper.from_array(np.float32(np.nan), "none"))
    model.graph.node[-1].output[0] = "whole"
    model.graph.node.append(helper.make_node("Mul", ["whole", "none"], ["output"]))
    path = tmp_path / "nan.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ReferenceDiffers, match=r"Spearman 0\.000"):
        bench._replace(model=path).check(RIGHT, bench.said)


def test_reference_images_have_their_table_in_them(bench: Bench, tmp_path: Path) -> None:
    """The pictures that the scores are of are none of the build; two tables are one too many."""
    asked = Asked(bench.model, RIGHT, Reference(images=bench.shown.good.parent), (tmp_path / "x",))
    table(bench.shown.good.parent / "mine.csv", bench.shown.paths, bench.said)
    assert "of 24 pictures" in " ".join(check_reference(asked, quiet))
    (bench.shown.good.parent / "other.csv").write_text("a,1\n", encoding="utf-8")
    with pytest.raises(ReferenceUnusable, match="2 tables there"):
        check_reference(asked, quiet)
    nowhere = asked._replace(reference=Reference(images=bench.shown.good))
    with pytest.raises(ReferenceUnusable, match=r"no table of scores in it, expected scores\.csv"):
        check_reference(nowhere, quiet)


def test_make_engine_asks_before_anything_is_calibrated(bench: Bench, tmp_path: Path) -> None:
    """Nothing but the answer is computed; one that agreed is kept for the build that goes on."""
    path = table(tmp_path / "s.csv", bench.shown.paths, bench.said)
    folders = Folders(bench.shown.good, (bench.shown.bad,))
    wanted = Wanted(bench.model, folders, Options(pixels="0..1"), reference=Reference(path))
    none = Files([], [], [], held_out=False, digests={})
    work = Work(tmp_path / "work", "one")
    with pytest.raises(ReferenceDiffers):
        make_engine(wanted, none, work, quiet)
    assert sorted(each.name for each in work.folder.iterdir()) == ["digest", "lock"]
    work.close()


def test_check_passes_what_would_be_recommended(bench: Bench) -> None:
    """One picture far off, of many: the way that is taken is the nearest one, so it passes."""
    off = [*bench.said]
    off[5] += 0.06 * (max(off) - min(off))
    assert "of 24 pictures" in bench.check(RIGHT, off)


def test_check_passes_an_exact_resize(bench: Bench) -> None:
    """The reference itself: not a rank is changed."""
    said = bench.check(RIGHT._replace(filter="exact"), bench.said)
    assert "equal the training tool's own: Spearman 1.000" in said


def test_check_recommends_what_is_quick_where_that_agrees() -> None:
    """An exact resize is nearer always, and named only where nothing else will do."""
    quick = Way(Geometry(Fit(), (8, 8), (8, 8)), Pixels("0..1"))
    exact = quick._replace(geometry=quick.geometry.exactly)
    near, nearly, far = (
        Likeness(rank, 0.01, 0.001, 0.001) for rank in (1.0, 0.995, SPEARMAN_MIN - 0.01)
    )
    assert _best([Tried(exact, near), Tried(quick, nearly)]).way == quick
    assert _best([Tried(exact, near), Tried(quick, far)]).way == exact
