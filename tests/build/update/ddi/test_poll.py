"""A box and a server, from the offer to its end; and what a server does that it must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import UpdateBusy, UpdateServerAway, UpdateServerRefused
from gonogo.build.update.ddi.http import Http
from gonogo.build.update.ddi.poll import Poll
from gonogo.build.update.kept import Phase, Update, save
from gonogo.build.update.updater import STANDS_S, Offer
from gonogo.tests.build.update.onbox import FLOWS

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.ddi.server import Ddi
    from gonogo.tests.build.update.onbox import Images, OnBox


def poll_of(box: OnBox, ddi: Ddi) -> Poll:
    """As the service makes one for each look."""
    server = ddi.section(box.folder)
    made = Poll(server, Http(server, quiet_s=5), box.updater, box.places)
    made.spare_bytes = 0
    return made


def offered(ddi: Ddi, image: Path) -> None:
    """From now on."""
    ddi.offered = image.read_bytes()


def phase(box: OnBox) -> Phase | None:
    """As it is kept."""
    found = box.updater.last()
    return None if found is None else found.phase


def test_a_server_without_an_update_is_asked_when_it_says(box: OnBox, ddi: Ddi) -> None:
    """And told what the box is, where it wants to know."""
    ddi.wants_config = True
    assert poll_of(box, ddi).look() == 300
    put = [body for method, _, body in ddi.asked if method == "PUT"]
    assert put == [
        {
            "mode": "merge",
            "data": {
                "hw_boardname": "gonogo-x86_64-debian12", "hw_revision": "default",
                "sw_version": "0.2.0", "slot": "A",
            },
        }
    ]  # fmt: skip
    assert ddi.asked[0][1] == "/DEFAULT/controller/v1/box-1"
    assert set(ddi.tokens) == {"TargetToken secret-0815"}


def test_success_is_said_after_the_health_gate_and_not_before(
    box: OnBox, stock: Images, ddi: Ddi
) -> None:
    """Fetched, written, switched once the line stands, found good; each is said."""
    offered(ddi, stock.newer)
    box.line(FLOWS)
    poll_of(box, ddi).look()
    assert phase(box) is Phase.WAITING
    assert poll_of(box, ddi).look() == 300
    box.line(0)
    box.updater.step()
    box.now_s += STANDS_S
    box.updater.step()
    box.boots("B", "0.3.0")
    box.updater.step()
    poll_of(box, ddi).look()
    assert {said[0] for said in ddi.told()} == {"proceeding"}
    box.gate_says("B", "good", "5 parts judged, FULL, the PLC follows")
    box.updater.step()
    assert poll_of(box, ddi).look() == 300
    execution, finished, says = ddi.told()[-1]
    assert (execution, finished) == ("closed", "success")
    assert "5 parts judged" in says
    assert list(box.places.downloads.iterdir()) == []
    before = len(ddi.told())
    poll_of(box, ddi).look()
    assert len(ddi.told()) == before


def test_failure_is_said_with_the_gates_reason(box: OnBox, stock: Images, ddi: Ddi) -> None:
    """The box went back."""
    offered(ddi, stock.newer)
    poll_of(box, ddi).look()
    box.updater.switch()
    box.boots("A", "0.2.0")
    box.gate_says("B", "bad", "it did not come up in 3 boots")
    box.updater.step()
    poll_of(box, ddi).look()
    assert ddi.told()[-1][:2] == ("closed", "failure")
    assert "did not come up in 3 boots" in ddi.told()[-1][2]


def test_what_the_box_does_not_take_is_said_with_its_number(
    box: OnBox, stock: Images, ddi: Ddi
) -> None:
    """Another product's image, an older one; nothing is written, and nothing stays on the disk."""
    for image, number in ((stock.other, "GN699"), (stock.older, "GN742")):
        offered(ddi, image)
        poll_of(box, ddi).look()
        execution, finished, says = ddi.told()[-1]
        assert (execution, finished) == ("closed", "failure")
        assert number in says
    assert box.asked == []
    assert list(box.places.downloads.iterdir()) == []


def test_what_runs_already_is_a_success_where_it_was_found_good(
    box: OnBox, stock: Images, ddi: Ddi
) -> None:
    """A box that lost its notes does not install again what it runs; one on trial says nothing."""
    offered(ddi, stock.same)
    with pytest.raises(UpdateBusy, match="on trial"):
        poll_of(box, ddi).look()
    assert {said[0] for said in ddi.told()} <= {"proceeding"}
    box.gate_says("A", "good", "5 parts judged")
    poll_of(box, ddi).look()
    assert ddi.told()[-1][:2] == ("closed", "success")


def test_a_wrong_hash_or_a_lying_size_is_said(box: OnBox, stock: Images, ddi: Ddi) -> None:
    """By their number."""
    for name, value in (("sha256", "0" * 64), ("size", 5)):
        offered(ddi, stock.newer)
        setattr(ddi, name, value)
        poll_of(box, ddi).look()
        assert ddi.told()[-1][:2] == ("closed", "failure")
        assert "GN726" in ddi.told()[-1][2]
    assert box.asked == []


def test_a_full_disk_is_said(box: OnBox, stock: Images, ddi: Ddi) -> None:
    """Room for records is not given away."""
    offered(ddi, stock.newer)
    poll = poll_of(box, ddi)
    poll.spare_bytes = 1 << 60
    poll.look()
    assert "GN747" in ddi.told()[-1][2]


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, UpdateServerRefused), (403, UpdateServerRefused), (404, UpdateServerRefused),
     (410, UpdateServerRefused), (429, UpdateServerAway), (500, UpdateServerAway)],
)  # fmt: skip
def test_a_server_that_refuses_leaves_the_box_as_it_is(
    box: OnBox, ddi: Ddi, status: int, error: type[Exception]
) -> None:
    """Also in the middle of an action."""
    ddi.statuses["box-1"] = [status]
    ddi.retry_after = "77"
    with pytest.raises(error) as found:
        poll_of(box, ddi).look()
    assert "secret" not in str(found.value)
    if isinstance(found.value, UpdateServerAway):
        assert found.value.wait_s == 77
    ddi.offered, ddi.statuses["17"] = b"x", [status]
    with pytest.raises(error):
        poll_of(box, ddi).look()
    assert box.updater.last() is None


@pytest.mark.parametrize("status", [404, 409, 410])
def test_an_action_that_the_server_closed_is_not_told_again(
    box: OnBox, ddi: Ddi, status: int
) -> None:
    """It knows already, or does not want to."""
    save(box.places.state, Update(phase=Phase.FAILED, source="server", action="16", says="no"))
    ddi.statuses["feedback"] = [status]
    poll_of(box, ddi).look()
    poll_of(box, ddi).look()
    assert len([each for each in ddi.asked if each[0] == "POST"]) == 1


def test_what_could_not_be_told_is_told_later(box: OnBox, ddi: Ddi) -> None:
    """The result waits for the server."""
    save(box.places.state, Update(phase=Phase.FAILED, source="server", action="16", says="no"))
    ddi.statuses["feedback"] = [503]
    with pytest.raises(UpdateServerAway):
        poll_of(box, ddi).look()
    poll_of(box, ddi).look()
    assert len([each for each in ddi.asked if each[0] == "POST"]) == 2


def test_a_download_that_was_cut_goes_on_after_a_restart(
    box: OnBox, stock: Images, ddi: Ddi
) -> None:
    """Nothing is fetched twice, and the box is not asked for what it does not know."""
    offered(ddi, stock.newer)
    ddi.cut_at = 100_000
    with pytest.raises(UpdateServerAway):
        poll_of(box, ddi).look()
    assert phase(box) is Phase.FETCHING
    box.boots("A", "0.2.0")
    ddi.cut_at = None
    poll_of(box, ddi).look()
    assert ddi.ranges == [None, "bytes=100000-"]
    assert phase(box) is Phase.WAITING


def test_a_cancel_is_obeyed_until_it_was_switched_to(box: OnBox, stock: Images, ddi: Ddi) -> None:
    """Then it is refused, in words."""
    offered(ddi, stock.newer)
    poll_of(box, ddi).look()
    ddi.cancels = ddi.action
    poll_of(box, ddi).look()
    assert ddi.told()[-1][:2] == ("closed", "success")
    assert phase(box) is Phase.FAILED
    assert box.asked[-1] == "mark-bad other"
    ddi.action = "18"
    poll_of(box, ddi).look()
    box.updater.switch()
    poll_of(box, ddi).look()
    ddi.cancels = "18"
    poll_of(box, ddi).look()
    assert ddi.told()[-1][:2] == ("rejected", "none")
    assert phase(box) is Phase.SWITCHED


def test_an_update_of_a_stick_goes_first(box: OnBox, stock: Images, ddi: Ddi) -> None:
    """The server's waits, and nothing is said of it."""
    box.updater.install(Offer(stock.newer, "stick"))
    offered(ddi, stock.newer)
    assert poll_of(box, ddi).look() == 300
    assert ddi.told() == []
    assert ddi.ranges == []


def test_a_server_that_says_not_now_is_obeyed(box: OnBox, stock: Images, ddi: Ddi) -> None:
    """Outside its maintenance window nothing is fetched."""
    offered(ddi, stock.newer)
    ddi.download_mode = "skip"
    assert poll_of(box, ddi).look() == 300
    assert ddi.ranges == []
