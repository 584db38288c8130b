"""Codes drawn by other people's programs, whole and spoilt, and what the rule says of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Status
from gonogo.rules.code_section import CodeSection
from gonogo.rules.ruleset import RuleSet, answer, open_gauge
from gonogo.tests.rules.codes import WRITERS, by_zint, drawn, library, on_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.words import RuleResult
    from gonogo.rules.window import BoundRule

SHAPE = FrameShape(480, 640, 3)
# as zint is told it, and as it is read: those of shops get their check digit, and come as EAN-13
SAYING = {
    "micro_qr": ("12345", "12345"),
    "ean13": ("400638133393", "4006381333931"),
    "ean8": ("9638507", "96385074"),
    "upc_a": ("03600029145", "0036000291452"),
    "upc_e": ("0123456", "0012345000065"),
    "itf": ("12345678", "12345678"),
    "codabar": ("A12345B", "A12345B"),
    "databar": ("0401234567890", "0104012345678901"),
}
TEXT = "SN-0042"


def section(**keys: Any) -> CodeSection:  # noqa: ANN401 - of a station file
    """A rule that reads QR codes and has time."""
    plain = {"kind": "code", "name": "c", "symbology": ["qr"], "time_ms": 10_000}
    return CodeSection.model_validate({**plain, **keys})


def rule(**keys: Any) -> BoundRule:  # noqa: ANN401 - as above
    """The same, opened."""
    library()
    return open_gauge(section(**keys), SHAPE, Path())


def said(frame: NDArray[np.uint8], **keys: Any) -> tuple[str, float, str]:  # noqa: ANN401 - as above
    """Status, value and text of a frame, by a rule that wants TEXT unless `keys` say otherwise."""
    result = answer(rule(**(keys or {"equals": TEXT})), frame)
    return result.status.name, result.value, result.text


def turned(degrees: float) -> NDArray[np.uint8]:
    """A part with the code on it, turned."""
    straight = on_frame(drawn("qr", TEXT), at=(180, 180))
    turn = cv2.getRotationMatrix2D((240, 240), degrees, 1)
    return np.asarray(cv2.warpAffine(straight, turn, (640, 480), borderValue=(170,) * 3), np.uint8)


@pytest.mark.parametrize("symbology", WRITERS)
def test_each_symbology_is_read_as_zint_has_drawn_it(symbology: str, tmp_path: Path) -> None:
    """Which shares nothing with the reader."""
    told, read = SAYING.get(symbology, (TEXT, TEXT))
    frame = on_frame(by_zint(tmp_path, symbology, told), at=(40, 20))
    assert said(frame, symbology=[symbology], equals=read) == ("PASS", 1.0, read)
    other = "data_matrix" if symbology != "data_matrix" else "qr"
    assert said(frame, symbology=[other])[0] == "CANNOT_TELL"


def test_code_passes_where_it_says_what_it_must() -> None:
    """By any code, to the letter, or by a pattern."""
    frame = on_frame(drawn("qr", TEXT))
    for keys in ({"symbology": ["qr"]}, {"equals": TEXT}, {"matches": "SN-[0-9]{4}"}):
        assert said(frame, **keys) == ("PASS", 1.0, TEXT)


@pytest.mark.parametrize(
    "keys",
    [{"equals": "SN-0041"}, {"equals": "SN-004"}, {"equals": "sn-0042"}, {"matches": "[0-9]{4}"}],
)
def test_code_that_says_something_else_fails_with_what_it_says(keys: dict[str, Any]) -> None:
    """Also where it says more, or less."""
    assert said(on_frame(drawn("qr", TEXT)), **keys) == ("FAIL", 0.0, TEXT)


@pytest.mark.parametrize("degrees", [0, 7, 45, 90, 133, 180, 270])
def test_code_is_read_however_it_lies(degrees: float) -> None:
    """Turned by any angle."""
    assert said(turned(degrees)) == ("PASS", 1.0, TEXT)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda label: 255 - label,
        lambda label: (120 + label // 10).astype(np.uint8),
        lambda label: cv2.GaussianBlur(label, (0, 0), 2),
        lambda label: cv2.resize(label, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        lambda label: np.where(np.indices(label.shape)[1] // 3 == 22, 255, label),
    ],
    ids=["inverted", "low contrast", "blurred", "tiny", "scratched"],
)
def test_code_that_is_hard_to_read_is_read(spoil: Any) -> None:  # noqa: ANN401 - of an image
    """Light on dark, faint, out of focus, of 2 px a module, scratched."""
    label = np.asarray(spoil(drawn("qr", TEXT)), np.uint8)
    assert said(on_frame(label)) == ("PASS", 1.0, TEXT)


def test_code_that_cannot_be_read_is_one_of_which_it_cannot_tell() -> None:
    """Destroyed, too faint, cut off, or not there at all: the four look alike, and none passes."""
    label = drawn("qr", TEXT)
    destroyed = label.copy()
    destroyed[30:90, 30:90] = 255
    faint = (120 + label // 50).astype(np.uint8)
    nothing = np.full(SHAPE.shape, 170, np.uint8)
    for frame in (on_frame(destroyed), on_frame(faint), on_frame(label[:60]), nothing):
        status, value, text = said(frame)
        assert (status, text) == ("CANNOT_TELL", "")
        assert math.isnan(value)


def test_two_codes_pass_only_where_two_are_expected() -> None:
    """A code too many is one of another part; of two, each must say the right thing."""
    label = drawn("qr", TEXT)
    frame = on_frame(label)
    frame[300 : 300 + label.shape[0], 300 : 300 + label.shape[1]] = label[..., None]
    assert said(frame) == ("FAIL", 2.0, f"{TEXT} | {TEXT}")
    assert said(frame, equals=TEXT, low=2, high=2) == ("PASS", 2.0, f"{TEXT} | {TEXT}")
    assert said(on_frame(label), equals=TEXT, low=2, high=2) == ("FAIL", 1.0, TEXT)
    other = drawn("qr", "SN-0043")
    frame[300 : 300 + other.shape[0], 300 : 300 + other.shape[1]] = other[..., None]
    assert said(frame, equals=TEXT, low=1, high=2) == ("FAIL", 0.0, f"SN-0043 | {TEXT}")


def test_code_beside_its_roi_is_not_read() -> None:
    """Nor half of one."""
    frame = on_frame(drawn("qr", TEXT))
    inside = {"x_px": 70, "y_px": 50, "width_px": 160, "height_px": 160}
    assert said(frame, equals=TEXT, roi=inside)[0] == "PASS"
    assert said(frame, equals=TEXT, roi={**inside, "x_px": 150})[0] == "CANNOT_TELL"
    assert said(frame, equals=TEXT, roi={"width_px": 1, "height_px": 1})[0] == "CANNOT_TELL"


def test_code_of_strangers_is_told_without_driving_a_screen() -> None:
    """Control characters, marks that turn the direction of writing, and what is too long."""
    for text, shown in (
        ("A\x1d\x00\x1b[2J\u202eX", r"A\x1d\x00\x1b[2J\u202eX"),
        ("批次7 größe", "批次7 größe"),
        ("x" * 1000, "x" * 55 + "...(1000)"),
    ):
        frame = on_frame(drawn("qr", text, module_px=3), at=(20, 20))
        assert said(frame) == ("FAIL", 0.0, shown)
        # as a whole it is compared, whatever is shown of it
        if len(text) < 256:
            assert said(frame, equals=text) == ("PASS", 1.0, shown)


def test_code_is_compared_with_the_number_that_the_plc_gave() -> None:
    """The whole of it or a group of it, with leading zeros or without; outside the line any."""
    library()
    for text, matches in (("42", None), ("00042", None), (TEXT, "SN-(?P<part_id>[0-9]{1,5})")):
        keys = {"equals_plc": True} if matches is None else {"equals_plc": True, "matches": matches}
        rules = RuleSet([[section(**keys)]], [SHAPE], Path())
        frame = on_frame(drawn("qr", text))
        for part_id, expected in (
            (42, Status.PASS),
            (41, Status.FAIL),
            (0, Status.FAIL),
            (None, Status.PASS),
        ):
            (found,) = rules.check([frame], part_id)
            assert (found.status, found.text) == (expected, text)
    for text in ("SN-0042", "4 2", "42.0", "-42", "²", "0" * 40 + "42", "99999"):
        (found,) = rules_of_number().check([on_frame(drawn("qr", text))], 42)
        assert found.status is Status.FAIL


def rules_of_number() -> RuleSet:
    """The whole of a code is the part id."""
    return RuleSet([[section(equals_plc=True)]], [SHAPE], Path())


def test_reading_that_took_too_long_is_none() -> None:
    """However right it was: it is told, and nothing passes on it."""
    library()
    from gonogo.rules.code import CodeRule  # noqa: PLC0415 - needs what may be missing

    frame = on_frame(drawn("qr", TEXT))
    found: list[RuleResult] = []
    for took_ms in (50.0, 50.001):
        times = iter([0, round(took_ms * 1e6)])
        slow = CodeRule(section(time_ms=50), SHAPE, Path(), lambda times=times: next(times))  # type: ignore[misc]
        found.append(slow.check(frame))
    assert [each.status for each in found] == [Status.PASS, Status.CANNOT_TELL]
    assert [each.text for each in found] == [TEXT, TEXT]
    assert math.isnan(found[1].value)


def test_code_is_marked_where_it_lies() -> None:
    """On the frame, also where the ROI is halved; one that cannot be read is an object."""
    label = drawn("qr", TEXT)
    frame = on_frame(label)
    roi = {"x_px": 16, "y_px": 16, "width_px": 300, "height_px": 300}
    for work_px in (640, 160):
        (mark,) = rule(roi=roi, work_px=work_px).marks(frame)
        assert mark.kind == "feature"
        low, high = mark.points.min(axis=0), mark.points.max(axis=0)
        assert low == pytest.approx([96, 76], abs=4)  # four modules of quiet, of 4 px
        assert high == pytest.approx([80 + label.shape[1] - 16, 60 + label.shape[0] - 16], abs=4)
    frame[100:140, 110:150] = 255
    assert {each.kind for each in rule().marks(frame)} <= {"object"}


def test_grey_camera_is_read_as_well() -> None:
    """One channel."""
    library()
    grey = on_frame(drawn("qr", TEXT))[..., 0].copy()
    its = open_gauge(section(equals=TEXT), FrameShape(480, 640, 1), Path())
    assert its.check(grey).status is Status.PASS
