"""A third-party peer as a process of its own, and what it prints."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO


class Program:
    """A peer as a process of its own; what it prints is read as it comes."""

    def __init__(self, command: list[str]) -> None:
        self.lines: list[str] = []
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the program
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()

    def _read(self, stdout: IO[str]) -> None:
        with stdout:
            self.lines.extend(iter(stdout.readline, ""))

    def said(self, word: str) -> list[list[str]]:
        """The words behind `word` in each line that begins with it."""
        assert self._process.poll() is None, f"the peer ended: {self.errors()}"
        lines = [line.split() for line in self.lines]
        return [line[1:] for line in lines if line and line[0] == word]

    def errors(self) -> str:
        """What it wrote to its standard error."""
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._errors.close()


@contextlib.contextmanager
def program(*command: str | Path) -> Iterator[Program]:
    """A peer that is running."""
    with contextlib.closing(Program([str(word) for word in command])) as peer:
        yield peer
