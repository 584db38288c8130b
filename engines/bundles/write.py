"""Making a bundle, and signing one.

write_bundle(
    Path("bolt-1.2.0.gng"),
    Contents(
        model=Path("bolt.onnx"),
        card=card,
        version="1.2.0",
        backends={"onnxruntime": facts_of(card, scores, tolerance=0.02)},
        self_test=frames,
        memory_mb=180,
    ),
    created=datetime.now(timezone.utc),
    key=read_private(Path("line3.key")),
)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from gonogo.base import strict_json as strictjson
from gonogo.base.atomic_folder import FOLDERS, store
from gonogo.base.errors import BundleError, BundleManifestError, BundleTooLarge
from gonogo.base.section import brief
from gonogo.engines.backends.model import open_model
from gonogo.engines.bundles.header import HEADER_BYTES, MAX_MANIFEST_BYTES, header_of
from gonogo.engines.bundles.manifest import (
    ROLES,
    BackendFacts,
    InputContract,
    Manifest,
    check_picture,
)
from gonogo.engines.bundles.patch_bank import encode
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.version import running

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.atomic_folder import Folders
    from gonogo.engines.bundles.keys import PrivateKey, PublicKey
    from gonogo.engines.bundles.manifest import BackendName, Role
    from gonogo.engines.bundles.patch_bank import PatchBank
    from gonogo.engines.card import Card


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What goes into a bundle.

    `model`: the file that `card` describes, by which records name the engine: the INT8 ONNX file
    for CPUs, or where there is none that of the first backend, with its `role` and `takes`, what
    it takes (left out, that is read from the model, an ONNX file). `self_test`: frames, uint8
    (height, width[, 3]) of the model's own size; `backends` has their scores. `further`: the
    files of other forms. `proof`, `histogram`: JSON tables; `picture`: the latter as a PNG.
    `embeddings`: float32 (parts, length). `patches`: of good parts, to be shown beside bad ones.
    `memory_mb`: what loading it was seen to need.
    `name`: left out, the card's.
    """

    model: Path
    card: Card
    version: str
    backends: Mapping[BackendName, BackendFacts]
    self_test: Sequence[NDArray[np.uint8]]
    memory_mb: int
    name: str | None = None
    role: Role = "cpu"
    takes: InputContract | None = None
    further: Mapping[Role, Path] = field(default_factory=dict)
    proof: Mapping[str, object] | None = None
    histogram: Mapping[str, object] | None = None
    picture: bytes | None = None
    embeddings: NDArray[np.float32] | None = None
    patches: PatchBank | None = None
    minimum_runtime: str | None = None  # left out, the gonogo that runs
    expires: datetime | None = None
    note: str = ""


def facts_of(card: Card, scores: Iterable[float], tolerance: float) -> BackendFacts:
    """The card's limits, and what a backend scored on the self-test frames."""
    return BackendFacts(
        recheck_above=card.recheck_above,
        reject_above=card.reject_above,
        self_test_scores=tuple(map(float, scores)),
        tolerance=tolerance,
    )


def write_bundle(
    out: Path,
    contents: Contents,
    *,
    created: datetime,
    key: PrivateKey | None = None,
    files: Folders = FOLDERS,
) -> Manifest:
    """Write a bundle, signed where there is a key, and read it back; a kill leaves no half of one.

    ModelError for a model that cannot judge parts, BundleError for contents that do not
    fit together or a file that cannot be written.
    """
    sections = _read_sections(contents)
    manifest = _manifest(contents, sections, created)
    raw = strictjson.encode(manifest)
    if len(raw) > MAX_MANIFEST_BYTES:  # no box would read it; said before anything is written
        raise BundleTooLarge(f"{out}: a manifest of {len(raw)} bytes, at most {MAX_MANIFEST_BYTES}")
    _store(out, [header_of(raw, key).pack(), raw, *sections.values()], files)
    # as a box reads it: a disk that garbles is noticed here, not there
    with Bundle(out, INSPECTION) as bundle:
        return bundle.manifest


def sign_bundle(path: Path, key: PrivateKey, files: Folders = FOLDERS) -> PublicKey:
    """Sign a bundle, or sign it anew, and read it back. BundleError for a damaged one.

    Only the header changes.
    """
    # checked whole first: a signature under a damaged one would vouch for it
    with Bundle(path, INSPECTION) as bundle:
        header = header_of(bundle.raw_manifest, key)
        _store(path, _chain(header.pack(), bundle.chunks(HEADER_BYTES)), files)
    # what was copied is not what was checked, if somebody wrote into it meanwhile
    with Bundle(path, INSPECTION):
        return key.public


def contract_of(model: Path) -> InputContract:
    """What an ONNX model takes; ModelError for one that cannot judge parts."""
    contract = open_model(model)
    _, channels, height_px, width_px = contract.image.shape
    return InputContract.model_validate(
        {
            "channels": channels,
            "colour_order": "grey" if channels == 1 else "rgb",
            "height_px": height_px,
            "width_px": width_px,
            "dtype": np.dtype(contract.dtype).name,
        }
    )


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterable[bytes]:
    yield first
    yield from rest  # read as it is written: never the whole bundle in memory


def _store(out: Path, chunks: Iterable[bytes], files: Folders) -> None:
    try:
        store(out, chunks, files)
    except OSError as error:
        raise BundleError(
            f"{out}: cannot write the bundle: {error.strerror}; check the folder and the disk"
        ) from error


def _read_sections(contents: Contents) -> dict[Role, bytes]:
    try:
        sections = _sections(contents)
    except OSError as error:
        raise BundleError(
            f"{error.filename}: expected a file that goes into the bundle, got: {error.strerror}"
        ) from error
    # limits and proof in the card are of one very file; the bytes that go in are the ones compared
    if hashlib.sha256(sections[contents.role]).hexdigest() != contents.card.sha256:
        raise BundleManifestError(
            f"{contents.model} is not the file that its card describes; make the engine again"
        )
    return sections


def _sections(contents: Contents) -> dict[Role, bytes]:
    """The files of the payload in their order."""
    found: dict[Role, bytes] = {
        "card": strictjson.encode(contents.card),
        contents.role: contents.model.read_bytes(),
        # no header between frames: the input contract has their shape
        "selftest": b"".join(np.ascontiguousarray(f).tobytes() for f in contents.self_test),
    }
    found.update((role, path.read_bytes()) for role, path in contents.further.items())
    if contents.proof is not None:
        found["proof"] = strictjson.encode(dict(contents.proof))
    if contents.histogram is not None:
        found["histogram"] = strictjson.encode(dict(contents.histogram))
    if contents.picture is not None:
        check_picture(contents.picture)  # as a box will: it would refuse the bundle
        found["picture"] = contents.picture
    if contents.embeddings is not None:
        # little-endian, on whatever machine it is made
        found["embeddings"] = np.ascontiguousarray(contents.embeddings, "<f4").tobytes()
    if contents.patches is not None:
        found["patches"] = encode(contents.patches)
    return found


def _entries(sections: Mapping[Role, bytes]) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = []
    offset = 0
    for role, content in sections.items():
        sha256 = hashlib.sha256(content).hexdigest()
        name = ROLES[role].name
        place = {"name": name, "role": role, "offset": offset, "length": len(content)}
        entries.append({**place, "sha256": sha256})
        offset += len(content)  # one right behind another: nothing may hide between two
    return entries


def _manifest(contents: Contents, sections: Mapping[Role, bytes], created: datetime) -> Manifest:
    contract = contents.takes or contract_of(contents.model)
    _check_frames(contents.self_test, contract)
    embeddings = contents.embeddings
    try:
        return Manifest.model_validate(
            {
                "name": contents.card.name if contents.name is None else contents.name,
                "version": contents.version,
                "engine_id": contents.card.engine_id,
                "input": contract,
                "backends": dict(contents.backends),
                "files": _entries(sections),
                "embedding_length": 0 if embeddings is None else embeddings.shape[-1],
                "memory_mb": contents.memory_mb,
                "minimum_runtime": contents.minimum_runtime or running(),
                "created": created,
                "expires": contents.expires,
                "note": contents.note,
            }
        )
    except ValidationError as error:
        message = f"the contents make no bundle: {brief(error)}"
    # out here it has no cause: pydantic's text repeats all that it was given
    raise BundleManifestError(message)


def _check_frames(frames: Sequence[NDArray[np.uint8]], contract: InputContract) -> None:
    for number, frame in enumerate(frames):
        if frame.shape != contract.frame_shape or frame.dtype != np.uint8:
            raise BundleManifestError(
                f"self_test[{number}]: expected uint8 {contract.frame_shape}, "
                f"got {frame.dtype} {frame.shape}"
            )
