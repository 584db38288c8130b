"""Which bundle may take the place of the one in service."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from gonogo.base.errors import EngineNotInstalled, KeyFileError, LimitsNotApplied
from gonogo.build.review.remake import Remake, Service, check_still, planned, proposed
from gonogo.config.limits_in_file import Place
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.write import facts_of
from gonogo.engines.card import read_card
from gonogo.engines.installed.choice import choose_installed
from gonogo.engines.installed.registry import Registry
from gonogo.tests.commands.passed import bolt, bundled
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.engines.serving.places import install, section
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

TOP = Place("top")
SIDE = """[[view]]
name = "side"
[view.camera]
driver = "synthetic"
width_px = 640
height_px = 480
[view.engine]
bundle = "bolt"
[records]"""
RECIPE = """[[recipe]]
number = 7
name = "long"
[[recipe.view]]
name = "top"
[recipe.view.engine]
bundle = "bolt"
[records]"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station that judges by bundle "bolt" 1.0.0."""
    return bundled(tmp_path)


def service(file: Path, backend: str = "auto") -> Service:
    """The bundle of its view as it is installed now."""
    engines = section(file.parent)
    chosen = choose_installed(["bolt"], engines)["bolt"]
    return Service(file, "cell", TOP, engines, chosen, backend)


def remake(file: Path, out: str = "bolt-1.0.1.gng", key: Path | None = None) -> Remake:
    """What would be written into that file beside the station's."""
    return planned(service(file), file.parent / out, key)


def test_remake_has_name_version_and_signer(file: Path) -> None:
    """By the name of the file, and by the key."""
    made = remake(file, key=file.parent / "maker")
    assert (made.label.name, made.label.version, made.beside) == ("bolt", "1.0.1", False)
    assert made.signer == parcels.MAKER.public
    assert made.backends == ("onnxruntime", "openvino")
    assert remake(file).signer is None


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("nut-1.0.1.gng", "the station asks for 'bolt'; expected a name as bolt-1.0.1.gng"),
        ("bolt-1.0.0.gng", "1.0.0 is installed already; expected a newer one, as bolt-1.0.1.gng"),
        ("bolt-1.0.0-rc.1.gng", "expected a newer one"),
        ("bolt.gng", "version 1.0.0, and 1.0.0 is installed"),
        ("bolt-1.0.1.zip", "expected the name of a bundle"),
        ("bolt-1.0.1", "expected the name of a bundle"),
        ("gone/bolt-1.0.1.gng", "no such folder"),
    ],
)
def test_name_that_the_station_would_not_take_is_refused(file: Path, out: str, why: str) -> None:
    """With one that would do."""
    with pytest.raises(LimitsNotApplied, match=why):
        remake(file, out)


def test_version_is_newer_than_all_that_are_installed(file: Path) -> None:
    """Not only than the one in service: a number stands for one content."""
    Registry(file.parent / "engines").install(bolt(file.parent, "1.4.9"), INSPECTION)
    with pytest.raises(LimitsNotApplied, match=r"1\.4\.9 is installed .* as bolt-1\.4\.10\.gng"):
        remake(file)
    assert remake(file, proposed(service(file))).label.version == "1.4.10"


def test_file_that_is_there_is_not_written_over(file: Path) -> None:
    """Also where it came meanwhile; a link that leads nowhere is somebody's."""
    made = remake(file)
    made.out.symlink_to("nowhere")
    with pytest.raises(LimitsNotApplied, match="is there already"):
        remake(file)
    made.out.unlink()
    made.out.write_bytes(b"mine")
    with pytest.raises(LimitsNotApplied, match="is there already"):
        check_still(made)


def test_key_with_a_password_is_refused(file: Path) -> None:
    """It is said which file, and what is expected."""
    key = file.parent / "locked"
    locked = load_pem_private_key(parcels.MAKER.pem, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    key.write_bytes(locked)
    key.chmod(0o600)
    with pytest.raises(KeyFileError, match="locked: expected a private key without password"):
        remake(file, key=key)


def test_bundle_that_went_meanwhile_is_no_ground_for_another(file: Path) -> None:
    """Another version in service, or removed by hand."""
    made = remake(file)
    check_still(made)
    install(section(file.parent), bolt(file.parent, "1.1.0"))
    with pytest.raises(LimitsNotApplied, match=r"bolt 1\.1\.0 came into service meanwhile"):
        check_still(made)
    shutil.rmtree(file.parent / "engines" / "bolt")
    with pytest.raises(EngineNotInstalled, match="no engine 'bolt'"):
        check_still(made)


@pytest.mark.parametrize(
    ("more", "whose"), [(SIDE, "view 'side'"), (RECIPE, "view 'top' in recipe 7")]
)
def test_bundle_that_judges_elsewhere_too_gets_a_name_of_its_own(
    file: Path, more: str, whose: str
) -> None:
    """Its limits would change there as well, by parts of one view alone."""
    file.write_text(file.read_text().replace("[records]", more))
    with pytest.raises(LimitsNotApplied, match=f"is the engine of {whose} as well"):
        remake(file)
    name = proposed(service(file))
    made = remake(file, name)
    assert (made.label.name, made.label.version, made.beside) == ("bolt-top-r1", "1.0.0", True)
    taken = bolt(file.parent, "1.0.0", name=made.label.name)
    Registry(file.parent / "engines").install(taken, INSPECTION)
    with pytest.raises(LimitsNotApplied, match="expected a name that is new"):
        remake(file, name)


def test_form_that_scored_the_parts_is_to_be_known(file: Path) -> None:
    """Backends of one form have the same scores; those of another are told apart by a person."""
    folder = file.parent
    facts = facts_of(read_card(folder / "nut.onnx"), parcels.SCORES, 0.02)
    three = dict.fromkeys(("onnxruntime", "openvino", "tensorrt"), facts)
    further = {"tensorrt": tiny_engine(folder / "other.onnx")}
    install(section(folder), bolt(folder, "1.1.0", backends=three, further=further))
    with pytest.raises(LimitsNotApplied, match=r"onnxruntime, openvino, tensorrt.*--backend"):
        remake(file, "bolt-1.1.1.gng")
    for backend, expected in (("openvino", "onnxruntime openvino"), ("tensorrt", "tensorrt")):
        found = planned(service(file, backend), folder / "bolt-1.1.1.gng", None)
        assert " ".join(found.backends) == expected
