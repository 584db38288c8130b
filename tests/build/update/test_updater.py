"""An update from its image to what came of it, and every cut on the way."""

from __future__ import annotations

import fcntl
import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import (
    GonogoError,
    StickGone,
    UpdateBusy,
    UpdateNotKept,
    UpdateNotWritten,
    UpdateRefused,
)
from gonogo.build.update.kept import Phase, Update, exchange, load, save
from gonogo.build.update.trial import TRIES
from gonogo.build.update.updater import PATIENCE_S, STANDS_S, Offer
from gonogo.tests.build.update.onbox import FLOWS, STANDS

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.onbox import Images, OnBox


def written(box: OnBox, stock: Images) -> Update:
    """0.3.0, in slot B."""
    return box.updater.install(Offer(stock.newer, "stick"))


def switched(box: OnBox, stock: Images) -> Update:
    """By command."""
    written(box, stock)
    return box.updater.switch()


def phase(box: OnBox) -> Phase:
    """As it is kept."""
    found = box.updater.last()
    assert found is not None
    return found.phase


def test_an_image_is_written_in_the_idle_class_and_does_not_start(
    box: OnBox, stock: Images
) -> None:
    """Processor and disk; nothing says yet that its slot may be booted."""
    found = written(box, stock)
    assert box.asked == [f"install {stock.newer.name} SCHED_IDLE idle"]
    assert (found.phase, found.version, found.slot) == (Phase.WAITING, "0.3.0", "B")
    assert load(box.places.state) == found
    assert (box.folder / "slot").stat().st_size > 0


def test_it_starts_once_the_plc_has_stopped_the_line_for_a_while(box: OnBox, stock: Images) -> None:
    """Not while parts flow, not after a moment, and not with a part on its way."""
    written(box, stock)
    box.line(FLOWS)
    for _ in range(3):
        box.now_s += STANDS_S
        box.updater.step()
    box.line(STANDS, res_seq=8)
    box.now_s += STANDS_S
    box.updater.step()
    box.line(STANDS)
    box.updater.step()
    box.now_s += STANDS_S - 1
    assert box.updater.step() is not None
    box.line(FLOWS)
    box.updater.step()
    box.line(STANDS)
    box.now_s += STANDS_S
    box.updater.step()
    assert phase(box) is Phase.WAITING
    assert len(box.asked) == 1
    box.now_s += STANDS_S
    box.updater.step()
    assert phase(box) is Phase.SWITCHED
    assert box.asked[1:] == ["mark-active other", "systemctl --no-block reboot"]


def test_a_line_of_which_nothing_is_heard_is_not_taken_for_stopped(
    box: OnBox, stock: Images
) -> None:
    """A station that is silent, or a PLC that is off; by command it starts all the same."""
    written(box, stock)
    box.line(STANDS, alive=False)
    box.updater.step()
    box.now_s += 3600
    waits = box.updater.step()
    assert waits is not None
    assert "nothing is heard of the PLC; `gonogo update switch`" in waits.says
    (box.folder / "status.json").unlink()
    box.now_s += 3600
    waits = box.updater.step()
    assert waits is not None
    assert "does not answer" in waits.says
    assert box.updater.switch().phase is Phase.SWITCHED


def test_a_box_without_a_station_file_waits_for_no_line(box: OnBox, stock: Images) -> None:
    """No part is judged there."""
    written(box, stock)
    box.updater.step()
    box.now_s += STANDS_S
    box.updater.step()
    assert phase(box) is Phase.SWITCHED


def test_good_is_said_once_the_health_gate_has_found_it_good(box: OnBox, stock: Images) -> None:
    """Not before, whatever an earlier update left."""
    box.gate_says("B", "good", "of an earlier one")
    (box.places.state / "good-B").unlink()  # as before-install does it
    switched(box, stock)
    box.boots("B", "0.3.0")
    box.updater.step()
    assert phase(box) is Phase.SWITCHED
    box.gate_says("B", "good", "5 parts judged")
    found = box.updater.step()
    assert found is not None
    assert (found.phase, found.says) == (Phase.GOOD, "5 parts judged")


def test_failed_is_said_with_the_gates_reason_when_the_box_went_back(
    box: OnBox, stock: Images
) -> None:
    """And not with that of an earlier update."""
    box.gate_says("B", "bad", "of an earlier one")
    switched(box, stock)
    box.boots("A", "0.2.0")
    box.updater.step()
    assert phase(box) is Phase.SWITCHED
    box.gate_says("B", "bad", "no trusted picture, for 600 s")
    found = box.updater.step()
    assert found is not None
    assert (found.phase, found.says) == (
        Phase.FAILED, "the box went back: no trusted picture, for 600 s",
    )  # fmt: skip


def test_a_power_cut_between_the_note_and_the_switch_begins_the_switch_anew(
    box: OnBox, stock: Images
) -> None:
    """Once; a box that comes back twice without a word of the gate is given up."""
    written(box, stock)
    for expected in (*[Phase.WAITING] * (TRIES - 1), Phase.FAILED):
        box.updater.switch()
        box.boots("A", "0.2.0")
        box.updater.step()
        assert phase(box) is Phase.SWITCHED  # the gate may not have said it yet
        box.now_s += PATIENCE_S
        box.updater.step()
        assert phase(box) is expected


def test_a_box_that_did_not_restart_is_told_again(box: OnBox, stock: Images) -> None:
    """The updater was killed between its note and the restart."""
    switched(box, stock)
    box.starts_anew()
    box.updater.step()
    assert len(box.asked) == 3
    box.now_s += PATIENCE_S
    box.updater.step()
    assert box.asked[3:] == ["mark-active other", "systemctl --no-block reboot"]


def test_a_switch_that_rauc_refuses_is_tried_again_and_then_given_up(
    box: OnBox, stock: Images
) -> None:
    """With its words."""
    written(box, stock)
    (box.folder / "stuck").touch()
    for expected in (Phase.WAITING, Phase.FAILED):
        with pytest.raises(UpdateNotWritten, match="no bootloader"):
            box.updater.switch()
        assert phase(box) is expected
    assert "systemctl --no-block reboot" not in box.asked


def test_a_power_cut_while_it_is_written_begins_the_write_anew(
    box: OnBox, stock: Images, tmp_path: Path
) -> None:
    """Its signature is looked at again; without its file it is given up, and the box goes on."""
    image = tmp_path / "it.raucb"
    shutil.copy(stock.newer, image)
    cut = Update(phase=Phase.WRITING, source="stick", version="0.3.0", path=str(image), slot="B")
    save(box.places.state, cut)
    box.updater.step()
    assert phase(box) is Phase.WAITING
    assert len(box.asked) == 1
    save(box.places.state, cut)
    image.write_bytes(image.read_bytes()[:-1000])
    with pytest.raises(GonogoError):
        box.updater.step()
    assert phase(box) is Phase.FAILED
    save(box.places.state, cut)
    image.unlink()
    found = box.updater.step()
    assert found is not None
    assert (found.phase, found.says[:6]) == (Phase.FAILED, "GN728:")
    assert len(box.asked) == 1


def test_a_stick_that_is_pulled_while_it_is_written_fails_by_its_number(
    box: OnBox, stock: Images, tmp_path: Path
) -> None:
    """Nothing is switched to, and the next update is taken."""
    image = tmp_path / "it.raucb"
    shutil.copy(stock.newer, image)
    (box.folder / "pulled").touch()
    with pytest.raises(StickGone, match="plug the stick in again"):
        box.updater.install(Offer(image, "stick"))
    assert phase(box) is Phase.FAILED
    with pytest.raises(UpdateRefused, match="nothing is written"):
        box.updater.switch()
    (box.folder / "pulled").unlink()
    assert written(box, stock).phase is Phase.WAITING


def test_one_bit_of_its_blocks_fails_the_write_and_nothing_is_switched_to(
    box: OnBox, stock: Images, tmp_path: Path
) -> None:
    """The signed manifest is whole; RAUC finds it in the payload."""
    data = bytearray(stock.newer.read_bytes())
    data[len(data) // 3] ^= 1
    image = tmp_path / "it.raucb"
    image.write_bytes(data)
    with pytest.raises(UpdateNotWritten, match="LastError"):
        box.updater.install(Offer(image, "file"))
    assert phase(box) is Phase.FAILED
    assert "mark-active other" not in box.asked


def test_two_updates_at_once_are_one(box: OnBox, stock: Images) -> None:
    """While another process writes, and while one waits for its switch; until it is given up."""
    with (box.places.state / "update.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UpdateBusy):
            written(box, stock)
    written(box, stock)
    with pytest.raises(UpdateBusy, match=r"waiting: 0\.3\.0 from a stick, slot B"):
        box.updater.install(Offer(stock.newer, "file"))
    assert box.updater.cancel("by command").phase is Phase.FAILED
    assert box.asked[1:] == ["mark-bad other"]
    with pytest.raises(UpdateRefused):
        box.updater.cancel("by command")
    assert written(box, stock).phase is Phase.WAITING


def test_what_runs_on_trial_is_not_given_up_nor_written_over(box: OnBox, stock: Images) -> None:
    """The other slot is the way back."""
    switched(box, stock)
    box.boots("B", "0.3.0")
    with pytest.raises(UpdateRefused):
        box.updater.cancel("by command")
    with pytest.raises(UpdateBusy):
        box.updater.install(Offer(stock.newer, "file"))


def test_nothing_is_begun_that_cannot_be_kept(box: OnBox, stock: Images) -> None:
    """A data partition that is gone: without a note a power cut could not be gone on from."""
    shutil.rmtree(box.places.state)
    with pytest.raises(UpdateNotKept):
        written(box, stock)
    assert box.asked == []


def test_an_exchange_loses_nothing_that_another_process_kept(box: OnBox, stock: Images) -> None:
    """It happens where the last one still is what was read."""
    old = box.updater.last()
    new = Update(phase=Phase.FETCHING, source="server", action="1")
    kept = written(box, stock)
    assert not exchange(box.places.state, old, new)
    assert box.updater.last() == kept
    assert exchange(box.places.state, kept, new)
    assert box.updater.last() == new
