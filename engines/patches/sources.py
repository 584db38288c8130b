"""Where the engine of an id lies on this box, and its patches of good parts."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BundleError, GonogoError, PatchBankUnusable, WhyUnknown
from gonogo.engines.bundles.keys import read_public
from gonogo.engines.bundles.patch_bank import decode
from gonogo.engines.bundles.policy import Policy
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.card import read_engine
from gonogo.engines.installed.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gonogo.engines.bundles.patch_bank import PatchBank
    from gonogo.engines.section import EnginesSection

ENDING = ".patches"  # beside a model file
MAX_BYTES = 8 << 20  # as in a bundle
_MODELS = ("cpu", "tensorrt")  # roles of ONNX files


class Known(NamedTuple):
    """Where engines of a station are looked for: its [engines], and model files."""

    engines: EnginesSection | None
    models: tuple[Path, ...]


class Source(NamedTuple):
    """The bytes of an ONNX file, and its bank."""

    model: bytes
    bank: PatchBank


def bank_path(model: Path) -> Path:
    """Where the patches of a model file lie."""
    return model.with_suffix(ENDING)


def find(engine_id: int, known: Known) -> Source:
    """The engine of that id with its patches; WhyUnknown, PatchBankUnusable, BundleError."""
    for model in known.models:
        content = _bytes_of(model, engine_id)
        if content is not None:
            return Source(content, bank_beside(model, content))
    if known.engines is not None:
        found = _installed(engine_id, known.engines)
        if found is not None:
            return found
    raise WhyUnknown(
        f"the engine {engine_id:016x} that judged this part is not on this box any more: expected "
        "it installed (`gonogo engines list`), or as a model file of the station"
    )


def _bytes_of(model: Path, engine_id: int) -> bytes | None:
    """Of a model file, if it is that engine; one that cannot be read is not the one that judged."""
    try:
        card, content = read_engine(model)
    except GonogoError:
        return None
    return content if card.engine_id == engine_id else None


def bank_beside(model: Path, content: bytes) -> PatchBank:
    """The patches beside a model file; WhyUnknown without any, PatchBankUnusable."""
    path = bank_path(model)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PatchBankUnusable(f"{path}: expected at most {MAX_BYTES} bytes")
        bank = decode(path.read_bytes())
    except OSError as error:
        raise WhyUnknown(
            f"{path}: no patches of good parts lie beside the model ({error.strerror}): teach it "
            "again; by what was quantized from another model none are made"
        ) from error
    if bank.head.model != hashlib.sha256(content).hexdigest():
        raise WhyUnknown(f"{path}: patches of another model than {model.name}: teach it again")
    return bank


def _installed(engine_id: int, section: EnginesSection) -> Source | None:
    """Of any bundle of that very engine: one that was made again may have patches."""
    without = ""
    for bundle in _bundles_of(engine_id, section):
        if bundle.manifest.find("patches") is not None:
            bank = bundle.patches()
            return Source(_model_of(bundle, bank), bank)
        without = f"{bundle.manifest.name} {bundle.manifest.version}"
    if without:
        raise WhyUnknown(
            f"{without} has no patches of good parts: its worst place is not known beyond its "
            "heat map; have it built again"
        )
    return None


def _bundles_of(engine_id: int, section: EnginesSection) -> Iterator[Bundle]:
    """Those that the station takes, open; one that it does not take has judged nothing."""
    policy = _policy(section)
    with suppress(OSError):  # a folder that is not there yet
        for each in Layout(section.folder).installed():
            with suppress(BundleError), Bundle(each.path, policy) as bundle:
                if bundle.manifest.engine_id == engine_id:
                    yield bundle


def _policy(section: EnginesSection) -> Policy:
    """As the station's own, of any age: a part of last year was judged by what was good then."""
    trusted = tuple(map(read_public, section.trust))
    return Policy(None, trusted, unsigned=section.allow_unsigned, runtime=None)


def _model_of(bundle: Bundle, bank: PatchBank) -> bytes:
    for entry in bundle.manifest.files:
        if entry.role in _MODELS and entry.sha256 == bank.head.model:
            return bundle.section(entry.role)
    raise PatchBankUnusable(f"{bundle.path}: patches of a model that is not in it")


def names(models: Iterable[Path | None]) -> tuple[Path, ...]:
    """Model files that there are, each once."""
    return tuple(dict.fromkeys(each for each in models if each is not None))
