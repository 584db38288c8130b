"""Every form that is wanted, proven or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BudgetSpent, NotProven
from gonogo.build.agreement import Agreement
from gonogo.build.as_it_is import take_as_it_is
from gonogo.build.budget import Budget
from gonogo.build.exports.adopt import FOLDED, adopt
from gonogo.build.exports.options import Options
from gonogo.build.forms import CPU, QUANTIZED
from gonogo.build.int8 import Int8, Trial
from gonogo.build.proof import ProofSet, Prover, score_all
from gonogo.build.proving import Forms, Proving, prove_forms
from gonogo.build.work import Work
from gonogo.tests.build.exports import made
from gonogo.tests.build.parts import bad_part, good_part, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROVEN = Int8(b"model", (), 1, {"onnxruntime": Agreement(1.0, 0.0, 0.0)})


@pytest.fixture(params=[made.unprovable])
def job(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Proving]:
    """A model whose score turns round and round, and no form can be proven; or another one."""
    source: Path = request.param(tmp_path / "m.onnx")
    source.write_bytes(adopt(source, Options()).ways[FOLDED])
    good, bad = ([make(k, made.SIDE) for k in range(12)] for make in (good_part, bad_part))
    work = Work(tmp_path / "work", "")
    yield Proving(source, Trial(ProofSet(good, good, bad)), work, quiet)
    work.close()


def test_prove_forms_says_of_each_why_it_is_left_out(job: Proving) -> None:
    """With the table of its own; and as a note in one line."""
    found = prove_forms(job, QUANTIZED, Budget())
    assert not found.proofs
    assert list(found.unproven) == ["cpu", "tensorrt"]
    for name, why in found.unproven.items():
        assert f"({name})" in why
        assert "0 of 1 in float" in why
    assert all("\n" not in note for note in found.notes)


@pytest.mark.parametrize("job", [made.planted], indirect=True)
def test_prove_forms_without_time_says_so(job: Proving) -> None:
    """Each form has tried one set; the number is that of a budget."""
    found = prove_forms(job, QUANTIZED, Budget(1e-9))
    assert found.unfinished
    with pytest.raises(BudgetSpent, match=r"GN313(?s:.*)--budget"):
        found.check((), ())


def test_take_as_it_is_holds_the_model_against_itself(job: Proving) -> None:
    """In the reference nothing is lost; other backends agree or are left out."""
    proof = job.trial.proof
    prover = Prover(proof, score_all(job.source, "onnxruntime", proof))
    taken = take_as_it_is(job.source, CPU, prover, 3)
    assert taken.model == job.source.read_bytes()
    assert taken.agreement["onnxruntime"].rank == pytest.approx(1)
    assert (taken.floats, taken.convolutions) == ((), 3)


@pytest.mark.parametrize(
    ("proofs", "required", "message"),
    [
        ({}, (), r"why not\nwhy neither\nnote: remember"),
        ({"cpu": PROVEN}, ("tensorrt",), r"--require tensorrt: proven is cpu\. why neither\nnote"),
    ],
)
def test_forms_refuse_where_nothing_is_proven_or_not_what_is_required(
    proofs: dict[str, Int8], required: tuple[str, ...], message: str
) -> None:
    """With every reason, once, and the notes."""
    found = Forms(proofs, {"cpu": "why not", "tensorrt": "why neither"}, ())  # type: ignore[arg-type]
    with pytest.raises(NotProven, match=message):
        found.check(required, ("remember",))  # type: ignore[arg-type]


def test_forms_are_content_with_one_that_is_proven() -> None:
    """Nothing is required unless it is said."""
    found = Forms({"cpu": PROVEN}, {"tensorrt": "why"}, ())
    found.check((), ())
    with pytest.raises(NotProven):
        found.check(("tensorrt",), ())
