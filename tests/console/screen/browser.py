"""A Chromium for tests, where one is installed: tests/peers/install.sh.

Import as `gonogo.tests.console.screen.browser`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import IO, Any

import pytest

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv" / "peers" / "playwright" / "bin" / "python"
AXE = ROOT / "tests" / "peers" / "node_modules" / "axe-core" / "axe.min.js"
STOP_S = 20.0


class Browser:
    """One of them, and its tabs. Each call waits until it is done."""

    def __init__(self, chromium: str) -> None:
        command = [str(PYTHON), str(ROOT / "tests" / "peers" / "browse.py"), chromium]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.version = json.loads(self._pipes()[1].readline())["version"]

    def __call__(self, do: str, **fields: Any) -> Any:  # noqa: ANN401 - what a page says
        """What came of it; a test fails with the browser's own words."""
        ask, answers = self._pipes()
        ask.write(json.dumps({"do": do, **fields}) + "\n")
        ask.flush()
        answer = json.loads(answers.readline())
        assert "error" not in answer, answer["error"]
        return answer["is"]

    @property
    def pid(self) -> int:
        """Of the process that has it; those of the browser are below."""
        return self._process.pid

    def text(self, page: str, selector: str) -> str:
        """What is written there."""
        found: str = self("ask", page=page, js=f"document.querySelector('{selector}').textContent")
        return found

    def wait_for(self, page: str, selector: str, part: str) -> None:
        """Until that is written there."""
        holds = f"document.querySelector('{selector}').textContent.includes({json.dumps(part)})"
        self("wait", page=page, js=holds)

    def close(self) -> None:
        """End it."""
        with self._process as process:
            self._pipes()[0].close()
            process.wait(STOP_S)

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        return process.stdin, process.stdout


def browser(program: str = "chromium") -> Browser:
    """Skips by the name of what is missing."""
    chromium = shutil.which(program)
    if chromium is None or not PYTHON.exists():
        missing = "chromium" if chromium is None else "Playwright"
        pytest.skip(f"no {missing} here: tests/peers/install.sh")
    return Browser(chromium)
