"""A manifest that says what it must not is refused, even under a trusted signature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import BundleDamaged, BundleError, BundleManifestError
from gonogo.engines.backends.backend import CPU_ROLE
from gonogo.engines.backends.catalogue import ACCELERATORS
from gonogo.engines.bundles.header import HEADER_BYTES
from gonogo.engines.bundles.manifest import FILE_OF, BackendFacts
from gonogo.engines.bundles.read import Bundle
from gonogo.tests.engines.bundles.parcels import (
    POLICY,
    SCORES,
    forge,
    forge_raw,
    make,
    manifest_end,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[dict[str, Any]], object]

GIB = 1 << 30


def put(*path: str | int, value: object) -> Change:
    """Set what stands at a place of the manifest."""

    def change(manifest: Any) -> None:  # noqa: ANN401 - a JSON value
        for key in path[:-1]:
            manifest = manifest[key]
        manifest[path[-1]] = value

    return change


def drop(key: str) -> Change:
    """Leave a key out."""
    return lambda manifest: manifest.pop(key)


def add_file(role: str, name: str, offset: int) -> Change:
    """One more file, of one byte."""
    entry = {"name": name, "role": role, "offset": offset, "length": 1, "sha256": "0" * 64}
    return lambda manifest: manifest["files"].append(entry)


OUTSIDE = ["../../etc/cron.d/x", "/etc/passwd", "cpu.onnx/..", "..", "", "cpu.onnx\0", "CPU.ONNX"]
CASES: dict[str, tuple[Change, str]] = {
    **{
        f"file called {name!r}": (put("files", 1, "name", value=name), "expected 'cpu.onnx'")
        for name in OUTSIDE
    },
    **{
        f"engine called {name!r}": (put("name", value=name), "name")
        for name in ("../up", ".new", "a/b", "", "x" * 41, "a b", "\u0661", "a\n")
    },
    **{
        f"version {version!r}": (put("version", value=version), "version")
        for version in ("1.0", "v1.0.0", "01.0.0", "1.0.0/..", "1.0.0-", "1.0.0\n", "\u0661.0.0")
    },
    "another format": (put("format", value="gonogo bundle 2"), "format"),
    "unknown key": (put("plugin", value="evil.py"), "plugin"),
    "unknown role": (put("files", 1, "role", value="script"), "role"),
    "a role twice": (put("files", 2, "role", value="cpu"), "expected 'cpu.onnx'"),
    "no name": (drop("name"), "name"),
    "no files": (put("files", value=[]), "files"),
    "length too large for its role": (put("files", 1, "length", value=GIB + 1), "at most"),
    "length of nothing": (put("files", 1, "length", value=0), "length"),
    "length below nothing": (put("files", 1, "length", value=-5), "length"),
    "length as text": (put("files", 1, "length", value="5"), "length"),
    "length as truth": (put("files", 1, "length", value=True), "length"),
    "files that overlap": (put("files", 1, "offset", value=0), "cpu.onnx at 0, expected"),
    "offset below nothing": (put("files", 1, "offset", value=-1), "offset"),
    "a gap between files": (put("files", 0, "offset", value=8), "card.json at 8, expected it at 0"),
    "offset beyond bounds": (put("files", 1, "offset", value=1 << 62), "expected it at"),
    "backend without its model": (
        lambda m: m["backends"].update(tensorrt=m["backends"]["onnxruntime"]),
        "role tensorrt",
    ),
    "backend nobody knows": (
        lambda m: m["backends"].update(pickle=m["backends"]["onnxruntime"]),
        "backends.pickle",
    ),
    "no backend": (put("backends", value={}), "backends"),
    "limits out of order": (
        put("backends", "onnxruntime", "recheck_above", value=999.0),
        "recheck_above",
    ),
    "scores for other frames": (
        put("backends", "onnxruntime", "self_test_scores", value=[1.0]),
        "self_test_scores",
    ),
    "tolerance that passes all": (put("backends", "onnxruntime", "tolerance", value=9), "toleran"),
    "another model's id": (put("engine_id", value=1), "engine_id"),
    "an id of 64 bits": (put("engine_id", value=1 << 63), "engine_id"),
    "frames of another size": (put("input", "height_px", value=8), "input contract"),
    "a size of 10^6": (put("input", "height_px", value=10**6), "input.height_px"),
    "colour of one plane": (put("input", "channels", value=1), "colour_order"),
    "rows of no embeddings": (put("embedding_length", value=3), "embedding_length"),
    "no memory": (put("memory_mb", value=0), "memory_mb"),
    "a time of no day": (put("created", value="2026-02-31T00:00:00Z"), "created"),
    "a time as a number": (put("created", value=1_700_000_000), "created"),
    "a time without zone": (put("created", value="2026-02-01T00:00:00"), "created"),
    "over before it began": (put("expires", value="2026-02-01T00:00:00Z"), "after created"),
    "minimum that is none": (put("minimum_runtime", value="newest"), "minimum_runtime"),
    "note for the terminal": (put("note", value="\x1b[2J all is well"), "printable"),
    "note of half a letter": (put("note", value="\ud800"), "manifest"),
    "note of a book": (put("note", value="x" * 1001), "note"),
}


def test_backends_for_an_accelerator_are_those_with_a_form_of_their_own() -> None:
    """The catalogue knows them by name, and what a bundle must hold for each is said here."""
    assert {name for name, role in FILE_OF.items() if role != CPU_ROLE} == ACCELERATORS


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound one."""
    return make(tmp_path)


@pytest.mark.parametrize("case", CASES)
def test_manifest_that_says_what_it_must_not_is_refused(bundle: Path, case: str) -> None:
    """With the place that is wrong, and what to do about it."""
    change, words = CASES[case]
    with pytest.raises(BundleManifestError) as caught:
        Bundle(forge(bundle, change), POLICY)
    assert words in str(caught.value)
    assert str(bundle) in str(caught.value)
    assert "have it built again" in str(caught.value)


def text_of(bundle: Path) -> str:
    """The manifest as it stands in the file."""
    raw = bundle.read_bytes()
    return raw[HEADER_BYTES : manifest_end(raw)].decode()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"memory_mb": 100', '"memory_mb": 100, "memory_mb": 1', "twice"),
        ('"memory_mb": 100', '"memory_mb": NaN', "NaN"),
        ('"reject_above": 252.0', '"reject_above": Infinity', "Infinity"),
        ('"reject_above": 252.0', '"reject_above": 1e999', "beyond all bounds"),
        ('"memory_mb": 100', f'"memory_mb": {"9" * 5000}', "more than 19 digits"),
        ('"note": ""', f'"note": {"[" * 100_000}', "nested too deeply"),
        ('"note": ""', f'"note": {"[" * 900}{"]" * 900}', "manifest"),
        ('"note": ""', '"note": "', "manifest"),
        ("{", "\ufeff{", "manifest"),
        ("{", "", "manifest"),
    ],
)
def test_manifest_that_is_not_strict_json_is_refused(
    bundle: Path, old: str, new: str, words: str
) -> None:
    """A key twice, no number, a number without end, no text at all."""
    text = text_of(bundle)
    assert old in text
    with pytest.raises(BundleManifestError, match=words):
        Bundle(forge_raw(bundle, text.replace(old, new, 1).encode()), POLICY)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_manifest_in_another_encoding_is_refused(bundle: Path, encoding: str) -> None:
    """One text, one form."""
    with pytest.raises(BundleManifestError):
        Bundle(forge_raw(bundle, text_of(bundle).encode(encoding)), POLICY)


def test_manifest_message_cannot_drive_a_terminal(bundle: Path) -> None:
    """Keys are a stranger's words."""
    with pytest.raises(BundleManifestError) as caught:
        Bundle(forge(bundle, put("\x1b[31m", value=1)), POLICY)
    assert str(caught.value).isprintable()


def test_manifest_that_knows_less_than_the_file_holds_is_refused(bundle: Path) -> None:
    """The last file holds two frames, the manifest knows of one."""
    with pytest.raises(BundleDamaged, match="appended"):
        Bundle(forge(bundle, without_frame), POLICY)


def without_frame(manifest: dict[str, Any]) -> None:
    """One frame fewer than the file holds."""
    manifest["files"][-1]["length"] //= 2
    manifest["backends"]["onnxruntime"]["self_test_scores"].pop()


def test_manifest_with_one_more_file_than_there_is_is_refused(bundle: Path) -> None:
    """A file that begins where the bundle ends."""
    size = bundle.stat().st_size - manifest_end(bundle.read_bytes())
    with pytest.raises(BundleDamaged, match="cut off"):
        Bundle(forge(bundle, add_file("proof", "proof.json", size)), POLICY)


def test_manifest_with_a_wrong_digest_is_refused(bundle: Path) -> None:
    """Of a file that is whole."""
    with pytest.raises(BundleDamaged, match=r"selftest\.u8 was changed"):
        Bundle(forge(bundle, put("files", 2, "sha256", value="0" * 64)), POLICY)


def test_backend_facts_tell_the_bundled_engine_from_another() -> None:
    """Scores inside the tolerance pass; others, too few, or none at all do not."""
    facts = BackendFacts(recheck_above=1, reject_above=2, self_test_scores=SCORES, tolerance=0.02)
    assert facts.passes([score * 1.019 for score in SCORES])
    assert not facts.passes([score * 1.03 for score in SCORES])
    assert not facts.passes([SCORES[0], float("nan")])
    assert not facts.passes(SCORES[:1])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for hypothesis."""
    return make(tmp_path_factory.mktemp("sound"))


@given(data=st.data())
def test_manifest_with_anything_anywhere_raises_nothing_but_bundle_errors(
    sound: Path, data: st.DataObject
) -> None:
    """Any one value of a sound manifest replaced by any JSON value, under a good signature."""
    manifest = json.loads(text_of(sound))
    raw = sound.read_bytes()
    place: Any = manifest
    while isinstance(place, (dict, list)) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        holder, key = place, data.draw(st.sampled_from(keys))
        place = holder[key]
        if data.draw(st.booleans()):
            break
    holder[key] = data.draw(JSON)
    said = complaint(forge_raw(sound, json.dumps(manifest).encode()))
    sound.write_bytes(raw)
    assert said.isprintable()


def complaint(path: Path) -> str:
    """What opening it says; nothing when it is taken."""
    try:
        Bundle(path, POLICY).close()
    except BundleError as error:
        return str(error)
    return ""


def test_bundle_whose_picture_is_none_is_refused(tmp_path: Path) -> None:
    """JSON under the name of a picture, well signed."""

    def rename(manifest: dict[str, Any]) -> None:
        (entry,) = (entry for entry in manifest["files"] if entry["role"] == "proof")
        entry.update(role="picture", name="histogram.png")

    path = forge(make(tmp_path, proof={"rank": 0.99}), rename)
    with pytest.raises(BundleManifestError, match="does not begin as a PNG picture does"):
        Bundle(path, POLICY)
