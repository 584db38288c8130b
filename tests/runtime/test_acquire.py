"""All views of a part: what cannot be trusted is named, and its frame reaches nobody."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Reason
from gonogo.ipc.frame_ring import COUNTER, PART_ID, SERIAL, STATE, FrameRing, State
from gonogo.runtime.acquire import KEPT_MESSAGES, Acquisition, View
from gonogo.runtime.frame_trust import LEAD_NS
from gonogo.testing.memory import growth_of
from gonogo.tests.fakes import SMALL, FakeCamera, Shot, part_now

if TYPE_CHECKING:
    from gonogo.base.words import ViewCapture
    from gonogo.ipc.frame_ring import Slot

COLOUR = FrameShape(32, 48, 3)
SLOTS = 4


class Held:
    """A holder that holds what a test says."""

    def __init__(self, *slots: tuple[int, int]) -> None:
        self.slots = set(slots)

    def holds(self, view: int, slot: int) -> bool:
        """Whether the test said so."""
        return (view, slot) in self.slots


def acquisition_of(
    station: str, *cameras: FakeCamera, held: Held | None = None, geometry: FrameShape = SMALL
) -> tuple[Acquisition, list[FrameRing]]:
    """Acquisition with a ring of four slots for each camera."""
    rings = [FrameRing.create(station, k, geometry, SLOTS) for k in range(len(cameras))]
    views = [View(f"v{k}", c, ring) for k, (c, ring) in enumerate(zip(cameras, rings, strict=True))]
    return Acquisition(views, held or Held()), rings


def look_once(acquisition: Acquisition, rings: list[FrameRing]) -> tuple[ViewCapture, Slot, bool]:
    """One view's look at a part, its slot, and whether its frame was handed on."""
    (taken,) = acquisition.capture(part_now())
    slot = rings[0].slots[taken.slot]
    return taken, slot, taken.pixels is slot.pixels


def test_eyes_hand_on_a_good_frame_where_the_camera_wrote_it(station: str) -> None:
    """The frame is the slot's own pixels, and the slot is ready with the part's numbers."""
    acquisition, rings = acquisition_of(station, FakeCamera(Shot(shade=99)))
    part = part_now(serial=70_000)
    (taken,) = acquisition.capture(part)
    slot = rings[0].slots[taken.slot]
    assert taken.fault is Reason.OK
    assert taken.pixels is slot.pixels
    assert slot.pixels[0, 0] == 99
    assert (slot.words[STATE], slot.words[SERIAL]) == (State.READY, 70_000)
    assert (slot.words[PART_ID], slot.words[COUNTER]) == (part.part_id, 1)
    assert part.trigger_ns <= taken.frame_ns <= time.monotonic_ns()


def test_eyes_have_the_engine_asked_before_they_look_at_the_pixels(station: str) -> None:
    """A whole frame is told at once; that it is flat is found meanwhile, and counts."""
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(shade=0, ground=0)))
    told: list[ViewCapture] = []
    (look,) = acquisition.capture(part_now(), told.append)
    assert [early.fault for early in told] == [Reason.OK]
    assert (look.fault, look.pixels) == (Reason.FRAME, None)
    assert look.slot == told[0].slot


@pytest.mark.parametrize(
    ("shot", "fault"),
    [
        (Shot(error=FrameTimeout), Reason.CAMERA),
        (Shot(error=CameraError), Reason.CAMERA),
        (Shot(error=FrameInvalid), Reason.FRAME),
        (Shot(shade=0, ground=0), Reason.FRAME),
        (Shot(shade=255, ground=255), Reason.FRAME),
        (Shot(shade=12, ground=11), Reason.FRAME),
        (Shot(frame_ns=1), Reason.CAMERA),
        (Shot(frame_ns=1 << 62), Reason.CAMERA),
    ],
    ids=["timeout", "failed", "invalid", "black", "white", "noise", "too old", "too late"],
)
def test_eyes_do_not_hand_on_a_frame_they_cannot_trust(
    station: str, shot: Shot, fault: Reason
) -> None:
    """The look says why, the slot is marked, no pixels go to the rules, and it is counted."""
    acquisition, rings = acquisition_of(station, FakeCamera(shot))
    look, slot, handed_on = look_once(acquisition, rings)
    assert look.fault is fault
    assert not handed_on
    assert slot.words[STATE] == State.FAULT
    assert slot.generation == 1
    assert acquisition.faults == 1


@pytest.mark.parametrize("edge", ["trigger_ns", "camera_deadline_ns"])
@pytest.mark.parametrize("outside_ns", [0, 1])
def test_eyes_trust_stamps_from_the_trigger_to_the_deadline(
    station: str, edge: str, outside_ns: int
) -> None:
    """A stamp at the trigger or at the deadline is inside, one nanosecond further is not."""
    part = part_now()
    sign = -1 if edge == "trigger_ns" else 1
    shot = Shot(frame_ns=getattr(part, edge) + sign * outside_ns)
    acquisition, _ = acquisition_of(station, FakeCamera(shot))
    looks = acquisition.capture(part)
    assert looks[0].fault is (Reason.CAMERA if outside_ns else Reason.OK)


def test_eyes_do_not_trust_an_evenly_coloured_frame(station: str) -> None:
    """A capped colour sensor with unequal black levels has no contrast in any channel."""
    camera = FakeCamera(Shot(shade=(10, 60, 30), ground=(10, 60, 30)), Shot(shade=(10, 60, 90)))
    acquisition, rings = acquisition_of(station, camera, geometry=COLOUR)
    assert look_once(acquisition, rings)[0].fault is Reason.FRAME
    assert look_once(acquisition, rings)[0].fault is Reason.OK


def test_eyes_do_not_trust_the_same_frame_twice(station: str) -> None:
    """A counter that stands still is another part's frame; one that begins anew costs one part."""
    camera = FakeCamera(Shot(), Shot(step=0), Shot(), Shot(step=-2), Shot())
    acquisition, rings = acquisition_of(station, camera)
    faults = [look_once(acquisition, rings)[0].fault for _ in range(5)]
    assert faults == [Reason.OK, Reason.FRAME, Reason.OK, Reason.FRAME, Reason.OK]


@pytest.mark.parametrize("came", [True, False])
def test_eyes_name_the_frame_of_a_part_only_where_one_came(station: str, *, came: bool) -> None:
    """Its stamp in the slot, also of a flat one; what lies in a slot without one is another's."""
    shot = Shot(shade=99, ground=99) if came else Shot(error=FrameTimeout)
    acquisition, rings = acquisition_of(station, FakeCamera(shot))
    (taken,) = acquisition.capture(part_now())
    assert taken.fault is not Reason.OK
    assert taken.generation == (rings[0].slots[taken.slot].generation if came else 0)


def test_eyes_keep_looking_when_one_view_fails(station: str) -> None:
    """One ViewCapture a view, in order, each with its own frame or its own reason."""
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(error=FrameTimeout)), FakeCamera())
    captures = acquisition.capture(part_now())
    assert [each.view for each in captures] == [0, 1]
    assert [each.fault for each in captures] == [Reason.CAMERA, Reason.OK]
    assert [each.pixels is not None for each in captures] == [False, True]


def test_eyes_go_round_the_ring(station: str) -> None:
    """Each part gets the next slot."""
    acquisition, rings = acquisition_of(station, FakeCamera())
    slots = [look_once(acquisition, rings)[0].slot for _ in range(2 * SLOTS)]
    assert sorted(slots[:SLOTS]) == list(range(SLOTS))
    assert slots[SLOTS:] == slots[:SLOTS]


def test_eyes_never_write_into_a_slot_that_is_held(station: str) -> None:
    """What an engine may still be reading stays as it is, in that view only."""
    held = Held((0, 1), (0, 2))
    acquisition, rings = acquisition_of(station, FakeCamera(), FakeCamera(), held=held)
    taken = [acquisition.capture(part_now()) for _ in range(2 * SLOTS)]
    assert {looks[0].slot for looks in taken} == {0, 3}
    assert {looks[1].slot for looks in taken} == {0, 1, 2, 3}
    assert [rings[0].slots[k].generation for k in (1, 2)] == [0, 0]


def test_eyes_messages_name_view_part_and_cause_and_are_drained(station: str) -> None:
    """Each fault is told once; of too many the youngest are kept."""
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(error=FrameTimeout)))
    for serial in range(1, KEPT_MESSAGES + 3):
        acquisition.capture(part_now(serial))
    told = list(acquisition.messages())
    assert len(told) == KEPT_MESSAGES
    assert told[0] == "view 'v0', part 3: GN201: scripted for part 3"
    assert list(acquisition.messages()) == []
    assert acquisition.faults == KEPT_MESSAGES + 2


def test_eyes_close_every_camera(station: str) -> None:
    """Closing closes all of them."""
    cameras = FakeCamera(), FakeCamera()
    acquisition, _ = acquisition_of(station, *cameras)
    acquisition.close()
    assert [camera.closed for camera in cameras] == [True, True]


@pytest.mark.parametrize("channels", [1, 3])
def test_eyes_allocate_nothing_the_size_of_a_frame(station: str, channels: int) -> None:
    """Part after part, only small objects come and go."""
    geometry = FrameShape(480, 640, channels)
    acquisition, _ = acquisition_of(station, FakeCamera(), geometry=geometry)
    for _ in range(10):
        acquisition.capture(part_now())
    growth = growth_of(lambda: acquisition.capture(part_now()), few_bytes=2000, runs=30)
    assert growth.peak_bytes < geometry.nbytes / 4
    assert growth.kept_bytes < 2000


def test_eyes_do_not_grow_with_faults_even_without_a_collector(station: str) -> None:
    """The line runs with its collector off: a camera that fails for a day must not cost memory."""
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(error=FrameTimeout)))
    for _ in range(50):
        acquisition.capture(part_now())
    growth = growth_of(lambda: acquisition.capture(part_now()), few_bytes=20_000, runs=500)
    assert growth.kept_bytes < 20_000


def test_eyes_sample_contrast_of_frames_smaller_than_the_grid(station: str) -> None:
    """A tiny frame is judged by all of its pixels."""
    acquisition, rings = acquisition_of(station, FakeCamera(), geometry=FrameShape(3, 5, 1))
    look, slot, handed_on = look_once(acquisition, rings)
    assert look.fault is Reason.OK
    assert handed_on
    assert np.unique(slot.pixels).tolist() == [20, 200]


def test_eyes_hand_the_camera_its_next_slot_between_two_parts(station: str) -> None:
    """From then on the slot says that it is being written, and the next frame lies in it."""
    camera = FakeCamera()
    acquisition, rings = acquisition_of(station, camera)
    look_once(acquisition, rings)
    acquisition.queue()
    queued = camera.queued
    acquisition.queue()
    assert camera.queued is queued, "once is enough"
    (slot,) = [slot for slot in rings[0].slots if slot.pixels is queued]
    assert slot.generation == -1
    look, used, handed_on = look_once(acquisition, rings)
    assert (used.pixels is queued, handed_on, look.fault) == (True, True, Reason.OK)
    assert used.generation > 0


def test_eyes_queue_no_slot_that_an_engine_reads(station: str) -> None:
    """All but one are held: that one is queued."""
    camera = FakeCamera()
    acquisition, rings = acquisition_of(station, camera, held=Held((0, 0), (0, 1), (0, 3)))
    acquisition.queue()
    assert camera.queued is rings[0].slots[2].pixels


def test_eyes_do_not_trust_a_live_camera_that_shows_the_same_twice(station: str) -> None:
    """Sensor noise never repeats; a camera without noise may show the same part again."""
    for live, expected in ((True, Reason.FRAME), (False, Reason.OK)):
        name = f"{station}.{live}"
        ring = FrameRing.create(name, 0, SMALL, SLOTS)
        acquisition = Acquisition([View("top", FakeCamera(), ring, live)], Held())
        assert look_once(acquisition, [ring])[0].fault is Reason.OK
        assert look_once(acquisition, [ring])[0].fault is expected
        ring.segment.unlink()


def test_eyes_know_the_copy_of_a_frame_that_was_refused_for_its_time(station: str) -> None:
    """It was of the part before, and so is its copy, whatever stamp that one has."""
    ring = FrameRing.create(station, 0, SMALL, SLOTS)
    camera = FakeCamera(Shot(shade=90), Shot(shade=120, exposure_ns=1), Shot(shade=120))
    acquisition = Acquisition([View("top", camera, ring, live=True)], Held())
    faults = [look_once(acquisition, [ring])[0].fault for _ in range(3)]
    assert faults == [Reason.OK, Reason.CAMERA, Reason.FRAME]


def test_eyes_know_the_copy_of_the_last_frame_after_one_that_did_not_come(station: str) -> None:
    """A camera that hangs and then brings once more what it had brought shows no part."""
    ring = FrameRing.create(station, 0, SMALL, SLOTS)
    camera = FakeCamera(Shot(shade=120), Shot(error=FrameTimeout), Shot(shade=120))
    acquisition = Acquisition([View("top", camera, ring, live=True)], Held())
    faults = [look_once(acquisition, [ring])[0].fault for _ in range(3)]
    assert faults == [Reason.OK, Reason.CAMERA, Reason.FRAME]


def test_eyes_say_of_a_frame_at_the_wrong_time_that_and_nothing_else(station: str) -> None:
    """What a frame of another part shows is no finding of this one."""
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(shade=0, ground=0, frame_ns=1)))
    assert acquisition.capture(part_now())[0].fault is Reason.CAMERA
    assert list(acquisition.messages()) == []


@pytest.mark.parametrize(
    ("early_ns", "fault"), [(0, Reason.OK), (2_000_000, Reason.OK), (2_000_001, Reason.CAMERA)]
)
def test_eyes_refuse_a_frame_that_was_exposed_before_its_trigger(
    station: str, early_ns: int, fault: Reason
) -> None:
    """It shows the part before, however late it comes; clocks may part by 2 ms."""
    part = part_now()
    shot = Shot(exposure_ns=part.trigger_ns - early_ns)
    acquisition, _ = acquisition_of(station, FakeCamera(shot))
    assert acquisition.capture(part)[0].fault is fault


# -- a camera whose device is in another process -------------------------------------------


class Device:
    """A device that may still write into these slots."""

    def __init__(self, *slots: int) -> None:
        self.slots = set(slots)

    def holds(self, slot: int) -> bool:
        """Whether it may."""
        return slot in self.slots

    ready = True


def device_of(
    station: str, device: Device, *held: int
) -> tuple[Acquisition, FrameRing, FakeCamera]:
    """One view with that device, whose engine reads the slots of `held`."""
    ring, camera = FrameRing.create(station, 0, SMALL, SLOTS), FakeCamera()
    view = View("top", camera, ring, device=device)
    return Acquisition([view], Held(*((0, slot) for slot in held))), ring, camera


def test_eyes_never_claim_a_slot_that_the_device_may_still_write(station: str) -> None:
    """A frame that was given up comes late, and would lie over another part's."""
    acquisition, ring, _ = device_of(station, Device(0, 2))
    taken = {acquisition.capture(part_now())[0].slot for _ in range(2 * SLOTS)}
    assert taken == {1, 3}
    assert [ring.slots[slot].generation for slot in (0, 2)] == [0, 0]


@pytest.mark.parametrize("held", [(), (1, 3), (0, 1, 2, 3)])
def test_eyes_rather_lose_an_engine_s_score_than_the_part(
    station: str, held: tuple[int, ...]
) -> None:
    """An engine that hangs may sit on every slot that is left."""
    acquisition, _, _ = device_of(station, Device(0, 2), *held)
    taken = [acquisition.capture(part_now())[0] for _ in range(SLOTS)]
    assert {each.slot for each in taken} <= {1, 3}
    assert [each.fault for each in taken] == [Reason.OK] * SLOTS


def test_eyes_reject_a_part_when_a_stuck_device_has_every_slot(station: str) -> None:
    """Nothing is written, nothing is asked of the camera, and it goes on when one is given back."""
    device = Device(*range(SLOTS))
    acquisition, ring, camera = device_of(station, device)
    told: list[ViewCapture] = []
    acquisition.queue()
    (none,) = acquisition.capture(part_now(), told.append)
    assert (none.view, none.fault, none.pixels) == (0, Reason.CAMERA, None)
    assert (told, acquisition.faults, camera.taken) == ([], 1, 0)
    assert [slot.generation for slot in ring.slots] == [0] * SLOTS
    assert list(acquisition.messages()) == [
        "view 'top', part 1: GN200: the device still holds every slot of the frame ring"
    ]
    device.slots = {0, 1, 3}
    acquisition.queue()
    (taken,) = acquisition.capture(part_now())
    assert (taken.slot, taken.fault) == (2, Reason.OK)


def test_eyes_queue_the_next_view_s_slot_though_the_device_of_one_is_stuck(station: str) -> None:
    """One camera that hangs makes no other later."""
    rings = [FrameRing.create(station, k, SMALL, SLOTS) for k in range(2)]
    cameras = FakeCamera(), FakeCamera()
    stuck = View("stuck", cameras[0], rings[0], device=Device(*range(SLOTS)))
    Acquisition([stuck, View("top", cameras[1], rings[1])], Held()).queue()
    assert [camera.queued is None for camera in cameras] == [True, False]


# -- a camera that brings a frame for a part alone ------------------------------------------


def in_need(
    station: str, device: Device | None, shot: Shot | None = None, lead_ns: int = LEAD_NS
) -> tuple[Acquisition, FakeCamera]:
    """One view whose camera needs a part."""
    camera = FakeCamera(*([shot] if shot else []))
    ring = FrameRing.create(station, 0, SMALL, SLOTS)
    view = View("top", camera, ring, device=device, needs_part=True, lead_ns=lead_ns)
    return Acquisition([view], Held()), camera


def test_eyes_ask_a_camera_that_needs_a_part_for_none_without(station: str) -> None:
    """It would wait for a picture that cannot come, or take a stray one for the next part's."""
    acquisition, camera = in_need(station, None)
    (none,) = acquisition.capture(part_now(serial=0))
    assert (none.fault, none.pixels, camera.taken, acquisition.faults) == (
        Reason.CAMERA, None, 0, 0,
    )  # fmt: skip
    assert acquisition.capture(part_now())[0].fault is Reason.OK
    assert camera.taken == 1


@pytest.mark.parametrize("ready", [True, False])
def test_eyes_believe_such_a_camera_once_its_process_has_the_device(
    station: str, *, ready: bool
) -> None:
    """It proves itself with the next part; nothing is asked of it for a trial."""
    device = Device()
    device.ready = ready
    acquisition, camera = in_need(station, device)
    assert acquisition.probe(part_now(serial=0)) is ready
    assert camera.taken == 0


def test_eyes_believe_such_a_camera_in_the_line_itself(station: str) -> None:
    """There is no process to ask."""
    assert in_need(station, None)[0].probe(part_now(serial=0))


def test_eyes_probe_every_view_though_the_first_sees_nothing(station: str) -> None:
    """Otherwise the second would be one picture behind the first."""
    dark, bright = FakeCamera(Shot(error=FrameTimeout)), FakeCamera()
    acquisition, _ = acquisition_of(station, dark, bright)
    assert not acquisition.probe(part_now())
    assert (dark.taken, bright.taken) == (1, 1)


@pytest.mark.parametrize(("early_ns", "fault"), [(50, Reason.OK), (51, Reason.CAMERA)])
def test_eyes_allow_the_light_of_a_view_its_own_lead(
    station: str, early_ns: int, fault: Reason
) -> None:
    """A photo-eye that is wired to the camera is sooner than the PLC's word."""
    part = part_now()
    shot = Shot(exposure_ns=part.trigger_ns - early_ns)
    acquisition, _ = in_need(station, None, shot, lead_ns=50)
    assert acquisition.capture(part)[0].fault is fault


# -- a camera further down the belt ----------------------------------------------------------


def down_the_belt(station: str, delay_ns: int, *shots: Shot) -> tuple[Acquisition, FakeCamera]:
    """One view that a part comes to so much later."""
    ring, camera = FrameRing.create(station, 0, SMALL, SLOTS), FakeCamera(*shots)
    return Acquisition([View("back", camera, ring, delay_ns=delay_ns)], Held()), camera


def test_eyes_ask_a_camera_once_the_part_is_there(station: str) -> None:
    """Not before."""
    acquisition, _ = down_the_belt(station, 20_000_000)
    part = part_now()
    (taken,) = acquisition.capture(part)
    assert taken.fault is Reason.OK
    assert taken.frame_ns >= part.trigger_ns + 20_000_000


@pytest.mark.parametrize("exposed", [False, True])
@pytest.mark.parametrize("stamped", [False, True])
def test_eyes_wait_for_no_part_at_a_trial(station: str, *, exposed: bool, stamped: bool) -> None:
    """There is none that could come by; and what comes at once is not too early for it."""
    part = part_now(serial=0)
    shot = Shot(exposure_ns=exposed * part.trigger_ns, frame_ns=stamped * part.trigger_ns)
    acquisition, camera = down_the_belt(station, 10**15, shot)
    assert acquisition.capture(part)[0].fault is Reason.OK
    assert camera.taken == 1


def test_eyes_want_a_frame_of_now_at_a_trial(station: str) -> None:
    """A picture that was there before is no proof that the camera sees again."""
    part = part_now(serial=0)
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(frame_ns=part.trigger_ns - 1)))
    assert not acquisition.probe(part)


@pytest.mark.parametrize(("early_ns", "fault"), [(0, Reason.OK), (1, Reason.CAMERA)])
def test_eyes_refuse_a_frame_that_was_here_before_the_part_was(
    station: str, early_ns: int, fault: Reason
) -> None:
    """Of a camera that does not say when its light fell."""
    delay_ns, part = 20_000_000, part_now()
    shot = Shot(frame_ns=part.trigger_ns + delay_ns - early_ns)
    acquisition, _ = down_the_belt(station, delay_ns, shot)
    assert acquisition.capture(part)[0].fault is fault


@pytest.mark.parametrize(
    ("early_ns", "fault"), [(LEAD_NS, Reason.OK), (LEAD_NS + 1, Reason.CAMERA)]
)
def test_eyes_refuse_a_frame_of_before_the_part_was_there(
    station: str, early_ns: int, fault: Reason
) -> None:
    """After the trigger, and yet it shows an empty belt, or the part before."""
    delay_ns, part = 20_000_000, part_now()
    shot = Shot(exposure_ns=part.trigger_ns + delay_ns - early_ns)
    acquisition, _ = down_the_belt(station, delay_ns, shot)
    assert acquisition.capture(part)[0].fault is fault
