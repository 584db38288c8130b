"""A bundle of an engine that was taught or quantized here: its model, its card, a self-test.

What `gonogo teach` and `gonogo prepare` make lies in two files beside each other, and can
be used as it is. In a bundle it can be signed, installed, and exchanged while parts flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.frame_shape import FrameShape
from gonogo.build.memory import needed_mb
from gonogo.build.proof import judge
from gonogo.engines.bundles.write import Contents, contract_of, facts_of, write_bundle
from gonogo.engines.card import read_card
from gonogo.engines.serving.golden import COUNT, golden_frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import BackendName, Manifest
    from gonogo.engines.card import Card

TOLERANCE = 0.02  # of a score: another processor has other instructions
BACKENDS: tuple[BackendName, ...] = ("onnxruntime", "openvino")


def bundle_engine(
    model: Path,
    out: Path,
    *,
    name: str,
    version: str,
    created: datetime,
    key: PrivateKey | None = None,
) -> Manifest:
    """Write the bundle of a model with a card; ModelError, BuildError, BundleError."""
    return write_bundle(out, contents_of(model, name, version), created=created, key=key)


def contents_of(model: Path, name: str, version: str) -> Contents:
    """What goes into the bundle of a model with a card: its scores and its memory are measured."""
    card = read_card(model)
    backends = _backends(card)
    contract = contract_of(model)
    geometry = FrameShape(contract.height_px, contract.width_px, contract.channels)
    frames = [golden_frame(geometry, seed) for seed in range(COUNT)]
    return Contents(
        model=model,
        card=card,
        version=version,
        backends={
            each: facts_of(card, _scores(model, each, frames), TOLERANCE) for each in backends
        },
        self_test=frames,
        memory_mb=max(needed_mb(model, each) for each in backends),
        name=name,
        note=card.note,
    )


def _backends(card: Card) -> Sequence[BackendName]:
    """Those in which it was proven; the one that is always there for a card without a proof."""
    return [each for each in BACKENDS if each in card.proven] or BACKENDS[:1]


def _scores(model: Path, backend: str, frames: Sequence[NDArray[np.uint8]]) -> list[float]:
    scores: list[float] = judge(model, backend, frames).scores.tolist()
    return scores
