"""The campaign's station with its engine in signed bundles, and bundles that no station may take.

Everything is made when the station is: at the moment of an injection there is nothing to wait for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import helper, numpy_helper

from gonogo.build.bundling import contents_of
from gonogo.build.label import Label
from gonogo.config.station import Station
from gonogo.engines.bundles.keys import PrivateKey
from gonogo.engines.bundles.trust import policy_of
from gonogo.engines.bundles.write import write_bundle
from gonogo.engines.card import read_card, sha256_of, write_card
from gonogo.engines.installed.registry import Registry
from gonogo.proving.campaign.ground import campaign_station

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

NAME = "top"
JUDGES, OTHER, HUNGRY = "1.0.0", "2.0.0", "3.0.0"
MEMORY_MB = 300  # what loading may take here
HUNGRY_MB = 900  # and what that one takes, though its manifest says less
UNREACHED = 1e9  # a limit above every score: an engine with it lets everything pass


def bundle_station(folder: Path, seed: int, progress: Callable[..., None]) -> Station:
    """Version 1.0.0 of the taught engine judges; two others are installed."""
    plain = campaign_station(folder, seed, progress)
    # made here, for these bundles alone: nothing secret outlives the folder
    trusted = PrivateKey.new()
    public = folder / "maker.pub"
    public.write_text(trusted.public.line + "\n", encoding="ascii")
    fields = plain.model_dump()
    fields["engines"] = {
        "folder": folder / "engines",
        "trust": (public,),
        "memory_mb": MEMORY_MB,
        "shadow_parts": 10,  # few, so that an exchange is soon over
        "trial_parts": 10,
    }
    # named, and not chosen by measure: the same on every box
    fields["view"][0]["engine"] = {"bundle": NAME, "backend": "onnxruntime"}
    station = Station.model_validate(fields)
    assert station.engines is not None  # noqa: S101 - for the type checker
    registry, policy = Registry(station.engines.folder), policy_of(station.engines)
    taught = plain.view[0].engine
    assert taught is not None  # noqa: S101 - as above
    # installed under the trusted key; what is refused has to look like these
    for version in (JUDGES, OTHER, HUNGRY):
        model = another(taught.file, folder / f"{NAME}-{version}.onnx", hungry=version == HUNGRY)
        registry.install(_bundle(folder, model, version, trusted), policy)
    registry.activate(NAME, JUDGES, policy)
    # the same engine under the wrong key, and under none: only the signature is wrong
    model = folder / f"{NAME}-{OTHER}.onnx"
    for who, key in (("stranger", PrivateKey.new()), ("unsigned", None)):
        _bundle(folder, model, OTHER, key, lax=True).replace(folder / f"{who}.gng")
    return station


def _bundle(
    folder: Path, model: Path, version: str, key: PrivateKey | None, *, lax: bool = False
) -> Path:
    """Write a bundle; `lax`: with limits that let everything pass."""
    out = folder / f"{NAME}-{version}.gng"
    label = Label(NAME, version, datetime.now(timezone.utc))
    contents = contents_of(model, label)
    contents = replace(contents, memory_mb=min(contents.memory_mb, MEMORY_MB))  # one of them lies
    if lax:
        limits = {"recheck_above": UNREACHED, "reject_above": UNREACHED}
        facts = contents.backends.items()
        contents = replace(
            contents, backends={name: its.model_copy(update=limits) for name, its in facts}
        )
    write_bundle(out, contents, created=label.created, key=key)
    return out


def another(model: Path, out: Path, *, hungry: bool) -> Path:
    """The same engine in a file of its own, with a card; `hungry`: by way of a huge tensor."""
    graph = onnx.load(str(model))
    # other bytes, other hash: the same file twice would be the same engine
    graph.doc_string = out.name
    if hungry:
        _detour(graph.graph)
    onnx.save(graph, str(out))
    write_card(out, read_card(model).model_copy(update={"sha256": sha256_of(out)}))
    return out


def _detour(graph: onnx.GraphProto) -> None:
    """Add nothing to the score, as the smallest of so many megabytes of zeros."""
    score = next(value.name for value in graph.output if value.name == "score")
    for node in graph.node:
        # the score takes another way through the graph
        node.output[:] = ["score_before" if name == score else name for name in node.output]
    side = 1024
    # 1024 x 256 float32 are one megabyte
    shape = np.array([HUNGRY_MB, side, side // 4], np.int64)
    graph.initializer.extend(
        [
            numpy_helper.from_array(shape, "detour_shape"),
            numpy_helper.from_array(np.zeros(1, np.float32), "detour_zero"),
        ]
    )
    graph.node.extend(
        [
            helper.make_node("ReduceMax", ["score_before"], ["detour_one"], keepdims=0),
            helper.make_node("Expand", ["detour_one", "detour_shape"], ["detour_large"]),
            helper.make_node("ReduceMin", ["detour_large"], ["detour_least"], keepdims=0),
            helper.make_node("Mul", ["detour_least", "detour_zero"], ["detour_nothing"]),
            helper.make_node("Add", ["score_before", "detour_nothing"], [score]),
        ]
    )


class Damage:
    """Bytes that stand in an installed bundle's place, each time others."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._rng = rng
        self._strange = [(folder / f"{who}.gng").read_bytes() for who in ("stranger", "unsigned")]

    def of(self, good: bytes) -> bytes:
        """A byte flipped, the end cut off, signed by a stranger, or by nobody."""
        at = self._rng.randrange(len(good))
        # one bit: the least that a disk or a cable does
        flipped = good[:at] + bytes([good[at] ^ 1 << self._rng.randrange(8)]) + good[at + 1 :]
        return self._rng.choice([flipped, good[:at], *self._strange])

    def of_a_stranger(self) -> bytes:
        """Whole, but not to be trusted."""
        return self._rng.choice(self._strange)
