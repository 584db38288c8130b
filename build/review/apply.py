"""Limits of a review into the engine: the card of a model file, or a bundle made anew."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ReviewError
from gonogo.build import histogram
from gonogo.build.proof import REFERENCE
from gonogo.engines.bundles.manifest import BackendFacts
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.write import Contents, write_bundle
from gonogo.engines.card import read_card, write_card

if TYPE_CHECKING:
    from gonogo.build.label import Label
    from gonogo.build.review.labelled import Review
    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import Manifest, Role
    from gonogo.engines.card import Card

_MODELS: tuple[Role, ...] = ("cpu", "tensorrt", "hailo")
_BEFORE = "before the review: "


def into_card(model: Path, found: Review) -> Card:
    """Write the limits into the card beside a model file, with its digest."""
    card = _reviewed(read_card(model), found)
    write_card(model, card)
    return card


def into_bundle(
    bundle: Path, found: Review, label: Label, out: Path, key: PrivateKey | None
) -> Manifest:
    """Write `bundle` anew with the limits: the same models, self-test and proof; ReviewError.

    A bundle that was signed is not written without a key: limits are part of what was signed.
    """
    with Bundle(bundle, INSPECTION) as old, tempfile.TemporaryDirectory() as scratch:
        if old.signer is not None and key is None:
            raise ReviewError(
                f"{bundle} is signed, and so are its limits: expected --key with the private key "
                "file that signs the new one"
            )
        contents = _contents(old, found, label, Path(scratch))
        return write_bundle(out, contents, created=label.created, key=key)


def _contents(old: Bundle, found: Review, label: Label, scratch: Path) -> Contents:
    manifest = old.manifest
    held = {entry.role for entry in manifest.files}
    further = {
        role: _out(old, role, scratch)
        for role in _MODELS
        if role in held and role != manifest.model.role
    }
    good, bad, limits = found.good.tolist(), found.bad.tolist(), found.thresholds
    return Contents(
        model=_out(old, manifest.model.role, scratch),
        role=manifest.model.role,
        takes=manifest.input,
        card=_reviewed(old.card, found),
        version=label.version,
        backends={name: _facts(name, facts, found) for name, facts in manifest.backends.items()},
        self_test=list(old.self_test_frames()),
        memory_mb=manifest.memory_mb,
        name=label.name,
        further=further,
        proof=_proof(old, found) if "proof" in held else None,
        # the scores that these limits follow from, not those of the first day
        histogram=histogram.table(good, bad, limits),
        picture=histogram.picture(good, bad, limits, f"{label.name} {label.version}"),
        embeddings=old.embeddings() if "embeddings" in held else None,
        expires=label.expires or manifest.expires,
        note=label.note or manifest.note,
    )


def _reviewed(card: Card, found: Review) -> Card:
    limits = found.limits[REFERENCE]
    # that of an earlier review goes: nothing of it holds any more
    first = card.note.split(_BEFORE)[-1]
    note = f"{found.thresholds.how}; {_BEFORE}{first or 'nothing was noted'}"
    return card.model_copy(
        update={
            "reject_above": limits.reject_above,
            "recheck_above": limits.recheck_above,
            "note": note,
        }
    )


def _facts(name: str, facts: BackendFacts, found: Review) -> BackendFacts:
    """With new limits, where its scores could be had here."""
    limits = found.limits.get(name)
    if limits is None:
        return facts
    return BackendFacts(
        recheck_above=limits.recheck_above,
        reject_above=limits.reject_above,
        self_test_scores=facts.self_test_scores,
        tolerance=facts.tolerance,
    )


def _proof(old: Bundle, found: Review) -> dict[str, Any]:
    proof: dict[str, Any] = old.document("proof")
    return {
        **proof,
        "review": {
            "good": len(found.good),
            "bad": len(found.bad),
            "odd": len(found.odd),
            "how": found.thresholds.how,
            "warnings": found.warnings,
        },
    }


def _out(old: Bundle, role: Role, scratch: Path) -> Path:
    """A file of the bundle, checked as it is read, where it can be packed from."""
    path = scratch / role
    path.write_bytes(old.section(role))
    return path
