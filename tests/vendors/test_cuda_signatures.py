"""NVIDIA's own cuda-bindings, 12 and 13: our stand-in has its names, and it takes our calls.

The package imports without a driver. With a library of ours in the driver's place
(stub_driver/libcuda.c) it also runs: what every way to CUDA must do is run on it, and so is how
gonogo.engines.backends.cuda.opening refuses a driver.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.engines.backends.cuda.codes import KNOWN
from gonogo.tests.hardware.real_rig import PTX, why_not
from gonogo.tests.vendors.installed import CUDA_BINDINGS, compiled, folder_of, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BINDINGS = ["cuda-bindings-12", "cuda-bindings-13"]
# gonogo.engines.backends.cuda.calls makes the calls that these name
CALLING = [
    *(ROOT / "engines" / "backends" / "cuda" / name for name in ("bindings.py", "opening.py")),
    ROOT / "tests" / "hardware" / "real_rig.py",
]
DRIVER = "cuda.bindings.driver"
# what a module says of itself: names with values; functions with the names of their parameters
DESCRIBE = f"""
import json, re
from {DRIVER.rpartition(".")[0]} import driver
def parameters(text):
    inner = (text or "").split("\\n")[0].partition("(")[2].rpartition(")")[0]
    return [re.split(r"[ *]+", each.split(":")[0].strip())[-1] for each in inner.split(",") if each]
found = {{"functions": {{}}, "members": {{}}, "classes": [], "values": {{}}}}
for name in dir(driver):
    it = getattr(driver, name)
    if isinstance(it, type) and hasattr(it, "__members__"):
        found["members"][name] = {{each.name: int(each) for each in it}}
    elif isinstance(it, type):
        found["classes"].append(name)
    elif name.startswith("CU") and isinstance(it, int):
        found["values"][name] = int(it)
    elif re.match("cu[A-Z]", name) and callable(it):
        found["functions"][name] = parameters(it.__doc__)
print(json.dumps(found))
"""


# of the stand-in, which is Python: its signature is no text
SIGNATURE = """
import inspect
def signature(it):
    return "(" + ", ".join(inspect.signature(it).parameters) + ")"
"""


def in_python(folder: Path, code: str, **environment: str) -> str:
    """What a fresh interpreter prints that finds a package there."""
    found = os.environ | {"PYTHONPATH": str(folder)} | environment
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=found).stdout


@pytest.fixture(params=BINDINGS)
def real(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The real package, described by itself."""
    described: dict[str, Any] = json.loads(in_python(folder_of(request.param), DESCRIBE))
    return described


def called_in(path: Path) -> Iterator[tuple[str, int]]:
    """Calls of the driver that a module makes by name, with how many arguments each."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        callee, first = ast.unparse(node.func), node.args[0] if node.args else None
        if callee.endswith(("call", "answer")) and isinstance(first, ast.Constant):
            yield str(first.value), len(node.args) - 1
        elif isinstance(node.func, ast.Attribute) and re.match("cu[A-Z]", node.func.attr):
            yield node.func.attr, len(node.args)


def named_in(path: Path) -> set[str]:
    """Names of NVIDIA's that a module takes from the package."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = {node.attr for node in tree if isinstance(node, ast.Attribute)}
    return {name for name in found if name.startswith(("CU_", "CUDA_", "CUc", "CUs", "CUe", "CUd"))}


@pytest.mark.parametrize("path", CALLING, ids=lambda path: str(path.stem))
def test_every_call_that_we_make_exists_with_so_many_arguments(
    real: dict[str, Any], path: Path
) -> None:
    """And every name that we take."""
    calls = set(called_in(path))
    assert len(calls) > 2
    for name, count in calls:
        assert name in real["functions"], name
        assert len(real["functions"][name]) == count, name
    members = {name for each in real["members"].values() for name in each}
    known = {*members, *real["members"], *real["classes"], *real["values"], "CUDA_VERSION"}
    assert named_in(path) <= known


def test_stand_in_has_nothing_that_the_real_one_has_not(real: dict[str, Any]) -> None:
    """Functions with the same parameters in the same order, members and values alike."""
    describe = SIGNATURE + DESCRIBE.replace("it.__doc__", "signature(it)")
    stand_in = json.loads(in_python(CUDA_BINDINGS, describe))
    assert len(stand_in["functions"]) > 35
    for name, parameters in stand_in["functions"].items():
        assert real["functions"].get(name) == parameters, name
    for name, members in stand_in["members"].items():
        if name == "IntEnum":  # its base
            continue
        assert members.items() <= real["members"][name].items(), name
    for name, value in stand_in["values"].items():
        assert name == "CUDA_VERSION" or real["values"][name] == value
    ours = {"GpuError", "IntEnum"}
    assert set(stand_in["classes"]) - ours <= {*real["classes"], *ours, "_Handle"}


def test_known_codes_are_those_of_the_real_one(real: dict[str, Any]) -> None:
    """Numbers and names; the texts are the driver's own, which is not here."""
    names = {code: name for name, code in real["members"]["CUresult"].items()}
    # of the runtime API alone
    ours = {code: known.name for code, known in KNOWN.items() if code != 35}
    assert ours == {code: names[code] for code in ours}


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As one of today."""
    return compiled(tmp_path_factory.mktemp("driver"))


@pytest.mark.parametrize("name", BINDINGS)
def test_real_package_does_what_every_way_must_do(name: str, stub: Path) -> None:
    """All of test_cuda_conformance.py that a real device is put through, by the real package."""
    if not why_not("real cuda-bindings"):
        pytest.skip("there is a real device: it is tested itself")
    folder = folder_of(name)
    tests = ROOT / "tests" / "engines" / "backends" / "cuda" / "test_cuda_conformance.py"
    command = [sys.executable, "-m", "pytest", "-q", "-k", "real and cuda and bindings", str(tests)]
    found = {"PYTHONPATH": str(folder), "LD_LIBRARY_PATH": str(stub)}
    ran = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | found,
        cwd=ROOT,
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
    assert "17 passed" in ran.stdout, ran.stdout


OPEN = """
from gonogo.engines.backends.cuda.probe import open_cuda
from gonogo.base.errors import CudaError
try: open_cuda("cuda-bindings", spin=True)
except CudaError as error: print(error)
"""


@pytest.mark.parametrize("name", BINDINGS)
def test_real_package_without_a_driver_is_told_as_that(name: str) -> None:
    """It raises where the driver's library is missing; so does the stand-in."""
    if not why_not("real cuda-bindings"):
        pytest.skip("there is a driver here")
    assert in_python(folder_of(name), OPEN).startswith("GN361: cuInit: ")


@pytest.mark.parametrize("name", BINDINGS)
def test_real_package_refuses_a_driver_of_an_older_cuda(name: str, stub: Path) -> None:
    """As its makers have it: within one major version only."""
    environment = {"LD_LIBRARY_PATH": str(stub), "STUB_DRIVER_VERSION": "11080"}
    told = in_python(folder_of(name), OPEN, **environment)
    assert told.startswith("GN362: the driver is for CUDA 11.8")
    assert "pip install 'cuda-bindings<12'" in told


@pytest.mark.parametrize("name", BINDINGS)
def test_real_package_on_a_driver_before_cuda_12(name: str, tmp_path: Path) -> None:
    """The newer one does not even find its calls: an old driver, and not none."""
    folder = compiled(tmp_path, "-DBEFORE_CUDA_12")
    environment = {"LD_LIBRARY_PATH": str(folder), "STUB_DRIVER_VERSION": "11080"}
    assert in_python(folder_of(name), OPEN, **environment).startswith("GN362: ")


@pytest.mark.parametrize("chip", ["sm_72", "sm_87", "sm_89", "sm_101"])
def test_kernels_of_the_hardware_tests_assemble(chip: str, tmp_path: Path) -> None:
    """By NVIDIA's own assembler, for Xavier, Orin, a desktop GPU and Thor."""
    ptxas = folder_of("ptxas") / "nvidia" / "cuda_nvcc" / "bin" / "ptxas"
    source = tmp_path / "kernels.ptx"
    source.write_bytes(PTX)
    command = [str(ptxas), f"-arch={chip}", "-o", str(tmp_path / "out"), str(source)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_stand_in_is_what_is_imported_within_its_folder() -> None:
    """And forgotten behind it, whatever is installed."""
    before = sys.modules.get(DRIVER)
    with found_in(CUDA_BINDINGS):
        found = __import__(DRIVER, fromlist=["CUDA_VERSION"])
        assert str(CUDA_BINDINGS) in str(found.__file__)
    assert sys.modules.get(DRIVER) is before
