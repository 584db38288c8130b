"""No processor may have a reader take a torn or stale record for a whole one.

Tried over the loads and stores of the product itself, in every order that x86-64 (TSO) and ARM
allow (`weak_memory`, `ordered`).
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from gonogo.tests.house import ROOT
from gonogo.tests.ipc.ordered import SCENARIOS
from gonogo.tests.ipc.weak_memory import Bus, Model, Scenario, bad_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.tests.ipc.weak_memory import Run, Site

NAMED = pytest.mark.parametrize("name", sorted(SCENARIOS))


@cache
def prepared(name: str) -> tuple[Scenario, list[tuple[Run, ...]]]:
    """A scenario, and the runs of its threads that would be bad together."""
    scenario = SCENARIOS[name]()
    return scenario, scenario.traces()


@NAMED
def test_protocol_is_safe_on_arm_with_its_fences(name: str) -> None:
    """In whatever order the accesses between two fences come."""
    scenario, traces = prepared(name)
    assert traces, "without runs that would be bad nothing is tried"
    assert bad_outcome(scenario, traces, Model.ARM, lambda _: False) is None


@NAMED
def test_protocol_is_torn_on_arm_without_fences(name: str) -> None:
    """Else the scenario, or the model, would see nothing."""
    scenario, traces = prepared(name)
    assert bad_outcome(scenario, traces, Model.ARM, lambda _: True) is not None


@NAMED
def test_protocol_is_safe_on_x86_without_fences(name: str) -> None:
    """The stores of a process are seen in their order there, though late: no fence is paid for."""
    scenario, traces = prepared(name)
    assert bad_outcome(scenario, traces, Model.TSO, lambda _: True) is None


@cache
def needed() -> frozenset[Site]:
    """Fences without which something goes wrong, with all the others in place."""
    found: set[Site] = set()
    for name in SCENARIOS:
        scenario, traces = prepared(name)
        sites = {op.site for runs in traces for run in runs for op in run.ops if op.site} - found
        for site in sites:
            if bad_outcome(scenario, traces, Model.ARM, site.__eq__):
                found.add(site)
    return frozenset(found)


def in_the_source() -> Iterator[Site]:
    """Every fence of the product: where it is called, and each word that is a stamp."""
    # folders of ours: not what runs have left in var, nor environments
    folders = [each for each in ROOT.iterdir() if (each / "__init__.py").is_file()]
    for path in sorted(path for each in folders for path in each.rglob("*.py")):
        package = path.relative_to(ROOT).parts[0]
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "fence()" in text or "stamp(" in text else ():
            if isinstance(node, ast.Call):
                yield from _fence_of(node, path.stem, f"gonogo.{package}.{path.stem}")


def _fence_of(call: ast.Call, stem: str, module: str) -> Iterator[Site]:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "fence":
        if stem != "words_in_memory":  # the fence of every stamp
            yield f"{stem}.py", str(call.lineno)
    elif isinstance(call.func, ast.Name) and call.func.id == "stamp":
        index = call.args[0]
        assert isinstance(index, ast.Name)
        yield f"{stem}.py", f"read {getattr(import_module(module), index.id)}"


@pytest.mark.parametrize("site", sorted(in_the_source()), ids=":".join)
def test_fence_is_missed_when_it_is_left_out(site: Site) -> None:
    """One that nobody misses is not needed, or its protocol has no scenario here."""
    assert site in needed()


# -- the model itself ------------------------------------------------------------------


def store_buffering(*, fenced: bool) -> Scenario:
    """Each stores, and then looks whether the other one has: both may miss it, also on x86-64."""
    bus = Bus()
    area = bus.area("words")
    words = area.words(0, 2)

    def thread(own: int) -> int:
        words[own] = 1
        if fenced:
            area.fence()
        return words[1 - own]

    return Scenario(
        bus, (lambda: thread(0), lambda: thread(1)), lambda one, other: not (one or other)
    )


@pytest.mark.parametrize("model", Model)
def test_model_lets_a_load_pass_an_earlier_store(model: Model) -> None:
    """SB of the litmus tests: allowed on both."""
    scenario = store_buffering(fenced=False)
    assert bad_outcome(scenario, scenario.traces(), model, lambda _: False) == (0, 0)


def test_model_has_a_fence_stop_it() -> None:
    """`dmb ish` is a full one."""
    scenario = store_buffering(fenced=True)
    assert bad_outcome(scenario, scenario.traces(), Model.ARM, lambda _: False) is None


@pytest.mark.parametrize(("model", "seen"), [(Model.TSO, None), (Model.ARM, (None, (1, 0)))])
def test_model_knows_who_reorders_stores(model: Model, seen: object) -> None:
    """MP of the litmus tests: forbidden on x86-64, allowed on ARM."""
    bus = Bus()
    words = bus.area("words").words(0, 2)

    def writer() -> None:
        words[0] = 1
        words[1] = 1

    scenario = Scenario(
        bus, (writer, lambda: (words[1], words[0])), lambda _, found: found == (1, 0)
    )
    assert bad_outcome(scenario, scenario.traces(), model, lambda _: False) == seen


@pytest.mark.parametrize("model", Model)
def test_model_keeps_one_word_coherent(model: Model) -> None:
    """Of one word nobody sees an older value after a newer one, and a thread sees its own store."""
    bus = Bus()
    words = bus.area("words").words(0, 1)

    def writer() -> int:
        words[0] = 1
        words[0] = 2
        return words[0]

    def reader() -> tuple[int, int]:
        return words[0], words[0]

    scenario = Scenario(bus, (writer, reader), lambda own, seen: own != 2 or seen[0] > seen[1])
    assert bad_outcome(scenario, scenario.traces(), model, lambda _: False) is None


def test_model_has_a_thread_see_its_own_store_before_the_others_do() -> None:
    """A store that waits is forwarded: each finds its own word, and not yet the other's."""
    bus = Bus()
    words = bus.area("words").words(0, 2)

    def thread(own: int) -> tuple[int, int]:
        words[own] = 1
        return words[own], words[1 - own]

    scenario = Scenario(
        bus,
        (lambda: thread(0), lambda: thread(1), lambda: (words[0], words[1])),
        lambda one, other, _: one == other == (1, 0),
    )
    found = bad_outcome(scenario, scenario.traces(), Model.TSO, lambda _: False)
    assert found is not None
    assert found[:2] == ((1, 0), (1, 0))


SHARED = sorted(
    str(path.relative_to(ROOT))
    for folder in ("ipc", "base", "runtime", "engines", "drivers", "watchdog", "records", "launch")
    for path in (ROOT / folder).glob("**/*.py")
    if "segment.words(" in path.read_text() or "segment.put(" in path.read_text()
)


@pytest.mark.parametrize("path", SHARED)
def test_memory_that_is_shared_stands_in_the_table_of_protocols(path: str) -> None:
    """Who adds another one says which order it rests on, and what keeps that."""
    assert f"`{path}`" in (ROOT / "docs" / "memory-order.md").read_text()
