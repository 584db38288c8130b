"""TensorRT's own Python package, 10.3 to 11.4: our stand-in has its names, and it takes our calls.

Its libraries are not here: with stand-ins for them it imports all the same, and its docstrings have
the signatures.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.engines.backends.tensorrt.package import NEEDED, check_version
from gonogo.tests.vendors.installed import HERE, folder_of
from gonogo.tests.vendors.tensorrt_fake import make
from gonogo.tests.vendors.tensorrt_fake.module import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator

BACKEND = Path(__file__).parents[2] / "engines" / "backends" / "tensorrt"
# our version of it: its folder of tests/vendors/install.sh, and the number of its libraries
REAL = {
    "10.3.0": ("tensorrt-10.3", 10),
    "10.16.1": ("tensorrt-10.16", 10),
    "11.4.0": ("tensorrt-11.4", 11),
}
LIBRARIES = ("nvinfer", "nvinfer_plugin", "nvonnxparser")
# classes with the docstrings of their members, enumerations with their numbers
DESCRIBE = """
import json, tensorrt_bindings as trt
found = {"version": trt.__version__, "classes": {}, "enums": {}}
for name in dir(trt):
    it = getattr(trt, name)
    if isinstance(it, type) and hasattr(it, "__members__"):
        found["enums"][name] = {key: int(value) for key, value in it.__members__.items()}
    elif isinstance(it, type):
        found["classes"][name] = {
            key: getattr(it, key).__doc__ or "" if callable(getattr(it, key)) else "property"
            for key in dir(it) if not key.startswith("__") or key == "__init__"
        }
print(json.dumps(found))
"""
Overloads = list[list[str]]


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A folder of libraries for each of their numbers."""
    folders = {}
    for number in {number for _, number in REAL.values()}:
        folders[number] = tmp_path_factory.mktemp(f"lib{number}")
        for library in LIBRARIES:
            name = f"lib{library}.so.{number}"
            source = HERE / "stub_tensorrt" / "libraries.c"
            options = ["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", f"-Wl,-soname,{name}"]
            try:
                target = folders[number] / name
                subprocess.run(["gcc", *options, "-o", target, source], check=True)
            except FileNotFoundError:
                pytest.skip("no C compiler (gcc)")
    return folders


@pytest.fixture(params=list(REAL))
def version(request: pytest.FixtureRequest) -> str:
    """Each that the stand-in plays."""
    found: str = request.param
    return found


@pytest.fixture
def real(version: str, stubs: dict[int, Path]) -> dict[str, Any]:
    """The real package of that version, described by itself."""
    name, number = REAL[version]
    found = {"PYTHONPATH": str(folder_of(name)), "LD_LIBRARY_PATH": str(stubs[number])}
    command = [sys.executable, "-c", DESCRIBE]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | found
    )
    described: dict[str, Any] = json.loads(told.stdout)
    return described


def overloads(name: str, doc: str) -> Overloads:
    """The parameters of each signature in a docstring of pybind11, without self."""
    found = []
    for text in re.findall(rf"^(?:\d+\. )?{re.escape(name)}\((.*)\) -> .+$", doc, re.MULTILINE):
        if text == "*args, **kwargs":
            continue
        # types and defaults have commas of their own: those within brackets part nothing
        flat = re.sub(r"<[^<>]*>", "", text)
        while "[" in flat:
            flat = re.sub(r"\[[^\[\]]*\]", "", flat)
        words = [part.strip().partition(":") for part in flat.split(",")]
        found.append(
            [name + ("=" if "=" in rest else "") for name, _, rest in words if name != "self"]
        )
    return found


def test_real_package_is_one_that_we_take(real: dict[str, Any]) -> None:
    """By its version, and by the names that must be there."""
    check_version(real["version"])
    assert set(NEEDED) <= {*real["classes"], *real["enums"]}


def test_stand_in_has_no_name_that_the_real_one_has_not(real: dict[str, Any], version: str) -> None:
    """Classes, their methods and properties, enumerations with the integers of that version."""
    module = make(version)
    counted = 0
    for name, it in vars(module).items():
        if name in {"__version__", "script", "world"} or not isinstance(it, type):
            continue
        if hasattr(it, "__members__"):
            numbers = {key: int(value) for key, value in it.__members__.items()}
            assert numbers.items() <= real["enums"][name].items(), name
            continue
        members = real["classes"][name]
        for member in {key for base in it.__mro__[:-1] for key in vars(base)} - OURS:
            if not member.startswith("_") and member not in dir(bytes):
                assert member in members, f"{name}.{member}"
                counted += 1
    assert counted > 40


def test_stand_in_takes_the_parameters_of_the_real_one(real: dict[str, Any], version: str) -> None:
    """The same names in the same order, in one of the real one's overloads."""
    module = make(version)
    compared = 0
    for name, members in real["classes"].items():
        it = getattr(module, name, None)
        for member, doc in members.items():
            method = getattr(it, member, None)
            wanted = overloads(member, doc)
            if not inspect.isfunction(method) or not wanted or member in OURS:
                continue
            taken = [
                each.name + ("=" if each.default is not each.empty else "")
                for each in list(inspect.signature(method).parameters.values())[1:]
            ]
            assert fits(taken, wanted), f"{name}.{member}: {taken} against {wanted}"
            compared += 1
    assert compared > 30


def fits(taken: list[str], wanted: Overloads) -> bool:
    """Whether one of the overloads has these; parameters that C++ has not named have any name."""

    def bare(words: list[str]) -> list[str]:
        return [word.rstrip("=") for word in words]

    def alike(one: str, other: str) -> bool:
        return one == other or other.startswith("arg")

    return any(
        len(taken) == len(each) and all(map(alike, bare(taken), bare(each))) for each in wanted
    )


def calls() -> Iterator[tuple[str, str, int, list[str]]]:
    """Calls of attributes in the backend: where, name, arguments by place, those by name."""
    for path in sorted(BACKEND.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                names = [each.arg or "" for each in node.keywords]
                yield f"{path.name}:{node.lineno}", node.func.attr, len(node.args), names


def test_backend_calls_with_arguments_that_the_real_one_takes(real: dict[str, Any]) -> None:
    """Each call in its source that is named as a method of a class that the backend has."""
    known: dict[str, Overloads] = {}
    for name in (*NEEDED, "IBuilderConfig", "INetworkDefinition", "ITimingCache", "ParserError",
                 "EngineInspector"):  # fmt: skip
        for member, doc in real["classes"].get(name, {}).items():
            known.setdefault(member, []).extend(overloads(member, doc))
    # of Python's own loggers as well, which the backend has, too
    known.pop("log")
    checked = set()
    for where, name, count, keywords in calls():
        if name not in known:
            continue
        assert any(
            len([word for word in each if "=" not in word]) <= count + len(keywords) <= len(each)
            and set(keywords) <= {word.rstrip("=") for word in each}
            for each in known[name]
        ), f"{where}: {name} with {count} arguments, expected one of {known[name]}"
        checked.add(name)
    assert checked >= {
        "build_serialized_network", "create_builder_config", "create_engine_inspector",
        "create_execution_context", "create_network", "create_timing_cache",
        "deserialize_cuda_engine", "execute_async_v3", "get_engine_information", "get_error",
        "get_output", "get_tensor_dtype", "get_tensor_location", "get_tensor_mode",
        "get_tensor_name", "get_tensor_shape", "get_timing_cache", "infer_shapes", "node_name",
        "node_operator", "parse", "set_device_memory", "set_tensor_address", "set_timing_cache",
        "unmark_output",
    }  # fmt: skip


def test_backend_sets_and_reads_properties_that_the_real_one_has(real: dict[str, Any]) -> None:
    """What is no method."""
    classes = real["classes"]
    for name, members in {
        "IBuilderConfig": {"profiling_verbosity", "progress_monitor"},
        "ICudaEngine": {"device_memory_size_v2", "num_io_tensors"},
        "INetworkDefinition": {"num_outputs"},
        "OnnxParser": {"num_errors"},
        "ITensor": {"name"},
    }.items():
        assert {key for key in members if classes[name].get(key) == "property"} == members
