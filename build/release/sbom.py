"""The bill of materials: CycloneDX 1.6, JSON, a component for each wheel.

What a wheel brings inside of itself (the OpenBLAS of numpy) is not told apart.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from gonogo.build.release.packages import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.build.release.manifest import Distribution, Facts
    from gonogo.build.release.targets import Target
    from gonogo.build.release.wheelhouse import Wheel

NAME = "sbom.cdx.json"
_SPACE = uuid.UUID("6f2d1c1e-5f0b-4b57-9b6f-1d0b1c9a7a11")  # ours, made once; nothing else has it


def bill(facts: Facts, wheels: Sequence[Wheel], target: Target) -> dict[str, Any]:
    """The document; the same for the same facts."""
    spdx = {wheel.said.name for wheel in wheels if wheel.said.spdx}
    found = {each.name: _component(each, spdx=each.name in spdx) for each in facts.distributions}
    own = found.pop(facts.name)
    serial = uuid.uuid5(_SPACE, f"{facts.source.commit} {facts.lock.sha256} {target.name}")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": f"{facts.source.time:%Y-%m-%dT%H:%M:%SZ}",
            "component": {**own, "type": "application"},
            "properties": [
                {"name": "gonogo:target", "value": target.name},
                {"name": "gonogo:commit", "value": facts.source.commit},
            ],
        },
        "components": list(found.values()),
        "dependencies": _dependencies(facts, wheels, target),
    }


def _component(each: Distribution, *, spdx: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": _purl(each),
        "name": each.name,
        "version": each.version,
        "purl": _purl(each),
        "hashes": [{"alg": "SHA-256", "content": each.sha256}],
        "properties": [{"name": "gonogo:wheel", "value": each.wheel}],
    }
    if each.licence:
        # as its metadata has it: of older wheels it is a name, and no expression is made of it here
        said = {"expression": each.licence} if spdx else {"license": {"name": each.licence}}
        found["licenses"] = [said]
    return found


def _purl(each: Distribution) -> str:
    return f"pkg:pypi/{each.name}@{each.version.replace('+', '%2B')}"


def _dependencies(facts: Facts, wheels: Sequence[Wheel], target: Target) -> list[dict[str, object]]:
    refs = {each.name: _purl(each) for each in facts.distributions}
    found: list[dict[str, object]] = []
    for wheel in wheels:
        extras = target.extras if wheel.said.name == facts.name else ()
        needs = {canonicalize_name(need.name) for need in wheel.said.needs(target, extras)}
        found.append(
            {
                "ref": refs[wheel.said.name],
                "dependsOn": sorted(refs[name] for name in needs if name in refs),
            }
        )
    return found
