"""A release in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.listed import listed
from gonogo.commands.show.bundles import signed
from gonogo.engines.bundles.manifest import MB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.build.release.manifest import Facts, Manifest
    from gonogo.build.release.read import Release
    from gonogo.engines.bundles.keys import PublicKey


def built(file: Path, manifest: Manifest, signer: PublicKey | None) -> Iterator[str]:
    """What was made, and what of it wants a look."""
    facts = manifest.facts
    yield f"{file}: {_name(facts)}, {file.stat().st_size / MB:.1f} MB, {signed(signer)}"
    yield f"  {len(facts.distributions)} distributions; {_compiled(facts)}"
    if facts.without_licence:
        yield f"  without a licence text in their wheels: {listed(facts.without_licence)}"


def verified(release: Release, *, trusted: bool) -> str:
    """That it is whole, and whose it is."""
    whose = signed(release.signer)
    if release.signer is not None and not trusted:
        whose += " (say --trust KEY.pub to check whose it is)"
    return f"{release.path}: whole, {_name(release.manifest.facts)}, {whose}"


def describe(release: Release) -> Iterator[str]:
    """The manifest, and every distribution with its licence."""
    manifest, facts = release.manifest, release.manifest.facts
    yield _name(facts)
    yield f"  {signed(release.signer)}"
    ends = f"; expires {facts.expires:%Y-%m-%d %H:%M} UTC" if facts.expires else ""
    yield f"  commit {facts.source.commit} of {facts.source.time:%Y-%m-%d %H:%M} UTC{ends}"
    box = facts.box
    yield f"  for Python {box.python}, {box.machine}, glibc {box.glibc}; {_compiled(facts)}"
    yield f"  image {manifest.image.length / MB:.1f} MB, sha256 {manifest.image.sha256}"
    yield f"  locked by {facts.lock.name}, sha256 {facts.lock.sha256}"
    for each in facts.distributions:
        texts = "" if each.texts else "  NO LICENCE TEXT"
        yield f"  {each.name:<34} {each.version:<16} {each.licence or 'licence not said'}{texts}"


def _name(facts: Facts) -> str:
    dirty = ", NOT OF A CLEAN CHECKOUT" if facts.source.dirty else ""
    return f"{facts.name} {facts.version} for {facts.box.target}{dirty}"


def _compiled(facts: Facts) -> str:
    made = facts.bytecode
    if made.python is None:
        return f"NOT COMPILED: {made.note}"
    note = f" ({made.note})" if made.note else ""
    return f"{made.files} files compiled by Python {made.python}{note}"
