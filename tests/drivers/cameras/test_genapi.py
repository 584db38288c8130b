"""What a camera is told by the names of its features, whatever library writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CameraError, FrameTimeout
from gonogo.drivers.cameras import genapi
from gonogo.drivers.cameras.settings import carry_out
from gonogo.testing.cameras import soon_ns
from gonogo.tests.drivers.cameras.basler.emulator import section

if TYPE_CHECKING:
    from collections.abc import Sequence

CHOICES = {
    "PixelFormat": ("Mono8", "BGR8Packed"),
    "TriggerSelector": ("AcquisitionStart", "FrameStart", "ExposureEnd"),
}


class Nodes:
    """A camera of the names that it is given; each trigger has a mode and a source of its own."""

    name = "view 'top': camera x"

    def __init__(self, **features: str | float) -> None:
        self.features: dict[str, str | float] = {
            "PixelFormat": "Mono8", "Width": 640, "Height": 480, "AcquisitionMode": "SingleFrame",
            "TriggerSelector": "ExposureEnd", "TriggerActivation": "AnyEdge", **features,
        }  # fmt: skip
        self.triggers: dict[tuple[str, str], str | float] = {
            ("ExposureEnd", "TriggerMode"): "On",
            **{(each, "TriggerSource"): "Line3" for each in CHOICES["TriggerSelector"]},
        }
        self.written: list[str] = []
        self.locked: set[str] = set()

    def has(self, feature: str) -> bool:
        """As it was made."""
        return feature in self.features or feature in {"TriggerMode", "TriggerSource"}

    def writable(self, feature: str) -> bool:
        """All but what a test has locked."""
        return self.has(feature) and feature not in self.locked

    def values(self, feature: str) -> Sequence[str]:
        """Of the enumerations that have several."""
        return CHOICES[feature]

    def read(self, feature: str) -> str | float:
        """What it is, of the trigger that is selected."""
        if feature in {"TriggerMode", "TriggerSource"}:
            return self.triggers.get((str(self.features["TriggerSelector"]), feature), "Off")
        return self.features[feature]

    def bounds(self, feature: str) -> tuple[float, float]:
        """A tenth to ten times what it is."""
        value = float(self.features[feature])
        return value / 10, value * 10

    def write(self, feature: str, value: str | float) -> None:
        """One that there is."""
        self.written.append(feature)
        if feature in {"TriggerMode", "TriggerSource"}:
            self.triggers[str(self.features["TriggerSelector"]), feature] = value
        elif feature in self.features:
            self.features[feature] = value
        else:
            raise CameraError(f"{self.name}: {feature} {value}: no such feature")


class Packed(Nodes):
    """One that sends values of more bits alone, without gaps."""

    def values(self, feature: str) -> Sequence[str]:
        """Both kinds of them."""
        return ("Mono10p", "Mono12p") if feature == "PixelFormat" else super().values(feature)


@pytest.mark.parametrize(
    ("trigger", "mode", "source"),
    [("hardware", "On", "Line1"), ("software", "On", "Software"), ("free-run", "Off", "Line3")],
)
def test_trigger_is_that_of_each_frame_and_no_other(trigger: str, mode: str, source: str) -> None:
    """One that was left on would hold every frame back."""
    nodes = Nodes(AcquisitionFrameRateEnable=True)
    carry_out("x", genapi.trigger(nodes, section(trigger=trigger)))
    on = {each for (each, what), value in nodes.triggers.items() if value == "On"}
    assert on == ({"FrameStart"} if mode == "On" else set())
    assert nodes.triggers["FrameStart", "TriggerSource"] == source
    assert bool(nodes.features["AcquisitionFrameRateEnable"]) == (trigger == "free-run")
    wanted = "RisingEdge" if trigger == "hardware" else "AnyEdge"
    assert nodes.features["TriggerActivation"] == wanted


def test_what_a_user_set_has_changed_is_set_back() -> None:
    """Where the camera has it: a mirrored picture, a trigger that waits, colours that drift."""
    odd: dict[str, str | float] = {
        "ReverseX": True, "ReverseY": True, "TriggerDelay": 20.0, "TriggerDelayAbs": 20.0,
        "ExposureMode": "TriggerWidth", "BalanceWhiteAuto": "Continuous",
    }  # fmt: skip
    nodes, wanted = Nodes(ExposureTime=1.0, **odd), section()
    for part in (genapi.picture(nodes, wanted, "Mono8"), genapi.light(nodes, wanted)):
        carry_out("x", part)
    carry_out("x", genapi.trigger(nodes, wanted))
    assert [nodes.features[name] for name in odd] == [False, False, 0.0, 0.0, "Timed", "Off"]


def test_trigger_that_another_one_does_not_give_up_is_named() -> None:
    """Read back, each of them."""
    nodes = Nodes()
    nodes.locked.add("TriggerMode")
    settings = genapi.trigger(nodes, section(trigger="free-run"))
    with pytest.raises(CameraError, match=r"triggers that are on: wanted \[\], found \['Exp"):
        carry_out("x", settings)


@pytest.mark.parametrize(
    "names", [("ExposureTime", "Gain"), ("ExposureTimeAbs", "GainRaw"), ("ExposureTime", "GainRaw")]
)
def test_light_is_set_under_the_names_that_the_camera_has(names: tuple[str, str]) -> None:
    """Those of before SFNC 2.0, too; by hand."""
    nodes = Nodes(**dict.fromkeys(names, 1.0), ExposureAuto="Once", GainAuto="Continuous")
    carry_out("x", genapi.light(nodes, section(exposure_us=250.0, gain_db=6.0)))
    assert [nodes.features[name] for name in names] == [250.0, 6.0]
    assert (nodes.features["ExposureAuto"], nodes.features["GainAuto"]) == ("Off", "Off")


def test_bounds_are_told_under_the_names_that_the_camera_has() -> None:
    """Of today and of before; of what it lacks there are none."""
    nodes = Nodes(ExposureTimeAbs=100.0, Gain=2.0)
    assert genapi.bounds_of(nodes, "exposure_us") == (10.0, 1000.0)
    assert genapi.bounds_of(nodes, "gain_db") == (0.2, 20.0)
    assert genapi.bounds_of(Nodes(), "exposure_us") is None


def test_light_that_a_camera_cannot_set_is_refused() -> None:
    """Unless the station file says that it lacks it; and one that it has is not lacking."""
    with pytest.raises(CameraError, match="one of its features to be ExposureTime or Exp"):
        genapi.light(Nodes(), section())
    assert genapi.light(Nodes(), section(), ["ExposureTime"]) == []
    with pytest.raises(CameraError, match="it has ExposureTimeAbs: take ExposureTime out of"):
        genapi.light(Nodes(ExposureTimeAbs=1.0), section(), ["ExposureTime"])
    with pytest.raises(CameraError, match="one of its features to be Gain or GainRaw"):
        genapi.light(Nodes(ExposureTime=1.0), section(gain_db=3.0))


def test_trigger_that_a_camera_lacks_is_not_set() -> None:
    """It runs free, at the rate that is said."""
    nodes = Nodes(AcquisitionFrameRateAbs=5.0)
    del nodes.features["TriggerSelector"]
    nodes.has = lambda feature: feature in nodes.features  # type: ignore[method-assign]
    wanted = section(trigger="free-run", rate_hz=20.0)
    carry_out("x", genapi.trigger(nodes, wanted, ["TriggerMode"]))
    assert nodes.written == ["AcquisitionFrameRateAbs"]
    assert nodes.features["AcquisitionFrameRateAbs"] == 20.0


def test_region_is_set_where_an_old_one_is_in_its_way() -> None:
    """The old offset goes first, the new one comes last."""
    nodes = Nodes(OffsetX=600, OffsetY=400)
    wanted = section(offset_x_px=16, offset_y_px=4)
    carry_out("x", genapi.picture(nodes, wanted, "Mono8"))
    assert nodes.written[-6:] == ["OffsetX", "OffsetY", "Width", "Height", "OffsetX", "OffsetY"]
    assert nodes.features["AcquisitionMode"] == "Continuous"
    assert (nodes.features["OffsetX"], nodes.features["OffsetY"]) == (16, 4)


def test_region_of_a_camera_without_offsets_begins_at_nought() -> None:
    """Another one cannot be had."""
    carry_out("x", genapi.picture(Nodes(), section(), "Mono8"))
    with pytest.raises(CameraError, match="OffsetX 16: no such feature"):
        carry_out("x", genapi.picture(Nodes(), section(offset_x_px=16), "Mono8"))


def test_feature_that_cannot_be_written_has_to_be_so_already() -> None:
    """A camera that can do nothing else is no error."""
    nodes = Nodes(AcquisitionMode="Continuous")
    nodes.locked.add("AcquisitionMode")
    carry_out("x", genapi.picture(nodes, section(), "Mono8"))
    nodes.features["AcquisitionMode"] = "SingleFrame"
    with pytest.raises(CameraError, match="AcquisitionMode: wanted Continuous, found SingleF"):
        carry_out("x", genapi.picture(nodes, section(), "Mono8"))


def test_format_is_found_under_its_old_name() -> None:
    """And one that the camera does not offer is named with those that it does."""
    source, called = genapi.choose(Nodes(), section(pixel_format="bgr8"))
    assert (source.name, called) == ("BGR8", "BGR8Packed")
    wanted = section(pixel_format="mono8", source_format="Mono12")
    with pytest.raises(CameraError, match=r"needs Mono12, which .*\(it does: Mono8, BGR8Packed\)"):
        genapi.choose(Nodes(), wanted)


@pytest.mark.parametrize(
    ("width_px", "wanted"), [(640, "Mono12p"), (642, "Mono12p"), (640, "Mono10p")]
)
def test_format_that_is_packed_is_taken_where_a_row_is_of_whole_groups(
    width_px: int, wanted: str
) -> None:
    """The first of those that are offered, or the one that is named."""
    nodes = Packed()
    named = {} if wanted == "Mono12p" else {"source_format": wanted}
    grey = section(pixel_format="mono8", width_px=width_px, **named)
    assert genapi.choose(nodes, grey)[1] == wanted
    with pytest.raises(CameraError, match=r"needs Mono8, or one of them with more bits, which it"):
        genapi.choose(nodes, section(pixel_format="mono8", width_px=641))


def test_trigger_waits_until_the_camera_is_ready() -> None:
    """As far as it says so, and no longer than the part has."""
    genapi.await_ready(Nodes(), soon_ns())
    nodes = Nodes(AcquisitionStatus=False, AcquisitionStatusSelector="AcquisitionActive")
    with pytest.raises(FrameTimeout, match="not ready for the trigger in time"):
        genapi.await_ready(nodes, soon_ns(20))
    assert nodes.features["AcquisitionStatusSelector"] == "FrameTriggerWait"
    nodes.features["AcquisitionStatus"] = True
    genapi.await_ready(nodes, soon_ns())
