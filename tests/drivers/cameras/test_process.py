"""The process of a camera: what it answers, what it holds, and what ends it."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.doorbell import make_bell
from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.cameras.process import CameraPlan, Server, lights_of
from gonogo.drivers.cameras.remote import RemoteCamera
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.ipc.camera_port import CameraPort, CameraState, Light, bells_of
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.part_finds import BELL, FindsLog, FindsTaken
from gonogo.testing.cameras import soon_ns
from gonogo.tests.drivers.cameras.basler.emulator import section as machine_section
from gonogo.tests.drivers.triggers.by_camera import gates
from gonogo.tests.stations import synthetic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.drivers.camera_section import CameraSection
    from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection

SECTION = SyntheticSection.model_validate(synthetic(width_px=64, height_px=64))
WAIT_S = 30.0


class Scripted:
    """A camera that shows its count, or fails as a test says; its device may keep slots."""

    def __init__(self) -> None:
        self.count = 0
        self.queued: list[NDArray[np.uint8]] = []
        self.kept: list[NDArray[np.uint8]] = []
        self.fails: CameraError | None = None
        self.closed = False

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Remember it."""
        self.queued.append(pixels)

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """A frame full of the part's id, or the error."""
        del deadline_ns
        if self.fails is not None:
            raise self.fails
        self.count += 1
        pixels.fill(part_id)
        return Exposure(self.count, 10 * self.count, time.monotonic_ns())

    def holds(self, pixels: NDArray[np.uint8]) -> bool:
        """As the test says."""
        return any(each is pixels for each in self.kept)

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class Bound(Scripted):
    """One that wants to know the slots; it fails so often first."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures
        self.slots: list[NDArray[np.uint8]] = []
        self.bound_ns = 0
        self.closings = 0

    def bind(self, slots: Sequence[NDArray[np.uint8]]) -> None:
        """Remember them."""
        if self.failures:
            self.failures -= 1
            raise CameraError("no memory of yours")
        self.slots, self.bound_ns = list(slots), time.monotonic_ns()

    def close(self) -> None:
        """Counted."""
        self.closings += 1


class Resting(Scripted):
    """One with something to see to."""

    rests = 0

    def rest(self) -> None:
        """Counted, or the error."""
        self.rests += 1
        if self.fails is not None:
            raise self.fails


class Lit(Scripted):
    """One that says what its exposure may be, and cannot say it of its gain."""

    def bounds(self, key: str) -> tuple[float, float] | None:
        """In the unit of the key."""
        if key == "gain_db":
            raise CameraError("no such feature")
        return 20.0, 9000.0


class Row:
    """This process as a row of the table that counts its beats; `stop` is itself."""

    def __init__(self) -> None:
        self.stop = self
        self.asked = False
        self.fd = os.eventfd(0, os.EFD_NONBLOCK)
        self.beats = 0

    def beat(self) -> None:
        """Counted."""
        self.beats += 1

    def ask(self) -> None:
        """Stop."""
        self.asked = True
        os.eventfd_write(self.fd, 1)


class Bench:
    """A camera process as a thread, and the line's camera that asks it."""

    def __init__(
        self,
        station: str,
        *refusals: str,
        device: Scripted | None = None,
        budget_ms: float = 0.0,
        finds: CameraTriggerSection | None = None,
    ) -> None:
        self.ring = FrameRing.create(station, 0, SECTION.geometry, 4)
        self.port = CameraPort.create(station, 0)
        for name in bells_of(0):
            make_bell(station, name)
        self.device, self.row = device or Scripted(), Row()
        self.refusals = list(refusals)
        self.failed: CameraError | None = None
        plan = CameraPlan.model_construct(
            station=station, view=0, name="top", camera=SECTION, budget_ms=budget_ms, finds=finds
        )
        row: Any = self.row
        self.server = Server(plan, row, self.open)
        self.remote = RemoteCamera(station, "top", self.ring)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def open(self, section: CameraSection, view: str) -> Scripted:
        """The device, once it is there."""
        assert (section, view) == (SECTION, "top")
        if self.refusals:
            raise CameraError(self.refusals.pop(0))
        return self.device

    def _run(self) -> None:
        camera = self.server.open()
        if camera is not None:
            try:
                self.server.serve(camera)
            except CameraError as error:
                self.failed = error

    def until(self, what: str, met: Any) -> None:  # noqa: ANN401 - a condition
        """Wait for a condition; the bound only ends a test that fails."""
        end_s = time.monotonic() + WAIT_S
        while not met():
            assert time.monotonic() < end_s, what
            time.sleep(0.001)

    def ready(self) -> None:
        """The device is open."""
        self.until("never open", lambda: self.port.state is CameraState.READY)

    def end(self) -> None:
        """Ask it to stop."""
        self.row.ask()
        self.thread.join()


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """One whose device is there."""
    made = Bench(station)
    made.ready()
    yield made
    made.end()


def test_process_brings_one_frame_after_the_other(bench: Bench) -> None:
    """Each into the slot that was asked for; nothing is held afterwards, and it beats."""
    beats = bench.row.beats
    for part_id in (1, 2, 3):
        pixels = bench.ring.slots[part_id].pixels
        exposure = bench.remote.grab(part_id, pixels, soon_ns())
        assert (exposure.counter, exposure.exposure_ns) == (part_id, 10 * part_id)
        assert (pixels == part_id).all()
        assert not bench.remote.holds(part_id)
    assert bench.row.beats > beats


@pytest.mark.parametrize("error", [FrameTimeout("no frame"), FrameInvalid("half a frame")])
def test_process_goes_on_after_a_part_without_a_frame(bench: Bench, error: CameraError) -> None:
    """It is the part's matter, not the device's."""
    bench.device.fails = error
    with pytest.raises(type(error), match=str(error.args[0])):
        bench.remote.grab(1, bench.ring.slots[0].pixels, soon_ns())
    bench.device.fails = None
    assert bench.remote.grab(2, bench.ring.slots[0].pixels, soon_ns()).counter == 1
    assert bench.failed is None


def test_process_ends_with_a_device_that_has_failed(bench: Bench) -> None:
    """The part is told first; then the device is opened anew, in another process."""
    bench.device.fails = CameraError("view 'top': the device is gone")
    with pytest.raises(CameraError, match="the device is gone"):
        bench.remote.grab(1, bench.ring.slots[0].pixels, soon_ns())
    bench.until("it serves on", lambda: bench.failed is not None)
    assert not bench.device.closed, "closing it may block for seconds"


def test_process_says_which_slots_its_device_keeps(bench: Bench) -> None:
    """Until the device gives them back, without anybody asking for a frame."""
    bench.device.fails = FrameTimeout("missing packets")
    bench.device.kept = [bench.server.ring.slots[2].pixels]
    with pytest.raises(FrameTimeout):
        bench.remote.grab(1, bench.ring.slots[2].pixels, soon_ns())
    assert [bench.remote.holds(slot) for slot in range(4)] == [False, False, True, False]
    bench.device.kept.clear()
    bench.until("never given back", lambda: not bench.remote.holds(2))


@pytest.mark.parametrize("failures", [0, 1])
def test_process_tells_its_camera_all_slots_before_it_serves(station: str, failures: int) -> None:
    """A camera that fails at that is closed, and opened again."""
    device = Bound(failures)
    bench = Bench(station, device=device)
    bench.ready()
    pixels = [slot.pixels for slot in bench.server.ring.slots]
    assert [id(each) for each in device.slots] == [id(each) for each in pixels]
    assert device.closings == failures
    bench.end()


def test_process_tells_its_camera_no_slot_while_a_part_may_be_judged(station: str) -> None:
    """What binds may write into all of them; somebody may still look at the frame of before."""
    device, begun_ns = Bound(0), time.monotonic_ns()
    bench = Bench(station, device=device, budget_ms=300.0)
    bench.ready()
    assert device.bound_ns - begun_ns >= 300_000_000
    bench.end()


def test_process_that_is_asked_to_stop_meanwhile_tells_no_slot(station: str) -> None:
    """It ends at once."""
    device = Bound(0)
    bench = Bench(station, device=device, budget_ms=1000 * WAIT_S)
    bench.until("never tried", lambda: bench.row.beats)
    bench.end()
    assert device.slots == []


def test_process_lets_a_camera_see_to_itself_between_two_parts(station: str) -> None:
    """And ends with one that says that it has failed."""
    device = Resting()
    bench = Bench(station, device=device)
    bench.until("never let", lambda: device.rests > 2)
    device.fails = CameraError("its stream has ended")
    bench.until("it serves on", lambda: bench.failed is not None)
    assert str(bench.failed) == "GN200: its stream has ended"
    bench.end()


class Looking(Scripted):
    """One over a belt: each of its frames shows what the test says."""

    shade = 0

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """A frame of that shade, every millisecond; its light fell just before."""
        exposure = super().grab(part_id, pixels, deadline_ns)
        pixels.fill(self.shade)
        time.sleep(0.001)
        return exposure._replace(exposure_ns=exposure.frame_ns)


def test_process_that_finds_the_parts_gives_their_frames_away(station: str) -> None:
    """The one in which the part came into place; whoever asks for no part gets a new one."""
    finds = FindsLog.create(station)
    make_bell(station, BELL)
    line, device = FindsTaken.attach(station), Looking()
    gate = gates.section(look_within_ms=60_000.0).of_station(station, 100.0, 20.0)
    bench = Bench(station, device=device, finds=gate)
    bench.ready()
    for shade, number in ((150, 1), (160, 2)):
        device.shade = 0
        count = device.count
        bench.until("never looked", lambda count=count: device.count > count + 1)
        device.shade = shade
        bench.until("never found", lambda number=number: line.number == number)
        device.shade = 255
        line.take(number, 7)
        pixels = bench.ring.slots[1].pixels
        exposure = bench.remote.grab(7, pixels, soon_ns())
        assert (pixels == shade).all()
        assert exposure.exposure_ns == line.find(number).at_ns
    bench.remote.grab(0, pixels, soon_ns())
    assert (pixels == 255).all()
    assert device.queued == []
    bench.end()
    line.close()
    finds.close()


def test_process_hands_its_device_the_next_slot_once(bench: Bench) -> None:
    """Between two parts, for each part anew."""
    for slot in (1, 3):
        pixels = bench.ring.slots[slot].pixels
        bench.remote.queue(pixels)
        bench.until("never queued", lambda: bench.device.queued)
        bench.remote.grab(slot, pixels, soon_ns())
        (queued,) = bench.device.queued
        assert queued is bench.server.ring.slots[slot].pixels
        bench.device.queued.clear()


def test_process_gives_no_slot_ahead_whose_part_has_been_there(bench: Bench) -> None:
    """Named and asked for in one breath: the device would write over the frame that is judged."""
    pixels = bench.ring.slots[1].pixels
    for part_id in range(1, 200):
        bench.remote.queue(pixels)
        bench.remote.grab(part_id, pixels, soon_ns())
        count = len(bench.device.queued)
        bench.remote.grab(part_id, bench.ring.slots[2].pixels, soon_ns())
        assert len(bench.device.queued) == count, "given to the device after its part"


def test_process_tries_for_ever_to_open_its_device(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason reaches each part; the log has each reason once; and it beats meanwhile."""
    bench = Bench(station, *["no device at 10.0.0.9"] * 3)
    bench.until("it says nothing", lambda: bench.port.message == "no device at 10.0.0.9")
    beats = bench.row.beats
    bench.ready()
    assert bench.row.beats > beats
    assert caplog.text.count("GN200: no device at 10.0.0.9; tried again") == 1
    assert bench.remote.grab(1, bench.ring.slots[0].pixels, soon_ns()).counter == 1
    bench.end()


def test_process_can_be_stopped_while_its_device_is_away(station: str) -> None:
    """At once, and not after the next try."""
    bench = Bench(station, *["no device"] * 1000)
    bench.until("it says nothing", lambda: bench.port.message)
    bench.end()
    assert bench.port.state is CameraState.OPENING


def test_process_gives_its_device_no_slot_that_was_named_to_the_one_before(
    station: str,
) -> None:
    """That was for a part which has been there: its frame may be judged this very moment."""
    former = Bench(station)
    former.ready()
    former.end()
    former.remote.queue(former.ring.slots[1].pixels)
    late = Scripted()
    row: Any = Row()
    plan = CameraPlan.model_construct(
        station=station, view=0, name="top", camera=SECTION, budget_ms=0.0, finds=None
    )
    server = Server(plan, row, lambda _section, _view: late)
    camera = server.open()
    assert camera is late
    thread = threading.Thread(target=server.serve, args=(camera,))
    thread.start()
    former.remote.grab(7, former.ring.slots[2].pixels, soon_ns())
    assert late.queued == []
    former.remote.queue(former.ring.slots[3].pixels)
    former.until("never queued", lambda: late.queued)
    assert late.queued[0] is server.ring.slots[3].pixels
    row.ask()
    thread.join()


def test_process_says_while_it_grabs_what_its_device_keeps_besides(bench: Bench) -> None:
    """A slot of a part before stays held while the next part's frame is taken."""
    kept = bench.server.ring.slots[0].pixels
    seen: list[list[bool]] = []

    def grab(part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        del part_id, pixels, deadline_ns
        seen.append([bench.port.busy(slot) for slot in range(4)])
        return Exposure(1, 1, time.monotonic_ns())

    bench.device.kept = [kept]
    setattr(bench.device, "grab", grab)  # noqa: B010 - one that looks around
    bench.remote.grab(1, bench.ring.slots[2].pixels, soon_ns())
    assert seen == [[True, False, True, False]]


def test_process_tells_how_its_camera_is_lit() -> None:
    """Of keys that its driver writes: what they are, and what the camera says of them."""
    section = machine_section(exposure_us=500.0, gain_db=3.0)
    assert lights_of(section, Lit()) == {
        "exposure_us": Light(500.0, 20.0, 9000.0), "gain_db": Light(3.0),
    }  # fmt: skip
    assert lights_of(section, Scripted())["exposure_us"] == Light(500.0)
    assert lights_of(SECTION, Lit()) == {}
