from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.tests.build.flash.jetson import stand_in

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.flash.jetson.stand_in import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A BSP, a board in recovery mode, and what NVIDIA's tool calls."""
    found = stand_in.bench(tmp_path)
    monkeypatch.setenv("PATH", stand_in.host_tools(tmp_path))
    monkeypatch.setenv("STAND_IN_USB", str(found.usb))
    monkeypatch.setenv("STAND_IN_ANYBODY", "1")
    return found


@pytest.fixture
def image(bench: Bench) -> Path:
    """One for a Jetson."""
    return stand_in.bundle(bench.folder, bench.signer)
