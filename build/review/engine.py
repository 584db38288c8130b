"""The engine that is reviewed: a model file with its card, or a bundle."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ReviewError
from gonogo.build.forms import FORMS
from gonogo.build.proof import REFERENCE
from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.build.forms import Form, Use
    from gonogo.build.judging import Open
    from gonogo.engines.bundles.manifest import Manifest
    from gonogo.engines.card import Card

ENDING = ".gng"


class Computed(NamedTuple):
    """How the scores of one backend are had here: from which file, by which backend.

    `how`: how that one opens it; None: as a station does.
    """

    model: Path
    backend: str
    how: Open | None = None


class Engine(NamedTuple):
    """An engine and how its scores are had here.

    `computed`: by the backend of the station, the reference first; `elsewhere`: those that
    nothing here computes. `manifest`: of a bundle; None for a model file.
    """

    path: Path
    card: Card
    computed: dict[str, Computed]
    elsewhere: tuple[str, ...] = ()
    manifest: Manifest | None = None

    @property
    def model(self) -> Path:
        """The file by which the engine is known."""
        return self.computed[REFERENCE].model


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    """The engine of a model file or bundle; ModelError, BundleError, ReviewError."""
    if path.suffix != ENDING:
        # a card has one pair of limits, whatever backend a station takes
        yield Engine(path, read_card(path), {REFERENCE: Computed(path, REFERENCE)})
        return
    with Bundle(path, INSPECTION) as bundle, tempfile.TemporaryDirectory() as scratch:
        yield _of_bundle(bundle, Path(scratch))


def _of_bundle(bundle: Bundle, scratch: Path) -> Engine:
    manifest = bundle.manifest
    computed, here = {}, cpu_backends()
    for form in FORMS:
        uses = [u for u in form.uses if u.backend in manifest.backends and u.computed_in in here]
        if uses and manifest.find(form.name) is not None:
            model = scratch / form.file
            model.write_bytes(bundle.section(form.name))
            computed.update(_computed(model, form, uses))
    if REFERENCE not in computed:
        raise ReviewError(
            f"{bundle.path}: it holds no form for {REFERENCE}, so its scores cannot be had here; "
            "review the engine that it was made from"
        )
    elsewhere = tuple(name for name in manifest.backends if name not in computed)
    return Engine(bundle.path, bundle.card, computed, elsewhere, manifest)


def _computed(model: Path, form: Form, uses: list[Use]) -> dict[str, Computed]:
    return {use.backend: Computed(model, use.computed_in, form.how_in(use)) for use in uses}
