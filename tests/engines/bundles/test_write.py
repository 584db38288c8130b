"""Making and signing bundles: what does not fit together is refused, and a kill leaves no half."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from onnx import TensorProto

from gonogo.base.atomic_folder import Folders
from gonogo.base.errors import BundleError, BundleManifestError, ModelError
from gonogo.engines.bundles.header import HEADER_BYTES
from gonogo.engines.bundles.manifest import MB, PNG_SIGNATURE
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.write import contract_of, facts_of, sign_bundle, write_bundle
from gonogo.tests.engines import tiny
from gonogo.tests.engines.bundles.breaking import FailingFolders
from gonogo.tests.engines.bundles.parcels import (
    HEF,
    MADE,
    MAKER,
    POLICY,
    SCORES,
    STRANGER,
    contents,
    for_hailo,
    forge,
    frames,
    make,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_write_bundle_states_the_contract_of_the_model(tmp_path: Path) -> None:
    """Colour and grey, whole numbers and reals."""
    grey = tiny.brightest(tmp_path / "grey.onnx", image=(1, 1, 8, 24), dtype=TensorProto.FLOAT)
    contract = contract_of(grey)
    assert (contract.colour_order, contract.dtype) == ("grey", "float32")
    assert contract.frame_shape == (8, 24)
    with Bundle(make(tmp_path), INSPECTION) as found:
        assert found.manifest.input.frame_shape == (tiny.SIDE, tiny.SIDE, 3)
        assert (found.manifest.input.colour_order, found.manifest.input.dtype) == ("rgb", "uint8")


def test_write_bundle_takes_name_and_limits_from_the_card(tmp_path: Path) -> None:
    """What is said already need not be said again."""
    with Bundle(make(tmp_path), INSPECTION) as found:
        facts = found.manifest.backends["onnxruntime"]
        assert found.manifest.name == found.card.name == "bolt"
        assert (facts.recheck_above, facts.reject_above) == (240.0, 252.0)


def test_write_bundle_carries_the_form_for_tensorrt_too(tmp_path: Path) -> None:
    """With limits and scores of its own."""
    usual = contents(tmp_path)
    facts = facts_of(usual.card, [score + 1 for score in SCORES], 0.05)
    other = tiny.filters(tmp_path / "qdq.onnx")
    path = make(
        tmp_path, further={"tensorrt": other}, backends={**usual.backends, "tensorrt": facts}
    )
    with Bundle(path, POLICY) as found:
        assert found.section("tensorrt") == other.read_bytes()
        assert found.manifest.backends["tensorrt"] == facts


def test_write_bundle_carries_models_of_accelerators_alone(tmp_path: Path) -> None:
    """The first backend's file is the engine's; whoever needs an ONNX file is not asked."""
    second = tiny.filters(tmp_path / "qdq.onnx")
    facts = facts_of(contents(tmp_path).card, SCORES, 0.1)
    its = {"hailo": facts, "tensorrt": facts}
    with Bundle(for_hailo(tmp_path, further={"tensorrt": second}, backends=its), POLICY) as found:
        assert (found.section("hailo"), found.section("tensorrt")) == (HEF, second.read_bytes())
        assert found.manifest.engine_id == found.card.engine_id
    with pytest.raises(BundleManifestError, match=r"engine_id: expected that of tensorrt\.onnx"):
        # the card would be of a file by which no record names this engine
        for_hailo(tmp_path, further={"tensorrt": second}, backends=dict(reversed(its.items())))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "1.0"}, "version"),
        ({"name": "../bolt"}, "name"),
        ({"self_test": frames()[:1]}, "self_test_scores"),
        ({"self_test": []}, "files.2.length"),
        ({"self_test": [np.zeros((8, 8, 3), np.uint8)] * 2}, r"self_test\[0\]: expected uint8"),
        ({"self_test": [frame.astype(np.float32) for frame in frames()]}, "got float32"),
        ({"memory_mb": 0}, "memory_mb"),
        ({"embeddings": np.zeros((0, 3), np.float32)}, "files"),
        ({"picture": b"GIF89a"}, r"histogram\.png does not begin as a PNG picture"),
        ({"picture": b""}, r"histogram\.png does not begin as a PNG picture"),
        ({"picture": PNG_SIGNATURE.ljust(4 * MB + 1)}, "length: expected at most 4194304 bytes"),
        ({"expires": MADE}, "expires"),
        ({"note": "two\nlines"}, "note"),
    ],
)
def test_write_bundle_refuses_contents_that_do_not_fit(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    """And writes nothing."""
    with pytest.raises(BundleManifestError, match=words):
        make(tmp_path, **changes)
    assert not list(tmp_path.glob("*.gng*"))


def test_write_bundle_refuses_a_card_of_another_model(tmp_path: Path) -> None:
    """Such as one whose model was made anew since."""
    other = tiny.filters(tmp_path / "other.onnx")
    with pytest.raises(BundleManifestError, match="not the file that its card describes"):
        make(tmp_path, model=other)


def test_write_bundle_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Whichever it is."""
    with pytest.raises(BundleError, match=r"none\.onnx"):
        make(tmp_path, further={"tensorrt": tmp_path / "none.onnx"})
    with pytest.raises((BundleError, ModelError), match=r"none\.onnx"):
        make(tmp_path, model=tmp_path / "none.onnx")
    with pytest.raises(BundleError, match="cannot write the bundle"):
        make(tmp_path, "none/bolt.gng")


def test_write_bundle_leaves_the_old_file_or_the_new_whichever_call_fails(tmp_path: Path) -> None:
    """The N-th system call fails, for N = 1, 2, 3 ... until none does."""
    path = make(tmp_path)
    old = path.read_bytes()
    made = contents(tmp_path, note="new")
    seen, nth, files = set(), 0, FailingFolders(1)
    while files.left <= 0 or nth == 0:
        nth += 1
        path.write_bytes(old)
        files = FailingFolders(nth)
        try:
            write_bundle(path, made, created=MADE, key=MAKER, files=files)
        except BundleError:
            with Bundle(path, POLICY) as found:
                seen.add(found.manifest.note)
        assert not path.with_name(path.name + ".new").exists() or files.failed == "unlink"
    assert seen == {"", "new"}


def test_sign_bundle_changes_nothing_but_the_header(tmp_path: Path) -> None:
    """An unsigned one, and one that somebody else has signed."""
    path = make(tmp_path, key=None)
    before = path.read_bytes()
    for key in (STRANGER, MAKER):
        assert sign_bundle(path, key) == key.public
        assert path.read_bytes()[HEADER_BYTES:] == before[HEADER_BYTES:]
    Bundle(path, POLICY).close()


def test_sign_bundle_signs_nothing_that_is_damaged(tmp_path: Path) -> None:
    """Or the damage would be signed for."""
    path = make(tmp_path, key=None)
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + b"\0")
    with pytest.raises(BundleError, match="changed or damaged"):
        sign_bundle(path, MAKER)


class Meddling(Folders):
    """Somebody writes into the bundle while it is copied."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = path.read_bytes()

    def open(self, path: Path, flags: int) -> int:
        """The copy begins: it was checked before that."""
        self._path.write_bytes(self._data[:-1] + b"\0")
        return super().open(path, flags)


def test_sign_bundle_tells_of_one_that_changed_while_it_was_copied(tmp_path: Path) -> None:
    """Its signature is good, and what it vouches for is not there: no box takes it."""
    path = make(tmp_path, key=None)
    with pytest.raises(BundleError, match="changed or damaged"):
        sign_bundle(path, MAKER, Meddling(path))


def test_bundle_whose_card_describes_another_model_is_refused(tmp_path: Path) -> None:
    """Limits of one engine must not be read for another."""
    path = make(tmp_path)
    card = b'"name": "bolt"'
    raw = path.read_bytes()
    assert raw.count(card) == 2
    sha256 = contents(tmp_path).card.sha256.encode()
    start = raw.rindex(sha256)
    other = raw[:start] + b"0" * len(sha256) + raw[start + len(sha256) :]
    path.write_bytes(other)

    def digest_anew(manifest: dict[str, Any]) -> None:
        import hashlib  # noqa: PLC0415 - here alone

        payload = other[-sum(entry["length"] for entry in manifest["files"]) :]
        entry = manifest["files"][0]
        entry["sha256"] = hashlib.sha256(payload[: entry["length"]]).hexdigest()

    with pytest.raises(BundleManifestError, match=r"card\.json describes another model"):
        Bundle(forge(path, digest_anew), POLICY)
