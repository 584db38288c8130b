"""A bundle and the engines of a box in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.engines.bundles.manifest import MB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.base.errors import BundleError
    from gonogo.engines.bundles.keys import PublicKey
    from gonogo.engines.bundles.manifest import BackendFacts, Manifest
    from gonogo.engines.bundles.read import Bundle
    from gonogo.engines.installed.layout import Installed


def describe(bundle: Bundle) -> Iterator[str]:
    """What a bundle is, what it wants and what it holds."""
    manifest, contract = bundle.manifest, bundle.manifest.input
    # the id as in the records: 16 hex digits
    yield f"{manifest.name} {manifest.version}, engine {manifest.engine_id:016x}"
    yield f"  {_age(manifest)}"
    yield f"  {signed(bundle.signer)}"
    yield (
        f"  wants gonogo {manifest.minimum_runtime} or newer and {manifest.memory_mb} MB of memory"
    )
    yield (
        f"  takes {contract.width_px} x {contract.height_px} px, {contract.channels} planes "
        f"({contract.colour_order}), {contract.dtype}"
    )
    for name, facts in manifest.backends.items():
        yield f"  {name}: {_limits(facts)}"
    if manifest.note:
        yield f"  {manifest.note}"
    for entry in manifest.files:
        # enough of it to tell two files apart by eye; the whole one is held against the file when
        # it is opened
        yield f"  {entry.name:<15} {entry.length:>11} bytes  sha256 {entry.sha256[:16]}"


def signed(signer: PublicKey | None) -> str:
    """Whose signature it bears."""
    return "NOT SIGNED" if signer is None else f"signed by {signer.fingerprint}"


def row(installed: Installed, bundle: Bundle) -> str:
    """One installed version in a line."""
    size = f"{bundle.size_bytes / MB:8.1f} MB"
    return f"{_place(installed)} {size}  {signed(bundle.signer)}, {_age(bundle.manifest)}"


def unusable_row(installed: Installed, error: BundleError) -> str:
    """One that cannot be opened, with what is wrong with it."""
    return f"{_place(installed)} CANNOT BE USED: {error}"


def _place(installed: Installed) -> str:
    return f"{installed.name} {installed.version:<12} {installed.mark:<9}"


def _age(manifest: Manifest) -> str:
    expires = manifest.expires
    end = f"expires {expires:%Y-%m-%d %H:%M} UTC" if expires else "does not expire"
    return f"made {manifest.created:%Y-%m-%d %H:%M} UTC, {end}"


def _limits(facts: BackendFacts) -> str:
    scores = ", ".join(f"{score:.6g}" for score in facts.self_test_scores)
    return (
        f"recheck above {facts.recheck_above:.6g}, reject above {facts.reject_above:.6g}; "
        f"self-test {scores} within {100 * facts.tolerance:g} %"
    )
