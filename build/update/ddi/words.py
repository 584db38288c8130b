"""What hawkBit's DDI resources say, as far as a box reads them: pure, of objects of strangers.

    base          config.polling.sleep "HH:MM:SS"; _links: configData, deploymentBase, cancelAction
    deployment    id; deployment.download, .update (skip, attempt, forced), .maintenanceWindow,
                  .chunks[].artifacts[]: filename, size, hashes, _links.download(-http).href
    feedback      id; status.execution, status.result.finished, status.details[]

Source: Eclipse hawkBit, Direct Device Integration API.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gonogo.base.errors import UpdateServerRefused

SHORTEST_S, LONGEST_S, USUAL_S = 10.0, 86_400.0, 300.0
LARGEST_BYTES = 16 << 30
_SLEEP = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
_ACTION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEX = re.compile(r"[0-9a-f]+")
_HASHES = (("sha256", 64), ("sha1", 40))  # the best first; gooseBit has the second alone
_DETAIL = 500


class Artifact(NamedTuple):
    """A file that is to be fetched; `hash_name` as hashlib has it."""

    url: str
    size_bytes: int
    hash_name: str
    digest: str


class Deployment(NamedTuple):
    """`allowed`: whether the server lets it be fetched and installed now."""

    action: str
    artifact: Artifact
    allowed: bool


def sleep_s(base: dict[str, Any]) -> float:
    """When to ask again, bounded; the usual where it says nothing of use."""
    found = _SLEEP.fullmatch(str(_at(base, "config", "polling", "sleep") or ""))
    if found is None:
        return USUAL_S
    hours, minutes, seconds = map(int, found.groups())
    return min(max(float(3600 * hours + 60 * minutes + seconds), SHORTEST_S), LONGEST_S)


def wants_config(base: dict[str, Any]) -> bool:
    """Whether it asks what this box is."""
    return _at(base, "_links", "configData", "href") is not None


def action_of(base: dict[str, Any], kind: str) -> str | None:
    """The number of its `deploymentBase` or `cancelAction`; UpdateServerRefused."""
    href = _at(base, "_links", kind, "href")
    if href is None:
        return None
    _, found, rest = urlsplit(str(href)).path.rpartition(f"/{kind}/")
    if not found or not _ACTION.fullmatch(rest):
        raise UpdateServerRefused(f"a link of {kind}: expected the number of an action at its end")
    return rest


def deployment_of(action: str, said: dict[str, Any]) -> Deployment:
    """What is to be installed; UpdateServerRefused."""
    found = said.get("deployment")
    chunks = found.get("chunks") if isinstance(found, dict) else None
    files = [each for chunk in _list(chunks) for each in _list(_at(chunk, "artifacts"))]
    images = [each for each in files if isinstance(each, dict)]
    if len(images) > 1:
        images = [each for each in images if str(each.get("filename")).endswith(".raucb")]
    if len(images) != 1:
        raise UpdateServerRefused(f"action {action}: expected one file, an image, got {len(files)}")
    hindered = [_at(found, key) for key in ("download", "update")].count("skip")
    closed = _at(found, "maintenanceWindow") == "unavailable"
    return Deployment(action, _artifact(action, images[0]), not hindered and not closed)


def _artifact(action: str, said: dict[str, Any]) -> Artifact:
    links = said.get("_links") or said.get("links")
    href = _at(links, "download", "href") or _at(links, "download-http", "href")
    size = said.get("size")
    if not isinstance(href, str) or type(size) is not int or not 0 < size <= LARGEST_BYTES:
        raise UpdateServerRefused(f"action {action}: its file has no address, or no fit size")
    for name, digits in _HASHES:
        digest = str(_at(said, "hashes", name) or "").lower()
        if len(digest) == digits and _HEX.fullmatch(digest):
            return Artifact(href, size, name, digest)
    raise UpdateServerRefused(f"action {action}: its file has no hash; expected sha256 or sha1")


def feedback(action: str, execution: str, finished: str, says: str) -> dict[str, Any]:
    """What is sent: `execution` proceeding, closed, rejected; `finished` none, success, failure."""
    status = {"execution": execution, "result": {"finished": finished}, "details": [says[:_DETAIL]]}
    return {"id": action, "status": status}


def _at(said: object, *path: str) -> Any:  # noqa: ANN401 - a JSON value
    for key in path:
        if not isinstance(said, dict):
            return None
        said = said.get(key)
    return said


def _list(said: object) -> list[Any]:
    return said if isinstance(said, list) else []
