"""The service: errors end nothing, and a server that is away is asked less and less often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.build.update.kept import Phase, Update, save
from gonogo.build.update.serve import Serve

if TYPE_CHECKING:
    from gonogo.tests.build.update.onbox import OnBox


def test_a_server_that_is_away_disturbs_nothing_and_is_said_once(box: OnBox) -> None:
    """And asked less and less often."""
    (box.places.state / "update.toml").write_text(
        '[server]\nurl = "http://127.0.0.1:9"\nid = "a"\nunencrypted = true\n'
    )
    serve = Serve(box.places, box.lines.append, lambda: box.now_s)
    due = []
    for _ in range(600):
        box.now_s += 10
        before = serve.due_s
        serve.tick()
        due += [serve.due_s - before] if serve.due_s != before else []
    assert len(box.lines) == 1
    assert box.lines[0].startswith("GN748:")
    assert due[1] < due[2] < due[3] < due[4]
    assert max(due) <= 3610


def test_what_is_under_way_goes_on_without_a_server(box: OnBox) -> None:
    """An update of a stick, say, whose file went while the power was off."""
    cut = Update(phase=Phase.WRITING, source="stick", version="1", path="/no", slot="B")
    save(box.places.state, cut)
    Serve(box.places, box.lines.append, lambda: box.now_s).tick()
    found = box.updater.last()
    assert found is not None
    assert found.phase is Phase.FAILED


def test_a_wrong_settings_file_is_said_and_the_rest_goes_on(box: OnBox) -> None:
    """Until somebody mends it."""
    (box.places.state / "update.toml").write_text("[server]\n")
    serve = Serve(box.places, box.lines.append, lambda: box.now_s)
    serve.tick()
    assert box.lines[0].startswith("GN727:")
