"""The bill of materials, judged by the validator of CycloneDX."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.build.release.read import Release
from gonogo.build.release.trust import INSPECTION
from gonogo.build.release.unpacking import unpack

if TYPE_CHECKING:
    from gonogo.build.release.manifest import Manifest

JUDGE = Path(__file__).parents[3] / ".venv" / "peers" / "cyclonedx" / "bin" / "python"
_VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
judge = JsonStrictValidator(SchemaVersion.V1_6)
for line in sys.stdin:
    print("no" if judge.validate_str(line) else "valid")
"""


@pytest.fixture(scope="module")
def bill(
    small_release: tuple[Path, Manifest], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """That of the small release."""
    folder = tmp_path_factory.mktemp("sbom") / "in"
    with Release(small_release[0], INSPECTION) as release:
        unpack(release, folder)
    found: dict[str, Any] = json.loads((folder / "sbom.cdx.json").read_text())
    return found


def test_bill_names_every_wheel_with_its_hash(
    bill: dict[str, Any], small_release: tuple[Path, Manifest]
) -> None:
    """As the manifest has them, and who needs whom."""
    every = {each.name: each for each in small_release[1].facts.distributions}
    found = [bill["metadata"]["component"], *bill["components"]]
    assert {each["name"]: each["hashes"][0]["content"] for each in found} == {
        name: each.sha256 for name, each in every.items()
    }
    assert found[0]["purl"] == "pkg:pypi/gonogo@1.2.3"
    assert found[0]["licenses"] == [{"expression": "Apache-2.0"}]
    assert found[2]["licenses"] == [{"license": {"name": "Public Domain"}}]
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert needs == {
        "pkg:pypi/gonogo@1.2.3": ["pkg:pypi/more@1.0", "pkg:pypi/small@1.0"],
        "pkg:pypi/small@1.0": ["pkg:pypi/more@1.0"],
        "pkg:pypi/more@1.0": [],
    }
    assert bill["metadata"]["timestamp"] == "2026-03-01T12:00:00Z"


def validated(*bills: dict[str, Any]) -> list[str]:
    """What the validator of CycloneDX says of each, which is not ours."""
    if not JUDGE.exists():
        pytest.skip("cyclonedx-python-lib is not installed (tests/peers/install.sh)")
    lines = "".join(f"{json.dumps(each)}\n" for each in bills)
    words = [str(JUDGE), "-I", "-c", _VALIDATE]
    done = subprocess.run(words, input=lines, check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_bill_is_valid_to_somebody_else(bill: dict[str, Any]) -> None:
    """Strictly, by the schema of 1.6; and what is wrong is found by it."""
    broken = {**bill, "serialNumber": "1"}
    unknown = {**bill, "components": [{**bill["components"][0], "licences": []}]}
    assert validated(bill, broken, unknown) == ["valid", "no", "no"]
