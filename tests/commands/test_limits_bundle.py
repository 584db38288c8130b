"""Score limits into a new bundle: what is made, what is refused, and how it comes into service."""

from __future__ import annotations

import json
import shlex
import shutil
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from gonogo.base.errors import EngineNotInstalled, GonogoError, KeyFileError, LimitsNotApplied
from gonogo.base.scores import ScoreLimits
from gonogo.build.review.proposal import Proposal, labelled, propose
from gonogo.commands.cli import main
from gonogo.commands.limits_bundle import Remake, make, remake_of
from gonogo.commands.limits_subject import Wishes, subject_of
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.write import facts_of
from gonogo.engines.card import read_card
from gonogo.engines.installed.registry import Registry
from gonogo.tests.commands.passed import BAD, ENGINE, GOOD, LIMIT, passed
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.engines.serving.places import install, section
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

# 9 7 6 bad, 2.5 and 2.3 good, 2.4 bad between them, then good ones
SAID = "b\nb\nb\ng\nb\ng\n" + "g\n" * 14
TOP = ("--top", "20")
WHY = ("--why", "the first week")
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
    """A station that judges by bundle "bolt" 1.0.0, with the parts that passed it."""
    cell = passed(tmp_path)
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    more = f'[engines]\nfolder = "{engines.folder}"\ntrust = ["{engines.trust[0]}"]\n'
    named = ENGINE.replace('model = "nut.onnx"', 'bundle = "bolt"')
    text = cell.file.read_text()
    assert ENGINE in text
    cell.file.write_text(text.replace(ENGINE, named) + more)
    (tmp_path / "maker").write_bytes(parcels.MAKER.pem)
    (tmp_path / "maker").chmod(0o600)
    return cell.file


def bolt(folder: Path, version: str = "1.0.0", **more: Any) -> Path:  # noqa: ANN401 - of Contents
    """The engine that scored those parts, as a bundle."""
    card = read_card(folder / "nut.onnx")
    facts = facts_of(card, parcels.SCORES, 0.02)
    usual: dict[str, Any] = {
        "model": folder / "nut.onnx", "card": card, "name": "bolt", "version": version,
        "backends": {"onnxruntime": facts, "openvino": facts},
    }  # fmt: skip
    return parcels.make(folder, f"{version}.gng", **(usual | more))


def gonogo(*words: str | Path, typed: str = "", ends: int = 0) -> str:
    """What a command prints, and that it ends so."""
    result = CliRunner().invoke(main, [str(word) for word in words], input=typed)
    assert result.exit_code == ends, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def review(file: Path, *words: str | Path, typed: str = "", ends: int = 0) -> str:
    """Of the station file."""
    return gonogo("limits", "review", "--station", file, *words, typed=typed, ends=ends)


def proposal() -> Proposal:
    """Of a review in which all bad parts were found."""
    scores = np.array([*BAD, *sorted(GOOD, reverse=True)])
    words = [bool(score not in BAD) if k < 12 else None for k, score in enumerate(scores)]
    return propose(labelled(scores, words, 12), ScoreLimits(LIMIT, LIMIT))


def remake(file: Path, out: str = "bolt-1.0.1.gng", **more: Any) -> Remake:  # noqa: ANN401 - of Wishes
    """What these words ask for."""
    backend = more.pop("backend", None)
    wishes = Wishes(None, None, 1, 1000, 20, None, None, to_apply=True, yes=True, why="x", **more)
    subject = subject_of(file, "top", 1, backend)
    found = remake_of(subject, wishes._replace(out=file.parent / out))
    assert found is not None
    return found


def made(file: Path, wanted: Remake, typed: str = "") -> str:
    """What is said of it; its error is raised. Without an answer nobody is asked."""

    @click.command()
    def apply() -> None:
        make(subject_of(file, "top", 1), proposal(), wanted, yes=not typed)

    found = CliRunner().invoke(apply, input=typed)
    if isinstance(found.exception, GonogoError):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


def limits_of(path: Path) -> dict[str, tuple[float, float]]:
    """By backend."""
    with Bundle(path, INSPECTION) as bundle:
        found = bundle.manifest.backends
    return {name: (its.recheck_above, its.reject_above) for name, its in found.items()}


def trail(file: Path) -> list[dict[str, Any]]:
    """What was told of limits."""
    lines = (file.parent / "parts.audit.jsonl").read_bytes().splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [row for row in rows if row["what"].startswith("limits")]


def test_limits_go_into_a_bundle_that_comes_into_service_as_is_said(file: Path) -> None:
    """Nothing is installed by itself; the very lines that are said install it and take it back."""
    out = file.parent / "bolt-1.0.1.gng"
    before = file.read_bytes()
    assert f"--apply --out {out.name} --why" in review(file, *TOP, typed=SAID)
    made_so = ("--apply", "--yes", "--out", out, "--key", file.parent / "maker")
    said = review(file, *TOP, *made_so, *WHY)
    new = limits_of(out)
    assert len(set(new.values())) == 1
    assert max(new["openvino"]) < 2.4
    registry = Registry(file.parent / "engines")
    assert [each.version for each in registry.installed()] == ["1.0.0"]
    assert file.read_bytes() == before
    assert f"bolt 1.0.1, signed by {parcels.MAKER.public.fingerprint}" in said
    assert "warning" not in said
    assert "  gonogo swap load bolt 1.0.1 --station cell\n  gonogo swap activate" in said
    (line,) = [each for each in said.splitlines() if "engines install" in each]
    gonogo(*shlex.split(line)[1:])
    _, _, still = said.partition("of a station that does not run: ")
    activate, _, back = still.partition(", and back: ")
    gonogo(*shlex.split(activate)[1:])
    assert subject_of(file, None, 1).in_force[:2] == new["onnxruntime"]
    again = review(file, *TOP, *made_so[:2], "--out", file.parent / "bolt-1.0.2.gng", *WHY)
    assert "the bundle in service has these limits already" in again
    gonogo(*shlex.split(back)[1:])
    assert subject_of(file, None, 1).in_force[:2] == (LIMIT, LIMIT)


def test_limits_of_a_bundle_are_told_in_the_trail(file: Path) -> None:
    """Old and new ones, of which engine, in which file, and why."""
    review(file, *TOP, typed=SAID)
    out = file.parent / "bolt-1.0.1.gng"
    review(file, *TOP, "--apply", "--yes", "--out", out, *WHY)
    asked, done = trail(file)
    assert (asked["what"], asked["state"], done["state"]) == ("limits bundle", "asked", "done")
    assert asked["why"] == "the first week"
    engine = subject_of(file, None, 1).engine
    for told, version in ((asked["old"], "1.0.0"), (done["new"], "1.0.1")):
        assert (told["engine"], told["version"], told["engine_id"]) == ("bolt", version, engine)
    assert asked["old"]["limits"]["openvino"] == [LIMIT, LIMIT]
    assert tuple(done["new"]["limits"]["openvino"]) == limits_of(out)["openvino"]
    assert done["new"]["file"] == str(out)
    assert done["new"]["signer"] is None


def test_bundle_without_a_key_is_not_signed_and_that_is_said(file: Path) -> None:
    """The station does not take it until a key that it trusts has signed it."""
    said = made(file, remake(file))
    out = file.parent / "bolt-1.0.1.gng"
    assert "bolt 1.0.1, NOT SIGNED" in said
    assert "warning: this station does not take it so: GN323" in said
    (install_it,) = [each for each in said.splitlines() if "engines install" in each]
    words = shlex.split(install_it)[1:]
    assert "GN323" in gonogo(*words, ends=1)
    gonogo("bundle", "sign", out, "--key", file.parent / "maker")
    gonogo(*words)


def test_bundle_of_a_trial_is_installed_unsigned(file: Path) -> None:
    """Where the station file takes such ones nothing is warned of."""
    file.write_text(file.read_text() + "allow_unsigned = true\n")
    said = made(file, remake(file))
    assert "warning" not in said
    (line,) = [each for each in said.splitlines() if "engines install" in each]
    assert line.endswith("--unsigned")


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("nut-1.0.1.gng", "the station asks for 'bolt': expected bolt-1.0.1.gng"),
        ("bolt-1.0.0.gng", "1.0.0 is installed already: expected a newer one, as bolt-1.0.1.gng"),
        ("bolt-1.0.0-rc.1.gng", "expected a newer one"),
        ("bolt.gng", "version 1.0.0, and 1.0.0 is installed"),
        ("bolt-1.0.1.zip", "expected the name of a bundle"),
        ("gone/bolt-1.0.1.gng", "no such folder"),
    ],
)
def test_name_that_no_station_would_take_is_refused(file: Path, out: str, why: str) -> None:
    """Before anybody is asked about parts."""
    with pytest.raises(LimitsNotApplied, match=why):
        remake(file, out)


def test_version_is_newer_than_all_that_are_installed(file: Path) -> None:
    """Not only than the one in service: a number stands for one content."""
    registry = Registry(file.parent / "engines")
    registry.install(bolt(file.parent, "1.4.9"), INSPECTION)
    with pytest.raises(LimitsNotApplied, match=r"1\.4\.9 is installed .* as bolt-1\.4\.10\.gng"):
        remake(file)
    assert remake(file, "bolt-1.4.10.gng").label.version == "1.4.10"


def test_file_that_is_there_is_never_written_over(file: Path) -> None:
    """Also where it came meanwhile, and a link that leads nowhere is somebody's."""
    wanted = remake(file)
    wanted.out.write_bytes(b"mine")
    with pytest.raises(LimitsNotApplied, match="is there already"):
        made(file, wanted)
    with pytest.raises(LimitsNotApplied, match="is there already"):
        remake(file)
    assert wanted.out.read_bytes() == b"mine"
    wanted.out.unlink()
    wanted.out.symlink_to("nowhere")
    with pytest.raises(LimitsNotApplied, match="is there already"):
        remake(file)


def test_key_with_a_password_is_refused_before_anybody_is_asked(file: Path) -> None:
    """It is said which file, and what is expected."""
    key = file.parent / "locked"
    locked = load_pem_private_key(parcels.MAKER.pem, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    key.write_bytes(locked)
    key.chmod(0o600)
    with pytest.raises(KeyFileError, match="locked: expected a private key without password"):
        remake(file, key=key)


def test_bundle_that_went_meanwhile_is_said(file: Path) -> None:
    """Removed by hand, or another version in service: these limits are of the one before."""
    wanted, engines = remake(file), file.parent / "engines"
    install(section(file.parent), bolt(file.parent, "1.1.0"))
    with pytest.raises(LimitsNotApplied, match=r"bolt 1\.1\.0 came into service meanwhile"):
        made(file, wanted)
    shown = subject_of(file, "top", 1)
    shutil.rmtree(engines / "bolt")
    with pytest.raises(EngineNotInstalled, match="no engine 'bolt'"):
        make(shown, proposal(), wanted, yes=True)
    assert not wanted.out.exists()


def test_person_who_does_not_agree_has_nothing_written(file: Path) -> None:
    """The difference is shown first."""
    wanted = remake(file)
    with pytest.raises(LimitsNotApplied, match="not agreed to; nothing was written"):
        made(file, wanted, "n\n")
    assert not wanted.out.exists()
    said = made(file, wanted, "y\n")
    assert said.index(f"onnxruntime: recheck above {LIMIT:g} -> ") < said.index("make this bundle?")


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
    name = "bolt-top-r1-1.0.0.gng"
    assert f"--out {name}" in review(file, "--view", "top", "--apply", "--yes", *WHY, ends=1)
    said = made(file, remake(file, name))
    assert f"then bundle = \"bolt-top-r1\" in {file}, for the engine of view 'top'" in said
    assert "swap load" not in said
    with Bundle(file.parent / name, INSPECTION) as bundle:
        Registry(file.parent / "engines").install(bundle.path, INSPECTION)
    (file.parent / name).unlink()
    with pytest.raises(LimitsNotApplied, match="expected a name that is new"):
        remake(file, name)


def test_forms_of_a_bundle_have_limits_each_of_its_own(file: Path) -> None:
    """Which of them scored the parts is to be said; the others stay as they are."""
    folder = file.parent
    facts = facts_of(read_card(folder / "nut.onnx"), parcels.SCORES, 0.02)
    both = {"onnxruntime": facts, "tensorrt": facts.model_copy(update={"recheck_above": 1.5})}
    other = tiny_engine(folder / "other.onnx")
    bundle = bolt(folder, "1.1.0", backends=both, further={"tensorrt": other})
    install(section(folder), bundle)
    assert subject_of(file, None, 1).in_force.recheck_above == 1.5
    assert subject_of(file, None, 1, "onnxruntime").in_force.recheck_above == LIMIT
    with pytest.raises(LimitsNotApplied, match=r"forms for onnxruntime, tensorrt.*--backend"):
        remake(file, "bolt-1.1.1.gng")
    said = made(file, remake(file, "bolt-1.1.1.gng", backend="onnxruntime"))
    assert "tensorrt: as they are" in said
    new = limits_of(folder / "bolt-1.1.1.gng")
    assert new["onnxruntime"] == proposal().limits[:2]
    assert new["tensorrt"] == (1.5, LIMIT)


def test_options_of_a_bundle_are_of_nothing_else(tmp_path: Path) -> None:
    """A model file has its limits in the station file; without --apply nothing is written."""
    file = passed(tmp_path).file
    out = ("--out", tmp_path / "nut-1.0.1.gng")
    said = review(file, "--apply", "--yes", *out, *WHY, ends=1)
    assert "is a model file, whose limits go into the station file" in said
    assert "--out and --key are of --apply" in review(file, *out, ends=2)
    said = review(file, "--backend", "openvino", ends=1)
    assert "view 'top' has a model file: expected no --backend openvino" in said


def test_bundle_without_a_name_for_the_new_one_is_refused_at_once(file: Path) -> None:
    """What to type is said, and nobody has been asked about parts."""
    said = review(file, "--apply", "--yes", *WHY, typed=SAID, ends=1)
    assert "GN635" in said
    assert '--apply --out bolt-1.0.1.gng --why "..." makes a bundle' in said
    assert not list(file.parent.glob("*-dispositions*"))
