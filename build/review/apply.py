"""Limits of a review into the engine: the card of a model file, or a bundle made anew."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import BundleError, GonogoError, ReviewError
from gonogo.build import histogram
from gonogo.build.proof import REFERENCE
from gonogo.build.review.labelled import Review
from gonogo.engines.bundles.manifest import FILE_OF, BackendFacts
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.write import Contents, write_bundle
from gonogo.engines.card import read_card, write_card

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.label import Label
    from gonogo.build.review.proposal import Proposal
    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import Manifest, Role
    from gonogo.engines.card import Card

_MODELS: tuple[Role, ...] = ("cpu", "tensorrt", "hailo")
_BEFORE = "before the review: "


def into_card(model: Path, found: Review) -> Card:
    """Write the limits into the card beside a model file, with its digest."""
    card = _reviewed(read_card(model), found, found.limits[REFERENCE])
    write_card(model, card)
    return card


def into_bundle(
    bundle: Path, found: Review, label: Label, out: Path, key: PrivateKey | None
) -> Manifest:
    """Write `bundle` anew with the limits: the same models, self-test and proof; BundleError.

    Without a key nobody has signed it, whoever signed the old one.
    """
    try:
        with Bundle(bundle, INSPECTION) as old, tempfile.TemporaryDirectory() as scratch:
            contents = _contents(old, found, label, Path(scratch))
            return write_bundle(out, contents, created=label.created, key=key)
    except GonogoError:  # before OSError: some of ours are that, too
        raise
    except OSError as error:  # of the scratch folder: the bundle's own have been told
        raise BundleError(
            f"{out}: not made: {error.filename or tempfile.gettempdir()}: {error.strerror}; "
            "expected room there for the files of the bundle"
        ) from error


def expect_key(bundle: Path, key: PrivateKey | None) -> None:
    """ReviewError for a bundle that was signed, where nothing signs the new one."""
    with Bundle(bundle, INSPECTION) as old:
        if old.signer is not None and key is None:
            raise ReviewError(
                f"{bundle} is signed, and so are its limits: expected --key with the private key "
                "file that signs the new one"
            )


def of_proposal(proposal: Proposal, backends: Iterable[str]) -> Review:
    """A review of parts that passed a station, as one of those backends whose scores they are."""
    limits, seen = proposal.limits, proposal.labelled
    expected = proposal.expected._replace(
        recheck_above=limits.recheck_above, reject_above=limits.reject_above
    )
    return Review(dict.fromkeys(backends, limits), expected, seen.taken_as_good, seen.bad, [], [])


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
        card=_card(old, found),
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
        patches=old.patches() if "patches" in held else None,
        expires=label.expires or manifest.expires,
        note=label.note or manifest.note,
    )


def _card(old: Bundle, found: Review) -> Card:
    """It has the limits of the file that it describes: as it was, where those are not new."""
    role = old.manifest.model.role
    its = [
        found.limits[name]
        for name in (REFERENCE, *old.manifest.backends)
        if name in found.limits and FILE_OF[name] == role
    ]
    return _reviewed(old.card, found, its[0]) if its else old.card


def _reviewed(card: Card, found: Review, limits: ScoreLimits) -> Card:
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
