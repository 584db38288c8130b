"""Every form that is wanted, proven or left out: one that is proven is never thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import onnx

from gonogo.base.errors import BudgetSpent, ModelError, NotProven
from gonogo.build.as_it_is import take_as_it_is
from gonogo.build.exports.quantized import quantized
from gonogo.build.fp32 import score_fp32
from gonogo.build.int8 import Int8Search
from gonogo.build.listed import listed
from gonogo.build.proof import Prover
from gonogo.build.search import PROVING
from gonogo.build.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.build.budget import Budget
    from gonogo.build.exports.quantized import Quantized
    from gonogo.build.forms import Form
    from gonogo.build.goodparts import Progress
    from gonogo.build.int8 import Int8, Trial
    from gonogo.build.work import Work
    from gonogo.engines.bundles.manifest import Role


class Proving(NamedTuple):
    """What is proven, and on what."""

    source: Path
    trial: Trial
    work: Work
    progress: Progress


class Forms(NamedTuple):
    """Proven forms in the order of the table, and of the others why not.

    `held`: how a model that came in INT8 is quantized, empty of one in FP32. `unfinished`: for
    want of time one of them is not proven.
    """

    proofs: dict[Role, Int8]
    unproven: dict[Role, str]
    notes: tuple[str, ...]
    held: str = ""
    unfinished: bool = False

    def check(self, required: Sequence[Role], notes: Sequence[str]) -> None:
        """NotProven where there is no form, or not one that is required; with the notes.

        BudgetSpent where more time might have found one.
        """
        missing = [name for name in required if name not in self.proofs]
        if self.proofs and not missing:
            return
        remarks = "".join(f"\nnote: {note}" for note in notes)
        reasons = [self.unproven[name] for name in (missing or self.unproven)]
        have = listed(list(self.proofs))
        wanted = f"--require {','.join(required)}: proven is {have}. " if missing else ""
        text = wanted + "\n".join(dict.fromkeys(reasons))
        refusal = BudgetSpent if self.unfinished else NotProven
        raise refusal(f"{text}{remarks}")


def prove_forms(job: Proving, forms: Sequence[Form], budget: Budget) -> Forms:
    """Each of `forms`; of a model that is in INT8 already those that it can serve."""
    held = quantized(onnx.load(str(job.source)))
    if held is not None:
        return _as_it_is(job, forms, held)
    found = Forms({}, {}, ())
    unfinished = False
    tally = Tally(job.progress, len(forms))
    with Int8Search(job.source, job.trial, work=job.work, progress=job.progress) as search:
        for place, form in enumerate(forms):
            tally.next()
            try:
                # what one form leaves of its time is for the next
                proof = search.find(tally, form, budget.share(len(forms) - place))
            except NotProven as error:
                found.unproven[form.name] = str(error.args[0])
                unfinished = unfinished or isinstance(error, BudgetSpent)
            else:
                found.proofs[form.name] = proof
    return found._replace(notes=_notes(found), unfinished=unfinished)


def _as_it_is(job: Proving, forms: Sequence[Form], held: Quantized) -> Forms:
    found = Forms({}, {}, ())
    scores = score_fp32(job.source, job.trial.proof, job.work, job.progress)
    prover = Prover(job.trial.proof, scores, job.trial.bounds)
    for done, form in enumerate(forms):
        job.progress(f"{PROVING}: {form.name} form, as it came", done, len(forms))
        if form.name not in held.forms:
            found.unproven[form.name] = (
                f"the model is in INT8 already ({held}), which the {form.name} form cannot take "
                "as it is: give the FP32 model"
            )
            continue
        try:
            found.proofs[form.name] = take_as_it_is(job.source, form, prover, held.of)
        except ModelError as error:
            found.unproven[form.name] = str(error.args[0])
    job.progress(f"{PROVING}: done", len(forms), len(forms))
    note = (
        f"the model came in INT8 ({held}) and is taken as it is: what that quantization has cost "
        "is not known, for there is no FP32 model to hold it against"
    )
    return found._replace(notes=(note, *_notes(found)), held=str(held))


def _notes(found: Forms) -> tuple[str, ...]:
    left_out = [
        f"the {name} form is not in the bundle: {why.splitlines()[0]} (--require {name} would "
        "refuse instead)"
        for name, why in found.unproven.items()
    ]
    return (*left_out, *(proof.remark for proof in found.proofs.values() if proof.remark))
