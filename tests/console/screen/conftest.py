"""A scene for each test that asks for one, and a browser before it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.ipc.master_part import MasterPartMemory
from gonogo.tests.commands.passed import passed
from gonogo.tests.commands.test_limits_review import SAID, gonogo
from gonogo.tests.console.screen.browser import browser
from gonogo.tests.console.screen.reviewed import started
from gonogo.tests.console.screen.scene import Scene
from gonogo.tests.console.screen.served import Served, beating

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.tests.console.screen.browser import Browser


@pytest.fixture
def scene(station: str, tmp_path: Path) -> Iterator[Scene]:
    """A station that has judged nothing yet."""
    made = Scene(station, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tabs() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    made = browser()
    yield made
    made.close()


@pytest.fixture
def screen() -> dict[str, Any]:
    """What [screen] of the scene that is served says beside its port."""
    return {}


@pytest.fixture
def served(scene: Scene, tabs: Browser, screen: dict[str, Any]) -> Iterator[Served]:
    """A scene that lives, served; no tab is open, and none asked for anything from outside."""
    with shown(Served(scene, **screen), scene, tabs) as made:
        yield made


@pytest.fixture
def file(scene: Scene, tmp_path: Path) -> Path:
    """Of a station whose parts were reviewed at a terminal; the scene is of it."""
    made = passed(tmp_path).file
    gonogo("limits", "review", "--station", made, "--top", "20", typed=SAID)
    started(scene, made)
    return made


@pytest.fixture
def whole(scene: Scene, file: Path, tabs: Browser, screen: dict[str, Any]) -> Iterator[Served]:
    """With something on every page of it, served to whoever comes as to one who may all."""
    assert file.exists()
    memory = MasterPartMemory.create(scene.station)
    try:
        with shown(Served(scene, "everybody", **screen), scene, tabs) as made:
            yield made
    finally:
        memory.close()


@contextmanager
def shown(made: Served, scene: Scene, tabs: Browser) -> Iterator[Served]:
    """Until its tabs are shut."""
    try:
        with beating(scene):
            yield made
        outside = [url for url in tabs("told")["asked"] if not url.startswith(made.url)]
        tabs("shut")
    finally:
        made.end()
    assert outside == []
