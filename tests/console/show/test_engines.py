"""What the status says of the engines of a station."""

from __future__ import annotations

from contextlib import closing

from gonogo.console.show.engines import engine_lines
from gonogo.ipc.engine_choices import Candidate, HostChoice
from gonogo.ipc.engine_queue import HostState, Mailbox


def test_engine_lines_tell_what_each_place_computes_in(station: str) -> None:
    """Places that are ready, and of them the views that have an engine."""
    assert list(engine_lines(station)) == []
    with (
        closing(Mailbox.create(station, 0)) as first,
        closing(Mailbox.create(station, 1)) as second,
    ):
        HostChoice(first, 0).serve(Candidate("onnxruntime", 2))
        HostChoice(first, 2).serve(Candidate("openvino", 0))
        HostChoice(second, 0).serve(Candidate("openvino", 1))
        assert list(engine_lines(station)) == []
        first.say(HostState.READY)
        second.say(HostState.LOADING)
        assert list(engine_lines(station)) == [
            "engine A scores view 0 in onnxruntime, 2 threads",
            "engine A scores view 2 in openvino",
        ]
        second.say(HostState.READY)
        assert list(engine_lines(station))[2:] == ["engine B scores view 0 in openvino, 1 thread"]
