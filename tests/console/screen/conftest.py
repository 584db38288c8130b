"""A scene for each test that asks for one, and a browser before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.tests.console.screen.browser import browser
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
    made = Served(scene, **screen)
    try:
        with beating(scene):
            yield made
        outside = [url for url in tabs("told")["asked"] if not url.startswith(made.url)]
        tabs("shut")
    finally:
        made.end()
    assert outside == []
