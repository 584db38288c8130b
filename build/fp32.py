"""Whether the FP32 model is worth quantizing: judged before anything is calibrated.

A model that INT8 agrees with perfectly may still be of no use: it ranks parts by chance, the
wrong way round, or says the same of all of them. What is found is refused, with the options that
mend it; what is only weak may be insisted on (`--accept-weak`), and is then written down.

    not a number, another score each time, the same score for all   never taken
    weak, the wrong way round, cut off                              taken where somebody insists
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import Mend, WeakModel
from gonogo.build.judging import Judge
from gonogo.build.proof import REFERENCE, score_all
from gonogo.build.separation import separation
from gonogo.build.trace import chance_nodes, first_that_is_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.agreement import Scores
    from gonogo.build.goodparts import Progress
    from gonogo.build.proof import ProofSet
    from gonogo.build.separation import Separation
    from gonogo.build.work import Work

INSIST = Mend("--accept-weak", "", "take it all the same; card, proof and note say so")
TWICE = 4  # frames that are scored twice
ROUNDING = 1e-6  # of the largest score: as fine as float32 is
STEADY = 1e-3  # of how scores differ: what may change from run to run
TIED_MAX = 0.1  # of good parts and their variants, with the very same score
CUT_MAX = 0.5  # of all frames, at one end of the scale
TOLERANCE = 0.02  # of a self-test's score (gonogo.build.forms)
SELF_TEST_MIN = 1e-7  # far above what a self-test takes for nothing (1e-9, the manifest)
_KINDS = ("good parts", "variants", "made defects", "bad parts")


class Finding(NamedTuple):
    """What is wrong with a model, and what mends it; `insist`: it may be taken all the same."""

    text: str
    mends: tuple[Mend, ...] = ()
    insist: bool = False


class Fp32(NamedTuple):
    """What the FP32 model says, and what is to be said of that.

    `separation` is that of bad parts, or without any (`made`) of made defects.
    """

    scores: Scores
    separation: Separation | None
    made: bool
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        found, kind = self.separation, "made defects" if self.made else "bad parts"
        if found is None:
            return f"its scores say nothing of {kind}"
        return f"{found} of {found.bad} {kind} against {found.good} good parts"

    def table(self) -> dict[str, object]:
        """For the proof of a bundle, as JSON values."""
        found = self.separation
        return {
            "of": "made defects" if self.made else "bad parts",
            "auroc": found and found.auroc,
            "auroc_above_and_below_95": found and [found.low, found.high],
            "accepted_all_the_same": [one.text for one in self.findings],
        }


def score_fp32(source: Path, proof: ProofSet, work: Work, progress: Progress) -> Scores:
    """Scores of the FP32 model on all frames; found once, kept in the work folder."""

    def told(done: int, total: int) -> None:
        progress("scoring in FP32", done, total)

    return work.scores("fp32", lambda: score_all(source, REFERENCE, proof, told=told))


def judge_fp32(source: Path, proof: ProofSet, work: Work, progress: Progress) -> Fp32:
    """Score all frames in FP32, and judge what comes out; nothing is raised here."""
    scores = score_fp32(source, proof, work, progress)
    made = not len(scores.bad)
    for looks in (_not_finite, _unsteady, _constant):
        hard = looks(source, proof, scores)
        # nothing more can be said of such scores
        if hard is not None:
            return Fp32(scores, None, made, (hard,), ())
    found = separation(scores.good, scores.defaced if made else scores.bad)
    weak = (_cut(scores), _weak(found, made=made))
    return Fp32(
        scores,
        found,
        made,
        tuple(one for one in weak if one is not None),
        (*_cut_note(scores), *_flat_note(scores), *_made_note(found, made=made)),
    )


def _not_finite(source: Path, proof: ProofSet, scores: Scores) -> Finding | None:
    wrong, what = ~np.isfinite(scores.all), "the score"
    if not wrong.any() and scores.maps.size:
        wrong, what = np.asarray(~np.isfinite(scores.maps).all(axis=1)), "the anomaly map"
    if not wrong.any():
        return None
    where = first_that_is_none(source, proof.frames[int(np.argmax(wrong))])
    return Finding(
        f"{what} is NaN or infinite, no number, in {int(wrong.sum())} of {len(wrong)} frames "
        f"({_by_kind(wrong, scores)}). {where}; mend that in the model and export it again, or say "
        "--input if the export expects other pixel values"
    )


def _by_kind(which: NDArray[np.bool_], scores: Scores) -> str:
    kinds = np.split(which, np.cumsum([len(kind) for kind in scores[:3]]))
    return ", ".join(
        f"{int(kind.sum())} of {len(kind)} {name}"
        for name, kind in zip(_KINDS, kinds, strict=True)
        if len(kind)
    )


def _unsteady(source: Path, proof: ProofSet, scores: Scores) -> Finding | None:
    """The same frames again, in another order: dropout, or noise that was left on."""
    places = scores.few(2)[:TWICE]
    frames = [proof.frames[place] for place in places]
    with Judge(source, REFERENCE) as asked:
        first, second = (asked(frames).scores for _ in range(2))
    # also against the first pass: a generator with a seed begins alike in each session
    apart = max(np.abs(second - first).max(), np.abs(first - scores.all[places]).max())
    if apart <= max(ROUNDING * np.abs(scores.all).max(), STEADY * scores.all.std()):
        return None
    nodes = chance_nodes(source)
    named = f": the model draws random numbers in {nodes}" if nodes else ""
    return Finding(
        f"the same frame has another score each time, by up to {apart:.3g}{named}; export the "
        "model for inference: model.eval() before torch.onnx.export, without dropout"
    )


def _constant(_source: Path, _proof: ProofSet, scores: Scores) -> Finding | None:
    values = scores.all
    if np.ptp(values) > ROUNDING * np.abs(values).max():
        return None
    return Finding(
        f"all {len(values)} frames have the score {values[0]:g}, good parts and defects alike: "
        "pixel values or normalisation may be other than those of its training, normalised "
        "twice for one, or the export cuts scores off: export it without normalised scores",
        (
            Mend("--input", "0..1", "pixels are divided by 255"),
            Mend("--input", "0..255", "pixels as they are"),
            Mend("--input", "imagenet", "pixels in 0..1, less mean, by deviation"),
        ),
    )


def _most_common(values: NDArray[np.float64]) -> tuple[float, int]:
    found, counts = np.unique(values, return_counts=True)
    return float(found[counts.argmax()]), int(counts.max())


def _cut(scores: Scores) -> Finding | None:
    """Scores that were cut off, or rounded to a few values: those parts cannot be ranked."""
    harmless = np.concatenate([scores.good, scores.variants])
    for kind, values, share in (
        ("good parts and their variants", harmless, TIED_MAX),
        ("frames", scores.all, CUT_MAX),
    ):
        value, count = _most_common(values)
        # scores are floats: of parts that differ hardly two are the very same
        if count > max(2, share * len(values)):
            return Finding(
                f"{count} of {len(values)} {kind} have the very same score, {value:g}: the export "
                "cuts scores off or rounds them, and no limit can be set among those; export it "
                "without normalised scores, without rounding, and before its last activation",
                (INSIST,),
                insist=True,
            )
    return None


def _cut_note(scores: Scores) -> tuple[str, ...]:
    values = scores.all
    ends = int((values == values.min()).sum()), int((values == values.max()).sum())
    if max(ends) <= max(2, TIED_MAX * len(values)):
        return ()
    note = (
        f"{ends[0]} of {len(values)} scores are exactly {values.min():g} and {ends[1]} exactly "
        f"{values.max():g}: the export cuts scores off; export it without normalised scores"
    )
    return (note,)


def _flat_note(scores: Scores) -> tuple[str, ...]:
    """Scores whose self-test at the station would pass whatever they were."""
    largest, apart = float(np.abs(scores.all).max()), float(np.ptp(scores.all))
    if apart > TOLERANCE * largest and largest > SELF_TEST_MIN:
        return ()
    note = (
        f"all scores lie within {apart:.3g} of each other, at up to {largest:.3g}: less than the "
        "self-test at the station can tell apart; a model whose scores differ by more of their own "
        "size, without an offset, would be tested better there"
    )
    return (note,)


def _weak(found: Separation, *, made: bool) -> Finding | None:
    if not (found.is_chance or found.is_turned):
        return None
    kind = "made defects" if made else "bad parts"
    seen = f"{found} of {found.bad} {kind} against {found.good} good parts"
    if found.is_turned:
        turn = Mend("--higher-is", "good", "turns the score round")
        return Finding(
            f"{seen}: it is the wrong way round, good parts score above bad ones. Say --higher-is "
            "good where its score means that (p(good), a likelihood), leave it out where it was "
            "said; with classes look at --good-class",
            (turn, INSIST),
            insist=True,
        )
    return Finding(f"{seen}: which chance alone may give. {_ADVICE[made]}", (INSIST,), insist=True)


_ADVICE = {
    True: (
        "Defects were drawn into good parts, for there is no --bad; a model for one kind of real "
        "defect may not see those: give bad parts with --bad, check --input and --resize, or train "
        "it longer"
    ),
    False: (
        "Check --input, --resize and --good-class; where AUROC is high and the interval wide, more "
        "bad and good parts tell; else train it longer"
    ),
}


def _made_note(found: Separation, *, made: bool) -> tuple[str, ...]:
    if not made:
        return ()
    note = (
        f"without bad parts the FP32 model was judged on {found.bad} defects drawn into good ones: "
        f"{found}; whether it sees real defects only --bad can tell"
    )
    return (note,)


def accept(fp32: Fp32, notes: Sequence[str], *, insist: bool) -> tuple[str, ...]:
    """What is taken all the same, as notes; WeakModel, with the notes so far, for all else."""
    for one in fp32.findings:
        if not (one.insist and insist):
            remarks = "".join(f"\nnote: {note}" for note in notes)
            text = f"the FP32 model is not worth an engine: {one.text}{remarks}"
            raise WeakModel(text, one.mends)
    return tuple(f"taken all the same ({INSIST}): {one.text}" for one in fp32.findings)
