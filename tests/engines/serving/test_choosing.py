"""The choice of a host: made, remembered, and made anew where what was chosen is gone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import AcceleratorLost, ModelError
from gonogo.engines.backends.catalogue import AUTO
from gonogo.engines.serving.choosing import Chooser, identity_of
from gonogo.engines.serving.source import Source
from gonogo.ipc.engine_choices import Candidate, HostChoice, bury_all
from gonogo.ipc.engine_queue import Mailbox
from gonogo.tests.engines.backends.scripted import Box, engine
from gonogo.tests.engines.serving.places import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.engines.serving.hostplan import ViewPlan

# shared memory knows backends by their bits
ORT, OV = Candidate("onnxruntime", 1), Candidate("openvino", 1)
ENGINE = Source(engine("onnxruntime", "openvino"), 7)


class Noted(Box):
    """A box whose notes lie in shared memory."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__({ORT: 9.0, OV: 4.0})
        self._mailbox = mailbox

    def told(self, backend: str) -> bool:
        """Always by the word in memory, which a next host reads."""
        return bool(self._mailbox.words[128 + 2]) and backend in {ORT.backend, OV.backend}

    @property
    def chooser(self) -> Chooser:
        """Of a host that has just started."""
        bury_all(self._mailbox)
        return Chooser(self._mailbox, 1, self.settling)


@pytest.fixture
def mailbox(station: str) -> Iterator[Mailbox]:
    """Of place A."""
    made = Mailbox.create(station, 0)
    yield made
    made.close()


@pytest.fixture
def box(mailbox: Mailbox) -> Noted:
    """On which OpenVINO is the faster one."""
    return Noted(mailbox)


def loaded(plan: ViewPlan) -> tuple[str, object]:
    """What a view is loaded as."""
    return plan.backend, plan.threads


def test_chooser_loads_a_view_as_it_was_measured_to_be_fastest(
    box: Noted, mailbox: Mailbox
) -> None:
    """And says so to everybody; a host that begins anew measures nothing."""
    assert box.chooser.load(view(threads=AUTO), ENGINE, loaded) == ("openvino", 1)
    assert HostChoice(mailbox, 0).serves == OV
    assert box.opened == [ORT, OV]
    assert box.chooser.load(view(threads=AUTO), ENGINE, loaded) == ("openvino", 1)
    assert box.opened == [ORT, OV]


@pytest.mark.parametrize(
    ("changes", "source"),
    [({}, ENGINE._replace(engine_id=8)), ({"threads": AUTO}, ENGINE), ({"width_px": 99}, ENGINE)],
)
def test_chooser_measures_another_engine_wish_or_frame_anew(
    box: Noted, changes: dict[str, object], source: Source
) -> None:
    """What was measured is of one of each."""
    box.chooser.load(view(), ENGINE, loaded)
    box.chooser.load(view(**changes), source, loaded)
    assert box.opened == [ORT, OV, ORT, OV]


def test_chooser_takes_another_way_to_the_gpu_for_another_wish() -> None:
    """What was left out for one package may do with the other."""
    wishes = [view(), view(cuda="pycuda"), view(threads=2), view(backend="openvino")]
    assert len({identity_of(each, ENGINE) for each in wishes}) == len(wishes)


def test_chooser_leaves_out_what_the_host_before_died_of(box: Noted, mailbox: Mailbox) -> None:
    """While it was measured, or loaded, or warmed up: the next host serves with the other one."""
    chooser = box.chooser
    chooser.load(view(), ENGINE, loaded)
    with chooser.watching(0):
        assert box.chooser.load(view(), ENGINE, loaded) == ("onnxruntime", 1)  # the next host
    assert HostChoice(mailbox, 0).left_out == ("openvino",)


def test_chooser_watches_nothing_where_no_other_could_take_its_place(
    box: Noted, mailbox: Mailbox
) -> None:
    """The next host dies or lives with the same one, and an order is refused that kills hosts."""
    chooser = box.chooser
    chooser.load(view(backend="openvino"), ENGINE, loaded)
    with chooser.watching(0):
        assert not bury_all(mailbox)
    with chooser.watching(5):
        assert not bury_all(mailbox)


@pytest.mark.parametrize("error", [AcceleratorLost("gone"), OSError("gone"), RuntimeError("gone")])
@pytest.mark.parametrize("measured", [True, False])
def test_chooser_leaves_out_what_was_chosen_and_cannot_be_loaded(
    box: Noted, mailbox: Mailbox, error: Exception, *, measured: bool
) -> None:
    """Its device has gone since it was measured; or it has room for one frame, and not for all."""
    if measured:
        box.chooser.load(view(), ENGINE, loaded)

    def load(plan: ViewPlan) -> str:
        if plan.backend == "openvino":
            raise error
        return plan.backend

    for _ in range(2):  # a host that begins anew does not try again
        assert box.chooser.load(view(), ENGINE, load) == "onnxruntime"
        assert HostChoice(mailbox, 0).serves == ORT
    assert box.opened == [ORT, OV]


def test_chooser_measures_beside_the_line_and_loads_as_the_host_is(
    box: Noted, mailbox: Mailbox
) -> None:
    """A backend that shares the line's core, as the station file says, is not kept off it."""
    beside: list[bool] = []
    seen: list[list[bool]] = []

    @contextmanager
    def moment() -> Iterator[None]:
        beside.append(True)
        yield
        seen.append([len(box.opened) == 2, *beside])
        beside.clear()

    chooser = Chooser(mailbox, 1, box.settling, beside=moment)
    assert chooser.load(view(), ENGINE, lambda _: list(beside)) == []
    assert seen == [[True, True]]


def test_chooser_loads_the_last_one_or_says_why_not(box: Noted) -> None:
    """Where none of several can be loaded, it is the error of one of them that is told."""

    def load(plan: ViewPlan) -> None:
        raise AcceleratorLost(f"no memory for {plan.backend}")

    with pytest.raises(AcceleratorLost, match="no memory for onnxruntime"):
        box.chooser.load(view(), ENGINE, load)


def test_chooser_hands_on_why_the_only_one_cannot_be_loaded(box: Noted, mailbox: Mailbox) -> None:
    """As it was said, and once."""
    tries = []

    def load(plan: ViewPlan) -> None:
        tries.append(plan.backend)
        raise ModelError("not this file")

    with pytest.raises(ModelError, match="not this file"):
        box.chooser.load(view(backend="onnxruntime"), ENGINE, load)
    assert tries == ["onnxruntime"]
    assert HostChoice(mailbox, 0).serves is None
