"""Makers of small bundles for tests: sound ones, and forged ones that are signed all the same.

Import as `gonogo.tests.engines.bundles.parcels`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gonogo.engines.bundles.header import HEADER_BYTES, header_of, parse_header
from gonogo.engines.bundles.keys import PrivateKey
from gonogo.engines.bundles.policy import Policy
from gonogo.engines.bundles.write import Contents, contract_of, facts_of, write_bundle
from gonogo.engines.card import Card, sha256_of
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAKER = PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
MADE = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)
NOW = MADE + timedelta(days=1)
POLICY = Policy(NOW, (MAKER.public,), runtime="1.0.0")
SCORES = (200.5, 251.25)
HEF = b"\x01HEF of no ONNX model"


def frames() -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Two frames of noise, uint8 (16, 16, 3)."""
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (tiny.SIDE, tiny.SIDE, 3), np.uint8) for _ in SCORES]


def contents(folder: Path, **changes: Any) -> Contents:  # noqa: ANN401 - any field of Contents
    """What goes into the usual bundle, with some of it changed."""
    model = tiny.brightest(folder / "bolt.onnx")
    card = Card(
        name="bolt",
        sha256=sha256_of(model),
        method="teach",
        source="2 good parts",
        good_parts=2,
        reject_above=252.0,
        recheck_above=240.0,
        good_scores=SCORES,
    )
    usual: dict[str, Any] = {
        "model": model,
        "card": card,
        "version": "1.0.0",
        "backends": {"onnxruntime": facts_of(card, SCORES, 0.02)},
        "self_test": frames(),
        "memory_mb": 100,
        "minimum_runtime": "0.1.0",
    }
    return Contents(**(usual | changes))


def make(
    folder: Path,
    file: str = "bolt.gng",
    key: PrivateKey | None = MAKER,
    created: datetime = MADE,
    **changes: Any,  # noqa: ANN401 - any field of Contents
) -> Path:
    """A sound bundle in `folder`."""
    write_bundle(folder / file, contents(folder, **changes), created=created, key=key)
    return folder / file


def for_hailo(folder: Path, file: str = "bolt.gng", **changes: Any) -> Path:  # noqa: ANN401 - as above
    """A sound bundle whose only model is of a chip: nothing in it is an ONNX file."""
    model = folder / "bolt.hef"
    model.write_bytes(HEF)
    usual = contents(folder)
    card = usual.card.model_copy(update={"sha256": sha256_of(model)})
    of_it: dict[str, Any] = {
        "model": model,
        "role": "hailo",
        "card": card,
        "takes": contract_of(usual.model),
        "backends": {"hailo": facts_of(card, SCORES, 0.1)},
    }
    return make(folder, file, **(of_it | changes))


def manifest_end(raw: bytes) -> int:
    """Where the payload of a bundle's bytes begins."""
    return HEADER_BYTES + parse_header(raw[:HEADER_BYTES]).manifest_bytes


def forge(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change the manifest, and sign it as its maker would."""
    raw = path.read_bytes()
    manifest = json.loads(raw[HEADER_BYTES : manifest_end(raw)])
    change(manifest)
    return forge_raw(path, json.dumps(manifest).encode())


def forge_raw(path: Path, manifest: bytes) -> Path:
    """Put these bytes in the place of the manifest, and sign them as its maker would."""
    raw = path.read_bytes()
    path.write_bytes(header_of(manifest, MAKER).pack() + manifest + raw[manifest_end(raw) :])
    return path
