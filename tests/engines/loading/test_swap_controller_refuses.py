"""What is wrong with a new engine, found before it judges: refused with its number."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.engines.loading.events import ANSWER_S, EMPTY_S
from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slots import OrderKind
from gonogo.tests.engines.bundles.parcels import STRANGER, forge, make
from gonogo.tests.engines.loading.stage import (
    Stage,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def flip_byte(path: Path) -> None:
    """One bit of the payload."""
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(raw)


def replaced(**changes: Any) -> Callable[[Path], None]:  # noqa: ANN401 - any field of a bundle
    """Another bundle of the same name and version in its place."""

    def replace(path: Path) -> None:
        made = {"created": datetime.now(timezone.utc) - timedelta(hours=2)} | changes
        path.write_bytes(make(path.parents[3], "1.1.0.gng", version="1.1.0", **made).read_bytes())

    return replace


def with_path(manifest: dict[str, Any]) -> None:
    """A file that would be written elsewhere."""
    manifest["files"][0]["name"] = "../../../etc/passwd"


def bomb(manifest: dict[str, Any]) -> None:
    """A file that says it is larger than any memory."""
    manifest["files"][0]["length"] = 1 << 50


def to_folder(path: Path) -> None:
    """A folder in its place."""
    path.unlink()
    path.mkdir()


NOW = datetime.now(timezone.utc)
DAMAGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "flipped byte": (flip_byte, 321),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-7]), 321),
    "empty": (lambda path: path.write_bytes(b""), 321),
    "appended": (lambda path: path.write_bytes(path.read_bytes() + b"x"), 321),
    "a path outside": (lambda path: forge(path, with_path), 322),
    "a bomb": (lambda path: forge(path, bomb), 322),
    "a stranger's": (replaced(key=STRANGER), 323),
    "unsigned": (replaced(key=None), 323),
    "expired": (replaced(expires=NOW - timedelta(hours=1)), 324),
    "of the future": (replaced(created=NOW + timedelta(days=2)), 324),
    "wants a newer gonogo": (replaced(minimum_runtime="99.0.0"), 325),
    "needs too much memory": (replaced(memory_mb=100_000), 326),
    "gone": (lambda path: path.unlink(), 320),
    "a folder": (to_folder, 320),
}


@pytest.mark.parametrize(("damage", "number"), DAMAGES.values(), ids=list(DAMAGES))
def test_exchange_refuses_what_the_registry_refuses(
    stage: Stage, damage: Callable[[Path], object], number: int
) -> None:
    """With its number, before any place is told anything."""
    damage(stage.section.folder / "bolt" / "1.1.0" / "bundle.gng")
    ticket = stage.load()
    stage.come_to(Step.IDLE)
    assert stage.refusal()[0] == number
    assert stage.outcome().ticket == ticket
    assert [place.load for place in stage.slots.places] == [1, 0]


def test_exchange_refuses_a_version_that_is_not_installed(stage: Stage) -> None:
    """With its number."""
    stage.load("9.9.9")
    stage.come_to(Step.IDLE)
    assert stage.refusal()[0] == 342


def test_exchange_refuses_what_needs_more_memory_than_there_is(
    tmp_path: Path, station: str
) -> None:
    """By its manifest, before anything is loaded."""
    with staged(tmp_path, station) as stage:
        stage.section = stage.section.model_copy(update={"memory_mb": 50})
        stage.restart()
        stage.load()
        stage.come_to(Step.IDLE)
        assert stage.refusal()[0] == 326


def test_exchange_refuses_what_the_host_refuses_under_its_number(stage: Stage) -> None:
    """A self-test that fails: the place is emptied, the one that judges serves."""
    stage.load()
    stage.tick_until(lambda: stage.step() is Step.LOADING)
    stage.hosts[1].begin()
    stage.hosts[1].place.refuse("view 0: its self-test scored 0.7, expected 0.2", 310)
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert stage.refusal() == (310, "GN310: view 0: its self-test scored 0.7, expected 0.2")
    assert stage.slots.places[1].ordered is None
    stage.come_to(Step.IDLE)
    assert (stage.serving(), stage.slots.places[0].load) == ("1.0.0", 1)


@pytest.mark.parametrize("begun", [False, True])
def test_exchange_gives_a_loader_that_hangs_up(stage: Stage, *, begun: bool) -> None:
    """After load_limit_s, whether its host has begun or not."""
    stage.load()
    stage.tick_until(lambda: stage.step() is Step.LOADING)
    if begun:
        stage.hosts[1].begin()
    stage.tick(stage.section.load_limit_s - 1)
    assert stage.step() is Step.LOADING
    stage.tick(2)
    number, text = stage.refusal()
    assert number == 351
    assert "loader hung" in text
    assert ("still loading" if begun else "nobody began") in text
    assert stage.slots.places[1].ordered is None
    stage.tick(EMPTY_S + 1)
    assert stage.step() is Step.IDLE


@pytest.mark.parametrize("step", [Step.LOADING, Step.SHADOW, Step.REPORTED, Step.RAISING])
def test_exchange_notices_an_engine_process_that_dies(stage: Stage, step: Step) -> None:
    """Another process began: what the last one had loaded is gone."""
    stage.load()
    if step is Step.RAISING:
        stage.come_to(Step.REPORTED)
        stage.ask("activate")
    elif step is not Step.LOADING:
        stage.come_to(step)
    else:
        stage.tick_until(lambda: stage.step() is Step.LOADING)
        stage.hosts[1].begin()
    stage.tick(0)
    assert stage.step() is step
    stage.hosts[1].begin()
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert stage.refusal()[0] == 352
    assert stage.serving() == "1.0.0"


def test_exchange_that_the_line_refuses_ends(stage: Stage) -> None:
    """No live frame in time: unloaded, and what judges was never changed."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.hosts[1].obey()
    stage.hosts[0].obey()
    stage.tick_until(lambda: stage.step() is Step.SWITCHING)
    stage.line.refuse()
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert stage.refusal()[0] == 354
    assert (stage.serving(), stage.slots.switches) == ("1.0.0", 0)


def test_exchange_waits_for_a_line_that_is_silent_and_touches_no_place_meanwhile(
    stage: Stage,
) -> None:
    """The order stands in its memory: only a later one takes its place."""
    stage.load()
    stage.come_to(Step.REPORTED)
    stage.ask("activate")
    stage.tick(5)
    assert stage.step() is Step.SWITCHING
    stage.tick(ANSWER_S + 1)
    assert stage.step() is Step.BACKING
    order = stage.slots.pending
    assert order is not None
    assert (order.kind, order.place) == (OrderKind.BACK, 0)
    stage.tick(10_000)
    assert stage.step() is Step.BACKING
    assert stage.slots.places[1].ordered is not None
    stage.line.obey()
    stage.tick()
    assert stage.step() is Step.UNLOADING
    assert stage.refusal()[0] == 354
    assert stage.slots.switches == 0
