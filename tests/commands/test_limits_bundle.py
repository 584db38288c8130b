"""Score limits into a new bundle, and how it comes into service and out of it again."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

from gonogo.base.errors import GonogoError, LimitsNotApplied
from gonogo.base.scores import ScoreLimits
from gonogo.build.review.proposal import Proposal, labelled, propose
from gonogo.commands.cli import main
from gonogo.commands.limits_bundle import make, remake_of
from gonogo.commands.limits_subject import Wishes
from gonogo.console.limits.subject import subject_of
from gonogo.engines.bundles.policy import INSPECTION
from gonogo.engines.bundles.read import Bundle
from gonogo.engines.bundles.write import facts_of
from gonogo.engines.card import read_card
from gonogo.engines.installed.registry import Registry
from gonogo.tests.commands.passed import BAD, GOOD, LIMIT, bolt, bundled, passed
from gonogo.tests.engines.bundles import parcels
from gonogo.tests.engines.serving.places import install, section
from gonogo.tests.stations import tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

# 9 7 6 bad, 2.5 and 2.3 good, 2.4 bad between them, then good ones
SAID = "b\nb\nb\ng\nb\ng\n" + "g\n" * 14
TOP = ("--top", "20")
WHY = ("--why", "the first week")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station that judges by bundle "bolt" 1.0.0, with the parts that passed it."""
    return bundled(tmp_path)


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


def made(file: Path, out: Path, backend: str | None = None, typed: str = "") -> str:
    """What is said of it; its error is raised. Without an answer nobody is asked."""
    wishes = Wishes(None, None, 1, 1000, 20, None, None, to_apply=True, yes=True, why="x", out=out)
    subject = subject_of(file, None, 1, backend)

    @click.command()
    def apply() -> None:
        wanted = remake_of(subject, wishes)
        assert wanted is not None
        make(subject, proposal(), wanted, yes=not typed)

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


def test_limits_come_into_service_by_what_is_said_and_go_by_it(file: Path) -> None:
    """Nothing is installed by itself; the very lines that are said do it, and take it back."""
    out, before = file.parent / "bolt-1.0.1.gng", file.read_bytes()
    assert f"--apply --out {out.name} --why" in review(file, *TOP, typed=SAID)
    key = ("--key", file.parent / "maker")
    said = review(file, *TOP, "--apply", "--yes", "--out", out, *key, *WHY)
    new = limits_of(out)
    assert len(set(new.values())) == 1
    assert new["openvino"][0] < 2.4
    registry = Registry(file.parent / "engines")
    assert [each.version for each in registry.installed()] == ["1.0.0"]
    assert file.read_bytes() == before
    assert "does not take it" not in said
    (line,) = [each for each in said.splitlines() if "engines install" in each]
    gonogo(*shlex.split(line)[1:])
    _, _, still = said.partition("of a station that does not run: ")
    activate, _, back = still.partition(", and back: ")
    gonogo(*shlex.split(activate)[1:])
    assert subject_of(file, None, 1).in_force[:2] == new["onnxruntime"]
    other = file.parent / "bolt-1.0.2.gng"
    again = review(file, *TOP, "--apply", "--yes", "--out", other, *WHY)
    assert "the bundle in service has these limits already" in again
    assert not other.exists()
    gonogo(*shlex.split(back)[1:])
    assert subject_of(file, None, 1).in_force[:2] == (LIMIT, LIMIT)


def test_limits_of_a_bundle_are_told_in_the_trail(file: Path) -> None:
    """Old and new ones, of which engine, in which file, and why."""
    review(file, *TOP, typed=SAID)
    out = file.parent / "bolt-1.0.1.gng"
    said = review(file, *TOP, "--apply", "--yes", "--out", out, *WHY)
    assert "bolt 1.0.1, NOT SIGNED" in said
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


def test_bundle_of_a_version_that_is_not_in_service_any_more_is_not_made(file: Path) -> None:
    """Another version that came into service while a person was asked: nothing is written."""
    out = file.parent / "bolt-1.2.0.gng"
    wishes = Wishes(None, None, 1, 1000, 20, None, None, to_apply=True, yes=True, why="x", out=out)
    subject = subject_of(file, None, 1)
    wanted = remake_of(subject, wishes)
    assert wanted is not None
    install(section(file.parent), bolt(file.parent, "1.1.0"))
    with pytest.raises(LimitsNotApplied, match="came into service meanwhile"):
        make(subject, proposal(), wanted, yes=True)
    assert not out.exists()


def test_person_who_does_not_agree_has_nothing_written(file: Path) -> None:
    """The difference is shown first."""
    out = file.parent / "bolt-1.0.1.gng"
    with pytest.raises(LimitsNotApplied, match="not agreed to; nothing was written"):
        made(file, out, typed="n\n")
    assert not out.exists()
    said = made(file, out, typed="y\n")
    assert said.index(f"onnxruntime: recheck above {LIMIT:g} -> ") < said.index("make this bundle?")
    assert out.exists()


def test_forms_of_a_bundle_have_limits_each_of_its_own(file: Path) -> None:
    """Of the one that scored the parts they change, and are shown as those in force."""
    folder = file.parent
    facts = facts_of(read_card(folder / "nut.onnx"), parcels.SCORES, 0.02)
    both = {"onnxruntime": facts, "tensorrt": facts.model_copy(update={"recheck_above": 1.5})}
    further = {"tensorrt": tiny_engine(folder / "other.onnx")}
    install(section(folder), bolt(folder, "1.1.0", backends=both, further=further))
    assert subject_of(file, None, 1).in_force.recheck_above == 1.5
    assert subject_of(file, None, 1, "onnxruntime").in_force.recheck_above == LIMIT
    out = folder / "bolt-1.1.1.gng"
    assert "tensorrt: as they are" in made(file, out, "onnxruntime")
    assert limits_of(out) == {"onnxruntime": proposal().limits[:2], "tensorrt": (1.5, LIMIT)}


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
    said = review(file, "--apply", "--yes", *WHY, ends=1)
    assert "GN635" in said
    assert '--apply --out bolt-1.0.1.gng --why "..." makes a bundle' in said
    said = review(file, "--apply", "--yes", "--out", file.parent / "a-1.0.1.gng", *WHY, ends=1)
    assert "the station asks for 'bolt'" in said
    assert "looked at" not in said
