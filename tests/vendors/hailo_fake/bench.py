"""What stands beside the chip: its script of faults, and the book of rules that were broken.

All of it lies in one folder, which the environment names, so that a whole station may run on the
chip in processes of its own:

    script.json   how the chip behaves from now on (`Script`); read again whenever it changes
    violations    a line for each rule that was broken
    events        a line for whatever a test may want to know of
    chip.lock     whoever has the chip holds it
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

VARIABLE = "GONOGO_FAKE_HAILO"


class Script(NamedTuple):
    """How the chip behaves.

    `chip`: what it is, "" where there is none. `open_error`: a status that opening it gets.
    `import_error`: what importing the package says. `slow_ms`: what each frame takes longer.
    `hung`: frames go in and none comes out, until this is taken back. `lost`: the driver fails.
    `configure_ms`: for how long loading keeps the interpreter to itself.
    """

    chip: str = "hailo8"
    open_error: str = ""
    import_error: str = ""
    slow_ms: float = 0.0
    hung: bool = False
    lost: bool = False
    configure_ms: float = 0.0
    temperature_c: float = 41.5
    throttled: bool = False
    power_w: float | None = None


class Bench:
    """The folder; any number of processes may have it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[int, int] | None = None
        self._script = Script()

    @property
    def script(self) -> Script:
        """As it stands now."""
        path = self.folder / "script.json"
        try:
            seen = path.stat()
        except FileNotFoundError:
            return Script()
        if (seen.st_mtime_ns, seen.st_ino) != self._seen:
            self._seen = seen.st_mtime_ns, seen.st_ino
            self._script = Script(**json.loads(path.read_text()))
        return self._script

    def play(self, **changes: Any) -> None:  # noqa: ANN401 - any field
        """From now on the chip behaves so; what is not named is as it was."""
        new = self.folder / "script.new"
        new.write_text(json.dumps(self.script._replace(**changes)._asdict()))
        new.replace(self.folder / "script.json")  # a new file: a time stamp alone may be the same

    def violate(self, what: str) -> None:
        """A rule was broken."""
        self._write("violations", what)

    def note(self, what: str) -> None:
        """Something happened."""
        self._write("events", what)

    @property
    def violations(self) -> list[str]:
        """All that were broken so far."""
        return self._read("violations")

    @property
    def events(self) -> list[str]:
        """All that happened so far."""
        return self._read("events")

    def priorities(self, net: str) -> list[int]:
        """Those that a model was given, in their order."""
        told = (event.split() for event in self.events)
        return [int(each[2]) for each in told if each[:2] == ["priority", net]]

    def _write(self, name: str, line: str) -> None:
        with (self.folder / name).open("a") as file:
            file.write(line + "\n")

    def _read(self, name: str) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / name).read_text().splitlines()
        return []


def here() -> Bench:
    """The one that the environment names."""
    return Bench(Path(os.environ[VARIABLE]))
