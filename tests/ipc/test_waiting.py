"""What a start waits for, told by a file that is believed while its process lives."""

from __future__ import annotations

import json
import os

from gonogo.base.runtime_dir import runtime_dir
from gonogo.ipc.waiting import tell, told, waiting


def test_waiting_is_told_until_it_is_over() -> None:
    """The newest word, by name or of all stations, and nothing afterwards."""
    name = f"w{os.getpid()}"
    tell(name, "a disk", 7)
    tell(name, "an engine", 7)
    (found,) = waiting(name)
    assert (found.station, found.what, found.since_ns, found.pid) == (
        name, "an engine", 7, os.getpid(),
    )  # fmt: skip
    assert found in waiting()
    assert waiting("another") == []
    told(name)
    told(name)
    assert waiting(name) == []


def test_waiting_of_a_process_that_has_ended_is_not_believed() -> None:
    """Also where its number came again: by when that one began; nor what is no such file."""
    name = f"w{os.getpid()}"
    tell(name, "a disk", 7)
    path = runtime_dir() / f"{name}.waiting"
    said = json.loads(path.read_text(encoding="utf-8"))
    wrong: list[object] = [said | {"began": said["began"] - 1}, said | {"pid": 0}, {}, []]
    for content in wrong:
        path.write_text(json.dumps(content), encoding="utf-8")
        assert waiting(name) == []
    path.write_text("no JSON", encoding="utf-8")
    assert waiting(name) == []
    told(name)
