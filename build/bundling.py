"""A bundle of an engine that was taught or quantized here: its model, its card, a self-test.

What `gonogo teach` and `gonogo prepare` make lies in two files beside each other, and can
be used as it is. In a bundle it can be signed, installed, and exchanged while parts flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.frame_shape import FrameShape
from gonogo.build.forms import CPU
from gonogo.build.memory import needed_mb
from gonogo.build.patches.beside import patches_beside
from gonogo.build.proof import judge
from gonogo.engines.bundles.manifest import shortened
from gonogo.engines.bundles.write import Contents, contract_of, facts_of, write_bundle
from gonogo.engines.card import read_card
from gonogo.engines.serving.golden import COUNT, golden_frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.build.forms import Use
    from gonogo.build.label import Label
    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import Manifest
    from gonogo.engines.card import Card


def bundle_engine(
    model: Path, label: Label, out: Path, *, key: PrivateKey | None = None
) -> Manifest:
    """Write the bundle of a model with a card; ModelError, BuildError, BundleError."""
    return write_bundle(out, contents_of(model, label), created=label.created, key=key)


def contents_of(model: Path, label: Label) -> Contents:
    """What goes into the bundle of a model with a card: its scores and its memory are measured."""
    card = read_card(model)
    uses = _uses(card)
    contract = contract_of(model)
    geometry = FrameShape(contract.height_px, contract.width_px, contract.channels)
    # drawn, for no photograph lies beside a card; the same for every engine of this size
    frames = [golden_frame(geometry, seed) for seed in range(COUNT)]
    return Contents(
        model=model,
        card=card,
        version=label.version,
        backends={
            use.backend: facts_of(card, _scores(model, use, frames), use.tolerance) for use in uses
        },
        self_test=frames,
        # a station may choose any of them
        memory_mb=max(needed_mb(model, use.computed_in) for use in uses),
        name=label.name,
        patches=patches_beside(model),
        expires=label.expires,
        # the card, which goes along, has all of it
        note=label.note or shortened(card.note),
    )


def _uses(card: Card) -> Sequence[Use]:
    """Those in which it was proven; the one that is always there for a card without a proof."""
    # `teach` and `quantize` make the form for CPUs and no other
    return [use for use in CPU.uses if use.backend in card.proven] or CPU.uses[:1]


def _scores(model: Path, use: Use, frames: Sequence[NDArray[np.uint8]]) -> list[float]:
    scores: list[float] = judge(model, use.computed_in, frames).scores.tolist()
    return scores
