"""A bundle with other limits in words: what differs, and what a person types to have it judge."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gonogo.base.errors import BundleUntrusted
from gonogo.commands.show.bundles import signed
from gonogo.engines.bundles.trust import policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.review.remake import Remake


def differing_lines(remake: Remake, limits: ScoreLimits) -> Iterator[str]:
    """Old and new limits of each backend, and whose stay."""
    was, label = remake.old.manifest, remake.label
    yield f"{was.name} {was.version} -> {label.name} {label.version}: the same model, other limits"
    for name in remake.backends:
        old = was.backends[name]
        yield (
            f"  {name}: recheck above {old.recheck_above:g} -> {limits.recheck_above:g}, reject "
            f"above {old.reject_above:g} -> {limits.reject_above:g}"
        )
    rest = [name for name in was.backends if name not in remake.backends]
    if rest:
        yield f"  {', '.join(rest)}: as they are, for their scores are others"


def service_lines(remake: Remake) -> Iterator[str]:
    """What was made, how it comes to judge, and how it is taken back."""
    label, was = remake.label, remake.old.manifest
    yield f"{remake.out}: {label.name} {label.version}, {signed(remake.signer)}"
    yield (
        f"  its engine id is that of {was.name} {was.version}, {was.engine_id:016x}, for that is "
        "of the model: scores of both are of one kind, and a verdict stays as it was judged"
    )
    yield from _trusted(remake)
    yield "nothing is installed: the station judges as before"
    yield from _beside(remake) if remake.beside else _in_place(remake)


def _trusted(remake: Remake) -> Iterator[str]:
    """Whether the station would take it as it is."""
    try:
        policy_of(remake.old.section).check_signer(remake.signer)
    except BundleUntrusted as error:
        yield f"warning: this station does not take it so: {error}"
        yield f"  where a trusted KEY is: {_typed('bundle', 'sign', remake.out)} --key KEY"


def _in_place(remake: Remake) -> Iterator[str]:
    """Under the name that the station asks for."""
    name, version = remake.label.name, remake.label.version
    root = ("--root", remake.old.section.folder)
    station = ("--station", remake.old.station)
    yield "to have it judge while parts flow:"
    yield f"  {_install(remake)}"
    yield f"  {_typed('swap', 'load', name, version, *station)}"
    yield f"  {_typed('swap', 'activate', *station)}"
    yield "to take it back, in one step:"
    yield f"  {_typed('swap', 'rollback', name, *station)}"
    yield (
        f"of a station that does not run: {_typed('engines', 'activate', name, version, *root)}, "
        f"and back: {_typed('engines', 'rollback', name, *root)}"
    )


def _beside(remake: Remake) -> Iterator[str]:
    """Under a name of its own: the station file has to ask for it."""
    old, name = remake.old, remake.label.name
    yield "to have it judge, from the next start on:"
    yield f"  {_install(remake)}"
    activate = ("engines", "activate", name, remake.label.version)
    yield f"  {_typed(*activate, '--root', old.section.folder)}"
    yield f'  then bundle = "{name}" in {old.file}, for {old.place}, and start it again'
    yield f'to take it back: bundle = "{old.manifest.name}" there, and start it again'


def _install(remake: Remake) -> str:
    section = remake.old.section
    trust = [word for key in section.trust for word in ("--trust", key)]
    # as the station itself would take it
    unsigned = ["--unsigned"] if remake.signer is None and section.allow_unsigned else []
    return _typed("engines", "install", remake.out, "--root", section.folder, *trust, *unsigned)


def _typed(*words: object) -> str:
    return shlex.join(["gonogo", *map(str, words)])
