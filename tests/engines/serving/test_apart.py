"""The choice in a process of its own: that one may die or hang, whoever asked lives on."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BackendError, MissingExtra, ModelError
from gonogo.engines.backends.catalogue import AUTO
from gonogo.engines.backends.settle import LEFT
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.serving.apart import importing_apart, settle_apart
from gonogo.engines.serving.source import Source, Sources
from gonogo.tests.descriptors import nothing_left_open
from gonogo.tests.engines.backends.scripted import engine
from gonogo.tests.engines.serving.places import RED, bolt, facts, section, view
from gonogo.tests.stations import tiny_engine
from gonogo.tests.vendors.environment import python_with
from gonogo.tests.vendors.installed import CUDA_BINDINGS, HERE

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = Source(engine("onnxruntime", "openvino"), 7)
CHOSEN = {
    "candidate": ["onnxruntime", 2],
    "why": "the only one that is left",
    "table": [[["openvino", 0], None, None, None, LEFT]],
    "others": False,
}


def shell(first: str, second: str = "exit 1") -> list[str]:
    """What does `first`, and `second` once it has been told that OpenVINO ends it."""
    told = '\'"left_out":["openvino"]\''
    return ["sh", "-c", f"read -r order; case $order in *{told}*) {second};; *) {first};; esac"]


def say(*words: object) -> str:
    """A line, as the process says it."""
    return f"echo '{json.dumps(words)}'"


CALLS = say("calling", "openvino")
ANSWERS = say("choice", list(CHOSEN.values()))


def test_settle_apart_chooses_as_it_would_here(tmp_path: Path) -> None:
    """With a real bundle: its bytes, its frames and what they must score reach the process."""
    its = {"onnxruntime": facts(RED), "openvino": facts((1.0, 2.0))}
    path = bolt(tmp_path, backends=its)
    plan = view(backend="auto", threads=2)
    policy = policy_of(section(tmp_path))
    with nothing_left_open(), Sources([plan], {"bolt": path}, policy) as sources:
        choice = settle_apart(plan, sources.of(plan), 2)
    assert choice.candidate == ("onnxruntime", 2)
    reasons = {row.candidate.backend: row.left_out for row in choice.table if row.left_out}
    assert set(reasons) == {"openvino"}
    # not itself where it is installed, and not installed elsewhere
    assert "expected 1, 2 within" in reasons["openvino"] or "pip install" in reasons["openvino"]


def test_settle_apart_lets_people_see_how_far_a_build_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A plan for a device takes minutes, in which there is no answer."""
    python = python_with(tmp_path / "python", CUDA_BINDINGS, HERE / "tensorrt_fake" / "site")
    monkeypatch.setenv("GONOGO_PLANS", str(tmp_path / "plans"))
    its = {"onnxruntime": facts(RED), "tensorrt": facts(RED)}
    path = bolt(tmp_path, backends=its, further={"tensorrt": tiny_engine(tmp_path / "rt.onnx")})
    plan = view(backend="auto", cuda="cuda-bindings")
    entry = (str(python), "-I", "-m", "gonogo.engines.serving.apart")
    with Sources([plan], {"bolt": path}, policy_of(section(tmp_path))) as sources:
        settle_apart(plan, sources.of(plan), 1, entry)
        other = plan.model_copy(update={"cuda": "pycuda"})  # of which it has no stand-in
        choice = settle_apart(other, sources.of(plan), 1, entry)
    reasons = {row.candidate.backend: row.left_out for row in choice.table}
    assert "build pycuda on this box" in (reasons["tensorrt"] or "")
    assert "building the plan for" in capfd.readouterr().err


@pytest.mark.parametrize("end", ["kill -SEGV $$", "kill -KILL $$", "exit 3", "exec sleep 1000"])
def test_settle_apart_leaves_out_a_backend_that_ends_or_hangs_the_process(end: str) -> None:
    """Whatever a vendor's library does to it; the next process is told."""
    entry = shell(f"{CALLS}; {end}", ANSWERS)
    choice = settle_apart(view(), ENGINE, 2, entry, limit_s=3.0)
    assert choice.candidate == ("onnxruntime", 2)
    assert [row.left_out for row in choice.table] == [LEFT]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("exit 1", "exit 1"),
        (f"{CALLS}; {say('returned', 'openvino')}; exit 1", ANSWERS),
        (f"{CALLS}; exit 1", f"{CALLS}; exit 1"),
        ('printf \'["calling", "open\'; kill -KILL $$', ANSWERS),
    ],
)
def test_settle_apart_does_not_try_for_ever(first: str, second: str) -> None:
    """One that ends for no backend's sake, or of the same one again, is a fault of its own."""
    with pytest.raises(BackendError, match=r"bolt\.gng: the process that measures its backends"):
        settle_apart(view(), ENGINE, 1, shell(first, second))


def test_importing_apart_lets_through_what_can_be_imported() -> None:
    """And an error that is raised as it is imported, which is told where that is done."""
    for backend in ("onnxruntime", "no-such-backend"):
        with importing_apart(backend):
            pass


@pytest.mark.parametrize("end", ["SEGV", "ABRT", "KILL"])
def test_importing_apart_refuses_what_ends_who_imports_it(end: str) -> None:
    """It is told as a backend that is not there."""
    with (
        pytest.raises(MissingExtra, match=r"'openvino'.*install its package anew"),
        importing_apart("openvino", ("sh", "-c", f"kill -{end} $$")),
    ):
        pytest.fail("it was imported")


def test_settle_apart_raises_what_was_raised_there() -> None:
    """With its number, and once."""
    with pytest.raises(MissingExtra, match=r"^GN121: no driver$"):
        settle_apart(view(), ENGINE, 1, shell(say("error", "MissingExtra", "no driver")))


def test_settle_apart_speaks_of_files_as_they_are_found_here(tmp_path: Path) -> None:
    """What the process says of a file in memory is told with the name of the bundle."""
    path, plan = bolt(tmp_path), view(backend="onnxruntime")
    order = "${order#*files}"
    with Sources([plan], {"bolt": path}, policy_of(section(tmp_path))) as sources:
        source = sources.of(plan)
        held = str(source.model.file_of("onnxruntime")).replace("self", str(os.getpid()))
        seen = f"case {order} in *{held}*) {say('error', 'ModelError', f'{held}: no')};; esac"
        with pytest.raises(ModelError) as caught:
            settle_apart(plan, source, 1, shell(seen))
        assert sources.named(str(caught.value)) == f"GN300: {path}: no"


def test_settle_apart_knows_of_backends_without_a_file(tmp_path: Path) -> None:
    """Why they have none is told in the table, or raised where that one is wanted."""
    path = bolt(tmp_path, backends={"onnxruntime": facts(RED)})
    plan = view(threads=AUTO)
    with Sources([plan], {"bolt": path}, policy_of(section(tmp_path))) as sources:
        source = sources.of(plan)
        files = {**source.model.files, "openvino": ModelError("no file of role cpu")}
        model = source.model._replace(proven=("onnxruntime", "openvino"), files=files)
        choice = settle_apart(plan, source._replace(model=model), 1)
        assert [row.left_out for row in choice.table] == ["GN300: no file of role cpu"]
        wanted = plan.model_copy(update={"backend": "openvino"})
        with pytest.raises(ModelError, match=r"^GN300: no file of role cpu$"):
            settle_apart(wanted, source._replace(model=model), 1)
