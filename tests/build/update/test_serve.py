"""The service: errors end nothing, and a server that is away is asked less and less often."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.build.update.asked import GOOD_S, asked_for, leave
from gonogo.build.update.kept import Phase, Update, save
from gonogo.build.update.serve import Serve
from gonogo.build.update.updater import Offer
from gonogo.tests.build.update.onbox import FLOWS

if TYPE_CHECKING:
    from gonogo.tests.build.update.onbox import Images, OnBox


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


def waits(box: OnBox) -> Update:
    """0.3.0 in slot B, while parts flow."""
    box.line(FLOWS)
    update = Update(phase=Phase.WAITING, source="stick", version="0.3.0", slot="B", id="one")
    return save(box.places.state, update)


def asks(box: OnBox, update: Update, why: str = "it is slow") -> None:
    """As the console does, now."""
    asked = asked_for(update, box.places.boot(), box.now_s, "anna (technician, ttyS0)", why)
    leave(box.places.asked, asked)


def test_the_service_starts_what_the_console_asks_for_and_says_who_asked(box: OnBox) -> None:
    """The request is gone before RAUC is told anything."""
    update = waits(box)
    serve = Serve(box.places, box.lines.append, lambda: box.now_s)
    serve.tick()
    assert box.asked == []
    asks(box, update)
    serve.tick()
    assert box.asked == ["mark-active other", "systemctl --no-block reboot"]
    found = box.updater.last()
    assert found is not None
    assert (found.phase, found.id) == (Phase.SWITCHED, "one")
    said = "asked for at the console by anna (technician, ttyS0): it is slow"
    assert found.says == f"it starts next, on trial; {said}"
    assert said in box.lines[-1]
    assert not box.places.asked.exists()


def test_a_request_for_another_update_is_refused_and_never_carried_out(box: OnBox) -> None:
    """Nor one that is old; the update goes on waiting for the line."""
    update = waits(box)
    serve = Serve(box.places, box.lines.append, lambda: box.now_s)
    asks(box, update.at(Phase.WAITING, id="of before"))
    serve.tick()
    asks(box, update)
    box.now_s += GOOD_S + 1
    serve.tick()
    serve.tick()
    refused = [line for line in box.lines if line.startswith("GN750:")]
    assert ["another update" in refused[0], "not of the last" in refused[1]] == [True, True]
    assert box.asked == []
    found = box.updater.last()
    assert found is not None
    assert found.phase is Phase.WAITING


def test_a_request_that_rauc_cannot_follow_is_not_tried_again(box: OnBox) -> None:
    """Its words are kept; somebody asks again."""
    update = waits(box)
    serve = Serve(box.places, box.lines.append, lambda: box.now_s)
    (box.folder / "stuck").touch()
    asks(box, update)
    serve.tick()
    (box.folder / "stuck").unlink()
    serve.tick()
    assert box.asked == ["mark-active other"]
    assert any("no bootloader" in line for line in box.lines)


def test_a_pipe_in_the_place_of_a_request_does_not_hold_the_service_up(box: OnBox) -> None:
    """It is said once, and what is under way goes on."""
    cut = Update(phase=Phase.WRITING, source="stick", version="1", path="/no", slot="B")
    save(box.places.state, cut)
    os.mkfifo(box.places.asked)
    Serve(box.places, box.lines.append, lambda: box.now_s).tick()
    assert box.lines[0].startswith("GN750:")
    found = box.updater.last()
    assert found is not None
    assert found.phase is Phase.FAILED


def test_each_image_that_is_written_is_told_apart_from_the_one_before(
    box: OnBox, stock: Images
) -> None:
    """The same file again is another update: a request for the first means none."""
    ids = set()
    for _ in range(2):
        ids.add(box.updater.install(Offer(stock.newer, "file")).id)
        box.updater.cancel("by command")
    assert len(ids - {""}) == 2
