"""A proven engine into a bundle: thresholds, self-test, proof, histogram, embeddings, card."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from gonogo.build import histogram
from gonogo.build.agreement import LIMIT_SHIFT_MAX, MAP_MIN
from gonogo.build.exports.reading import digest_of
from gonogo.build.forms import QUANTIZED
from gonogo.build.fp32 import INSIST
from gonogo.build.judging import Judge
from gonogo.build.memory import needed_mb
from gonogo.build.patches.choosing import MadePatches, make_patches
from gonogo.build.patches.learn import Pictures
from gonogo.build.review.odd import oddest, remark, write_odd
from gonogo.build.thresholds import propose
from gonogo.engines.bundles.manifest import BackendFacts, shortened
from gonogo.engines.bundles.write import Contents, write_bundle
from gonogo.engines.card import Card, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.engine import Engine
    from gonogo.build.forms import Form, Use
    from gonogo.build.goodparts import Progress
    from gonogo.build.int8 import Int8
    from gonogo.build.judging import Judged
    from gonogo.build.label import Label
    from gonogo.build.review.odd import Odd
    from gonogo.build.thresholds import Thresholds
    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import BackendName, Manifest

SELF_TESTS = 2  # good parts, and as many bad or defaced ones
_SMALL = 0.01  # of the highest: lower scores are too near to 0 for a relative tolerance
_TITLE_MAX = 80


class Scored(NamedTuple):
    """Scores of good and bad parts in one backend, and the limits that follow from them."""

    good: NDArray[np.float64]
    bad: NDArray[np.float64]
    thresholds: Thresholds


class Packed(NamedTuple):
    """A written bundle and what it says, by backend; TensorRT's is as ONNX Runtime computes it.

    The first backend is that of the engine's own form. `odd`: the good parts to look at, which
    `sheet` shows. `patches`: what came of the patches of good parts.
    """

    manifest: Manifest
    scored: dict[BackendName, Scored]
    odd: list[Odd]
    sheet: Path
    patches: str = ""

    @property
    def main(self) -> Scored:
        """Of the engine's own form: what card and histogram show."""
        return next(iter(self.scored.values()))


class _Step(NamedTuple):
    """One backend of the bundle: its file, and how that is computed here."""

    use: Use
    model: Path
    form: Form

    def judge(self, frames: Sequence[NDArray[np.uint8]]) -> Judged:
        """What the engine says of frames, as its station will hear it."""
        with Judge(self.model, self.use.computed_in, how=self.form.how_in(self.use)) as asked:
            return asked(frames)


def pack(
    engine: Engine, label: Label, out: Path, *, key: PrivateKey | None, progress: Progress
) -> Packed:
    """Score all parts with the engine as it will be used, and write the bundle."""
    steps = _steps(engine)
    said = _judge_parts(engine, steps, progress)
    scored = {name: _scored(engine, one) for name, one in said.items()}
    first = next(iter(steps))
    main = scored[first]
    odd = oddest(main.good, engine.images.names)
    patches = _patches(engine, progress)
    # the same for every backend: a bundle holds one set
    frames = _self_test(engine, main, steps[first])
    facts = {name: _facts(scored[name].thresholds, step, frames) for name, step in steps.items()}
    good, bad, limits = main.good.tolist(), main.bad.tolist(), main.thresholds
    title = f"{label.name} {label.version}"[:_TITLE_MAX]  # as much as the picture has room for
    contents = Contents(
        # the file by which an engine is known in records
        model=engine.main_file,
        role=engine.main.name,
        card=_card(engine, label, main, odd),
        version=label.version,
        backends=facts,
        self_test=[_as_taken(engine, frame) for frame in frames],
        memory_mb=_memory_mb(steps.values()),
        name=label.name,
        further={name: path for name, path in engine.models.items() if name != engine.main.name},
        proof=proof_table(engine),
        histogram=histogram.table(good, bad, limits),
        picture=histogram.picture(good, bad, limits, title),
        embeddings=_embeddings(engine, said[first]),
        patches=patches.bank,
        expires=label.expires,
        note=_note(engine, label),
    )
    manifest = write_bundle(out, contents, created=label.created, key=key)
    sheet = write_odd(out, odd, engine.images.good)
    return Packed(manifest, scored, odd, sheet, patches.said)


def _steps(engine: Engine) -> dict[BackendName, _Step]:
    """By backend, in the order of the forms; without those in which a form is not proven."""
    return {
        use.backend: _Step(use, engine.models[form.name], form)
        for form in QUANTIZED
        if form.name in engine.proofs
        for use in form.uses
        # limits are drawn from scores, and only those that were proven are to be trusted
        if use.computed_in in engine.proofs[form.name].proven
    }


def _judge_parts(
    engine: Engine, steps: Mapping[BackendName, _Step], progress: Progress
) -> dict[BackendName, Judged]:
    """All parts from which limits follow, good ones first, in every backend."""
    parts = [*engine.images.good, *engine.images.proof.bad]  # `_scored` splits them again
    said: dict[BackendName, Judged] = {}
    for done, (name, step) in enumerate(steps.items()):
        progress("scoring all parts", done, len(steps))
        said[name] = step.judge(parts)
    progress("scoring all parts", len(steps), len(steps))
    return said


def _memory_mb(steps: Iterable[_Step]) -> int:
    """The most that any backend takes; where none is here, what computes it here stands for it."""
    every = list(steps)
    here = [step for step in every if step.use.is_here] or every
    with ThreadPoolExecutor(len(here)) as pool:  # each waits for a process of its own
        return max(pool.map(lambda step: needed_mb(step.model, step.use.computed_in), here))


def proof_table(engine: Engine) -> dict[str, object]:
    """How INT8 was proven, as JSON, for a bundle's file of role `proof`."""
    proof, files = engine.images.proof, engine.files
    return {
        "source": engine.wanted.model.name,
        "source_sha256": digest_of(engine.wanted.model),
        "images": {
            "calibrated_on": len(engine.images.calibrate),
            "good": len(proof.good),
            "held_out": files.held_out,
            "made_variants": len(proof.variants),
            "made_defects": len(proof.defaced),
            "bad": len(proof.bad),
        },
        "wanted": {
            "rank_min": engine.wanted.rank_min,
            "quantile_shift_max": LIMIT_SHIFT_MAX,
            "auroc_loss_max": engine.wanted.loss_max,
            "map_agreement_min": MAP_MIN,
        },
        "fp32": engine.judged.table(),
        "came_in_int8": engine.held or None,
        "forms": {
            form.name: _form(form, engine.proofs[form.name])
            for form in QUANTIZED
            if form.name in engine.proofs
        },
        "not_proven": engine.unproven,
        "notes": list(engine.notes),
    }


def _form(form: Form, int8: Int8) -> dict[str, object]:
    return {
        "remark": form.remark,
        "convolutions": int8.convolutions,
        "left_in_float": list(int8.floats),
        "times_as_fast_as_fp32_here": int8.speedup or None,
        "backends": {backend: _finite(one.table()) for backend, one in int8.agreement.items()},
        "tried": list(int8.tried),
    }


def _finite(table: Mapping[str, Any]) -> dict[str, Any]:
    """Without what JSON cannot hold."""
    return {
        k: v if not isinstance(v, float) or math.isfinite(v) else None for k, v in table.items()
    }


def _scored(engine: Engine, said: Judged) -> Scored:
    good, bad = np.split(said.scores, [len(engine.images.good)])
    return Scored(good, bad, propose(good.tolist(), bad.tolist()))


def _facts(limits: Thresholds, step: _Step, self_test: Sequence[NDArray[np.uint8]]) -> BackendFacts:
    return BackendFacts(
        recheck_above=limits.recheck_above,
        reject_above=limits.reject_above,
        self_test_scores=tuple(step.judge(self_test).scores.tolist()),
        tolerance=step.use.tolerance,
    )


def _self_test(engine: Engine, scored: Scored, main: _Step) -> list[NDArray[np.uint8]]:
    """Good parts with the highest scores, and bad ones from the middle: none too near to 0."""
    images = engine.images
    bad, scores = images.proof.bad, scored.bad
    if not bad:
        # defects that were made, where nobody has brought bad parts
        bad = images.proof.defaced
        scores = main.judge(bad).scores
    good_order = np.argsort(-scored.good)
    # the extremes may be at the end of the scale, where all backends agree
    bad_order = np.argsort(np.abs(scores - np.median(scores)))
    chosen = [(scored.good[k], images.good[k]) for k in good_order[:SELF_TESTS]]
    chosen += [(scores[k], bad[k]) for k in bad_order[:SELF_TESTS]]
    # the tolerance is a share of each score
    highest = max(abs(score) for score, _ in chosen)
    return [frame for score, frame in chosen if abs(score) >= _SMALL * highest]


def _as_taken(engine: Engine, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As the model takes it: a grey model is given grey."""
    if engine.contract.image.shape[1] != 1:
        return frame
    # the bundle's contract says so: frames of the model's own channels
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)


def _embeddings(engine: Engine, said: Judged) -> NDArray[np.float32] | None:
    rows = said.embeddings[: len(engine.images.good)]
    # one number that is none would spoil each distance to them
    return rows if rows.size and np.isfinite(rows).all() else None


def _patches(engine: Engine, progress: Progress) -> MadePatches:
    """Of the file by which records name the engine: features of another one are not its own."""
    if not engine.wanted.patches:
        return MadePatches(None, "no patches of good parts: --no-patches")
    images = engine.images
    return make_patches(engine.main_file, Pictures(images.good, images.names), progress)


def _card(engine: Engine, label: Label, main: Scored, odd: Sequence[Odd]) -> Card:
    limits = main.thresholds
    looked = remark(odd, kept=engine.wanted.folders.keep_all)
    remarks: Sequence[str] = (limits.how, limits.promise, looked, *engine.notes)
    model = engine.wanted.model
    return Card(
        name=label.name,
        sha256=sha256_of(engine.main_file),
        method="build",
        source=f"{model.name} sha256 {digest_of(model)}",
        good_parts=len(main.good),
        reject_above=limits.reject_above,
        recheck_above=limits.recheck_above,
        good_scores=tuple(np.sort(main.good).tolist()),
        note="; ".join(remarks),
        # the card is read for the engine's own form
        proven=_proven(engine),
    )


def _proven(engine: Engine) -> tuple[str, ...]:
    """Backends in which the engine's own form was proven, as the station calls them."""
    form, proven = engine.main, engine.proofs[engine.main.name].proven
    return tuple(use.backend for use in form.uses if use.computed_in in proven)


def _note(engine: Engine, label: Label) -> str:
    """The label's, and what somebody insisted on: whoever installs it is to read that."""
    insisted = [one.text for one in engine.judged.findings]
    if not insisted:
        return label.note
    weak = f"weak, {INSIST}: {'; '.join(insisted)}"
    return shortened("; ".join(part for part in (label.note, weak) if part))
