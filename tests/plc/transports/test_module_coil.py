"""When the coil of a module is written."""

from __future__ import annotations

import pytest

from gonogo.base.errors import LinkError
from gonogo.plc.transports.module_coil import ModuleCoil

LONG_AGO_NS = 0


class Module:
    """Acknowledges what it is told."""

    def __init__(self) -> None:
        self.written: list[bool] = []
        self.there = True

    def __call__(self, on: bool) -> None:  # noqa: FBT001 - as a transport's write
        """As a transport's write."""
        if not self.there:
            raise LinkError("gone")
        self.written.append(on)


@pytest.fixture
def module() -> Module:
    """One that is there."""
    return Module()


@pytest.fixture
def coil(module: Module) -> ModuleCoil:
    """Its coil."""
    return ModuleCoil(module)


@pytest.mark.parametrize("on", [True, False])
def test_coil_is_due_when_it_changes_and_not_again_at_once(coil: ModuleCoil, *, on: bool) -> None:
    """Also when nothing was told yet, and also right before an edge."""
    assert coil.due(on=on, edge_is_near=True)
    coil.tell(on=on)
    assert not coil.due(on=on, edge_is_near=True)
    assert coil.due(on=not on, edge_is_near=True)


def test_coil_is_due_again_for_the_watchdog_of_the_module(coil: ModuleCoil) -> None:
    """An output that was doubted, or not told for long, is told again."""
    coil.tell(on=False)
    coil.distrust(LONG_AGO_NS)
    assert coil.due(on=False, edge_is_near=False)
    assert coil.due(on=False, edge_is_near=True)


def test_doubt_never_makes_a_telling_younger(coil: ModuleCoil) -> None:
    """What was told before the doubt stays as old as it is."""
    coil.tell(on=False)
    told_ns = coil.told_ns
    coil.distrust(told_ns + 10**9)
    assert coil.told_ns == told_ns


def test_coil_that_is_on_is_let_go_off(coil: ModuleCoil, module: Module) -> None:
    """Once; one that is off, or unknown, is left alone."""
    coil.let_go()
    coil.tell(on=True)
    coil.let_go()
    coil.let_go()
    assert module.written == [True, False]


def test_coil_that_was_not_acknowledged_was_not_told(coil: ModuleCoil, module: Module) -> None:
    """It is due as before."""
    coil.tell(on=False)
    module.there = False
    with pytest.raises(LinkError):
        coil.tell(on=True)
    assert coil.told is False
    assert coil.due(on=True, edge_is_near=True)
