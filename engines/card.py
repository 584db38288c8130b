"""The card beside a model file: what it is, what made it, and the limits it proposes.

`<model>.onnx` has its card in `<model>.json`. The card is what the station reads
instead of the model, so that the line never opens one. It names the model by its
SHA-256, and itself by one of all the rest: a single bit decides whether a bad part passes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Literal

from gonogo.base import strict_json as strictjson
from gonogo.base.atomic_file import fill, move
from gonogo.base.atomic_folder import FOLDERS
from gonogo.base.errors import BundleManifestError, ModelError
from gonogo.base.section import Section

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_folder import Folders


class Card(Section):
    """Facts of one engine; scores are in the model's own unit, higher is worse.

    `proven` names the backends in which the INT8 file ranked parts as its FP32 form did;
    `recipe` is a digest of everything it was made from, so that changed inputs rebuild it.
    """

    name: str
    sha256: str
    method: Literal["teach", "quantize", "build"]
    source: str
    good_parts: int
    reject_above: float
    recheck_above: float
    good_scores: tuple[float, ...]  # sorted scores of the good parts it was made from
    note: str = ""
    proven: tuple[str, ...] = ()
    recipe: str = ""

    @property
    def engine_id(self) -> int:
        """63 bits that name this very file in records and results."""
        # 64 bits of the digest without the last: a signed word of shared memory and of the records
        return int(self.sha256[:16], 16) >> 1

    @property
    def digest(self) -> str:
        """SHA-256 of everything it says."""
        return digest_of(self.model_dump(mode="json"))


_DIGEST = "digest"  # of the card's own content; the only key that is no fact of the engine


def card_path(model: Path) -> Path:
    """Where the card of a model lies."""
    return model.with_suffix(".json")


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_card(model: Path) -> Card:
    """The card of a model, checked against the very bytes of the model beside it."""
    return read_engine(model)[0]


def is_whole(model: Path) -> bool:
    """Whether it is there with its card, and is the one that the card describes."""
    try:
        read_card(model)
    except ModelError:
        return False
    return True


def read_engine(model: Path) -> tuple[Card, bytes]:
    """The card of a model, and the very bytes that it was checked against; ModelError."""
    path = card_path(model)
    try:
        # once: the caller is handed the bytes that were checked, not a path to look at again
        raw, content = path.read_bytes(), model.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(
            f"{error.filename} is missing; make the engine with `gonogo teach` or `gonogo prepare`"
        ) from error
    except OSError as error:
        raise ModelError(f"{error.filename}: cannot be read: {error.strerror}") from error
    card, actual = _whole(path, raw), hashlib.sha256(content).hexdigest()
    if card.sha256 != actual:
        raise ModelError(
            f"{model} is not the file its card {path.name} describes "
            f"(sha256 {actual[:12]}, card says {card.sha256[:12]}); make the engine again"
        )
    return card, content


def _whole(path: Path, raw: bytes) -> Card:
    """A card every fact of which is as it was written."""
    try:
        content = strictjson.decode(raw, str(path))
        # taken out before the digest is made, as it was put in after
        told = content.pop(_DIGEST, None) if isinstance(content, dict) else None
        card = strictjson.read(json.dumps(content).encode(), Card, str(path))
    except BundleManifestError as error:
        raise ModelError(
            f"{path} is not an engine card: {error.args[0].removeprefix(f'{path}: ')}; "
            "make the engine again"
        ) from error
    # over the values as they were read: white space may differ, not one limit
    if told != digest_of(content):
        raise ModelError(
            f"{path}: not as it was written (its digest says so): damaged, edited by hand, or of "
            "an earlier gonogo; make the engine again: `gonogo prepare STATION --again`. Other "
            "limits belong into the station file: reject_above in [view.engine]"
        )
    return card


def write_card(model: Path, card: Card) -> None:
    """Write the card beside its model, with its digest; whole or not at all."""
    content = card.model_dump(mode="json")
    whole = content | {_DIGEST: digest_of(content)}
    replace_file(card_path(model), (json.dumps(whole, indent=1, allow_nan=False) + "\n").encode())


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of a JSON object, however it is written down: keys in order, no white space."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def replace_file(path: Path, data: bytes, files: Folders = FOLDERS) -> None:
    """Write `data` to `path` so that a power cut leaves the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # hidden, and this process's own: two that make the same engine at once must not share it
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    _remove(fresh, files)  # of one that was killed, and had this process's number
    try:
        fill(fresh, [data], files)
        move(fresh, path, files)
    finally:
        _remove(fresh, files)


def _remove(path: Path, files: Folders) -> None:
    with contextlib.suppress(FileNotFoundError):
        files.unlink(path)
