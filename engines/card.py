"""The card beside a model file: what it is, what made it, and the limits it proposes.

`<model>.onnx` has its card in `<model>.json`. The card is what the station reads
instead of the model, so that the line never opens one.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from gonogo.runtime.errors import ModelError
from gonogo.runtime.section import Section

if TYPE_CHECKING:
    from pathlib import Path


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
        return int(self.sha256[:16], 16) >> 1


def card_path(model: Path) -> Path:
    """Where the card of a model lies."""
    return model.with_suffix(".json")


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_card(model: Path) -> Card:
    """The card of a model, checked against the very bytes of the model beside it."""
    path = card_path(model)
    try:
        card = Card.model_validate_json(path.read_bytes())
        actual = sha256_of(model)
    except FileNotFoundError as error:
        raise ModelError(
            f"{error.filename} is missing; make the engine with `gonogo teach` or `gonogo prepare`"
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{path} is not an engine card: {brief(error)}; make the engine again"
        ) from error
    if card.sha256 != actual:
        raise ModelError(
            f"{model} is not the file its card {path.name} describes "
            f"(sha256 {actual[:12]}, card says {card.sha256[:12]}); make the engine again"
        )
    return card


def write_card(model: Path, card: Card) -> None:
    """Write the card beside its model; whole or not at all."""
    replace_file(card_path(model), (card.model_dump_json(indent=1) + "\n").encode())


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a power cut leaves the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # the rename itself
    finally:
        os.close(folder)


def brief(error: ValueError) -> str:
    """One line of what may be many findings."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the file"
    return f"{error.error_count()} findings, the first: {where}: {first['msg']}"
