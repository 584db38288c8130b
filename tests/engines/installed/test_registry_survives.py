"""A registry is in its old state or in its new one, wherever a change of it was broken off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import GonogoError, RegistryError
from gonogo.engines.installed.registry import Registry
from gonogo.tests.engines.bundles.breaking import FailingFolders, PowerCut, PowerCutFolders
from gonogo.tests.engines.bundles.parcels import POLICY
from gonogo.tests.engines.installed.changes import CHANGES, before, do, make_parcels, state

if TYPE_CHECKING:
    from pathlib import Path

State = list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of every version."""
    return make_parcels(tmp_path_factory.mktemp("parcels"))


def fresh(template: Path, root: Path) -> Path:
    """The same registry once more."""
    if root.exists():
        shutil.rmtree(root)
    if template.exists():
        shutil.copytree(template, root)
    return root


def ends(name: str, tmp_path: Path, parcels: Path) -> tuple[Path, State, State]:
    """A registry to copy, its state, and its state after the change."""
    template = before(CHANGES[name], tmp_path / "before", parcels)
    after = fresh(template, tmp_path / "after")
    do(CHANGES[name], after, parcels, FailingFolders(0))
    return template, state(fresh(template, tmp_path / "old")), state(after)


def check(name: str, root: Path, parcels: Path, old: State, new: State) -> State:
    """Old or new, with an active bundle that is whole; and the change can be done again."""
    found = state(root)
    assert found in (old, new)
    if any(mark == "active" for _, _, mark in old):
        Registry(root).open_active("bolt", POLICY).close()
    if found == old:
        do(CHANGES[name], root, parcels, FailingFolders(0))
        assert state(root) == new
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_registry_is_old_or_new_whichever_call_fails(
    tmp_path: Path, parcels: Path, name: str
) -> None:
    """The N-th system call fails, for N = 1, 2, 3 ... until none does."""
    template, old, new = ends(name, tmp_path, parcels)
    seen, told, nth, hit = [], set(), 0, True
    while hit:
        nth += 1
        root, files = fresh(template, tmp_path / "root"), FailingFolders(nth)
        try:
            do(CHANGES[name], root, parcels, files)
        except GonogoError as error:
            told.add(error.code)
        else:
            assert state(fresh(root, tmp_path / "look")) == new
        hit = bool(files.failed)
        seen.append(check(name, root, parcels, old, new))
    assert told <= {RegistryError.code}
    assert nth > 4
    assert seen[-1] == new
    assert old in seen


@pytest.mark.parametrize("name", CHANGES)
def test_registry_is_old_or_new_at_whichever_call_it_is_killed(
    tmp_path: Path, parcels: Path, name: str
) -> None:
    """Killed at the N-th system call, for N = 1, 2, 3 ... until it lives."""
    folder = tmp_path / "killed"
    folder.mkdir()
    code = "from gonogo.tests.engines.installed.changes import main; main()"
    command = [sys.executable, "-I", "-c", code, name, str(parcels), str(folder)]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | threads
    )
    _, old, new = ends(name, tmp_path, parcels)
    killed = int(ran.stdout)
    roots = [folder / str(nth) for nth in range(1, killed + 2)]
    seen = [check(name, root, parcels, old, new) for root in roots]
    assert killed >= 4
    assert seen[-1] == new
    assert old in seen


@pytest.mark.parametrize("lose_names", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_registry_is_old_or_new_after_a_power_cut_at_any_call(
    tmp_path: Path,
    parcels: Path,
    name: str,
    lose_names: bool,  # noqa: FBT001 - a parameter
) -> None:
    """What was not brought to the disk by then is lost; what was reported done is not."""
    template, old, new = ends(name, tmp_path, parcels)
    seen, nth, done = [], 0, False
    while not done:
        nth += 1
        root, spare = fresh(template, tmp_path / "root"), tmp_path / f"spare{nth}"
        spare.mkdir()
        files = PowerCutFolders(nth, spare, lose_names=lose_names)
        try:
            do(CHANGES[name], root, parcels, files)
        except PowerCut:
            pass
        else:
            files.cut()
            assert state(fresh(root, tmp_path / "look")) == new
            done = True
        seen.append(check(name, root, parcels, old, new))
    assert nth > 4
    assert old in seen
