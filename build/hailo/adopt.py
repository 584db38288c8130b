"""A compiled HEF into the bundle of its engine, once its scores are proven.

Hailo quantizes anew, by its own means: that it still ranks parts is proven as for every other
form, with the scores that the compiler's emulator gave. The chip itself has its say at the
station: a HEF whose self-test frames score otherwise there is refused like any engine.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.base.errors import BuildError, NotProven
from gonogo.build.agreement import RANK_MIN, Bounds, Scores, compare_scores
from gonogo.build.forms import HAILO, QUANTIZED
from gonogo.build.hailo.folder import KINDS
from gonogo.build.thresholds import propose
from gonogo.engines.backends.hailo.trailer import with_fit
from gonogo.engines.backends.model import open_model
from gonogo.engines.bundles.manifest import BackendFacts
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.write import Contents, write_bundle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.agreement import Agreement
    from gonogo.build.label import Label
    from gonogo.engines.bundles.keys import PrivateKey
    from gonogo.engines.bundles.manifest import Manifest, Role

HEF, SCORES, RESULT = HAILO.file, "scores.npy", "result.json"


class Compiled(NamedTuple):
    """What a folder came back with: the HEF, how it agrees with FP32, its limits and self-test."""

    hef: Path
    target: str
    how: str
    agreement: Agreement
    facts: BackendFacts


def read_folder(folder: Path, engine_sha256: str) -> Compiled:
    """What the compiler made there; BuildError, or NotProven when it ranks parts otherwise.

    `engine_sha256`: of the file by which the bundle's engine is known.
    """
    about, result = _document(folder / "about.json"), _document(folder / RESULT)
    if about["engine_sha256"] != engine_sha256:
        raise BuildError(f"{folder}: it was made for another engine; build with --target again")
    hef = folder / HEF
    if _sha256(hef) != result["hef_sha256"]:
        raise BuildError(f"{hef} is not the one that was scored; run run.py again")
    scores = _array(folder / SCORES)
    proof, good, self_test = _split(folder, scores, about)
    bounds = Bounds(about["loss_max"], math.inf, rank_min=about.get("rank_min", RANK_MIN))
    agreement = compare_scores(_fp32(folder), proof, bounds)
    if not agreement.ok:
        raise NotProven(f"{hef}: it does not rank parts as the FP32 model does: {agreement}")
    limits = propose(good.tolist(), proof.bad.tolist())
    facts = BackendFacts(
        recheck_above=limits.recheck_above,
        reject_above=limits.reject_above,
        self_test_scores=tuple(self_test.tolist()),
        tolerance=HAILO.uses[0].tolerance,
    )
    return Compiled(hef, result["target"], result["how"], agreement, facts)


def add_hef(
    bundle: Path, folder: Path, label: Label, out: Path, *, key: PrivateKey | None
) -> tuple[Manifest, Compiled]:
    """Write `bundle` anew with the HEF of `folder` in it; BundleError, BuildError, NotProven."""
    with Bundle(bundle, INSPECTION) as found, tempfile.TemporaryDirectory() as scratch:
        compiled = read_folder(folder, found.manifest.model.sha256)
        contents = _contents(found, compiled, label, Path(scratch))
        return write_bundle(out, contents, created=label.created, key=key), compiled


def _contents(found: Bundle, compiled: Compiled, label: Label, scratch: Path) -> Contents:
    manifest = found.manifest
    held = {entry.role for entry in manifest.files}
    others = held & {form.name for form in QUANTIZED} - {manifest.model.role}
    files = {role: _out(found, role, scratch) for role in others}
    model = _out(found, manifest.model.role, scratch)
    proof: dict[str, Any] = found.document("proof") if "proof" in held else {}
    proof["hailo"] = {
        "target": compiled.target,
        "computed_in": compiled.how,
        "remark": HAILO.remark,
        **_finite(compiled.agreement.table()),
    }
    return Contents(
        model=model,
        role=manifest.model.role,
        takes=manifest.input,
        card=found.card,
        version=label.version,
        backends={**manifest.backends, "hailo": compiled.facts},
        self_test=list(found.self_test_frames()),
        memory_mb=manifest.memory_mb,
        name=label.name,
        further={**files, "hailo": _hef(model, compiled.hef, scratch)},
        proof=proof,
        histogram=found.document("histogram") if "histogram" in held else None,
        picture=found.section("picture") if "picture" in held else None,
        embeddings=found.embeddings() if "embeddings" in held else None,
        patches=found.patches() if "patches" in held else None,
        expires=label.expires or manifest.expires,
        note=label.note or manifest.note,
    )


def _hef(model: Path, hef: Path, scratch: Path) -> Path:
    """The HEF with what the engine's own ONNX file says of how frames get to its size."""
    fit = open_model(model).fit
    path = scratch / "with-fit.hef"
    path.write_bytes(with_fit(hef.read_bytes(), fit))
    return path


def _out(found: Bundle, role: Role, scratch: Path) -> Path:
    """A file of the bundle, checked as it is read, where it can be packed from."""
    path = scratch / role
    path.write_bytes(found.section(role))
    return path


def _split(
    folder: Path, scores: NDArray[np.float64], about: dict[str, Any]
) -> tuple[Scores, NDArray[np.float64], NDArray[np.float64]]:
    """Of the proof set, of all good parts, of the self-test frames."""
    sizes = [len(kind) for kind in _fp32(folder)[:4]] + [about["good"], about["self_test"]]
    if len(scores) != sum(sizes) or not np.isfinite(scores).all():
        raise BuildError(
            f"{folder / SCORES}: expected {sum(sizes)} scores that are numbers, got {len(scores)}; "
            "run run.py again"
        )
    *proof, good, self_test = np.split(scores, np.cumsum(sizes)[:-1])
    return Scores(*proof), good, self_test


def _fp32(folder: Path) -> Scores:
    with np.load(folder / "fp32.npz", allow_pickle=False) as kept:
        return Scores(*(kept[kind] for kind in KINDS))


def _array(path: Path) -> NDArray[np.float64]:
    try:
        return np.asarray(np.load(path, allow_pickle=False), np.float64)
    except (OSError, ValueError) as error:
        raise BuildError(f"{path}: {error}; run run.py again") from error


def _document(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(
            f"{path}: {error}; expected the folder of `gonogo build --target`, after run.py"
        ) from error
    return found


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}; run run.py again") from error


def _finite(table: dict[str, Any]) -> dict[str, Any]:
    """Without what JSON cannot hold."""
    return {
        name: value if not isinstance(value, float) or math.isfinite(value) else None
        for name, value in table.items()
    }
