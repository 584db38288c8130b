"""What the kernel is told, held against the header of this system by its own compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gonogo.drivers.cameras.v4l2 import controls, layout

HEADER = Path("/usr/include/linux/videodev2.h")
MISSING = [
    name
    for name, there in (("gcc", shutil.which("gcc")), ("linux-libc-dev", HEADER.exists()))
    if not there
]
STRUCTS = {
    "v4l2_capability": layout.CAPABILITY, "v4l2_format": layout.FORMAT,
    "v4l2_fmtdesc": layout.DESCRIPTION, "v4l2_requestbuffers": layout.REQUEST,
    "v4l2_buffer": layout.BUFFER, "v4l2_streamparm": layout.PARAMETERS,
    "v4l2_queryctrl": layout.QUERY, "v4l2_control": layout.CONTROL,
}  # fmt: skip
# every value that is packed or read, in its order
FIELDS = {
    "v4l2_capability": ("driver", "card", "bus_info", "version", "capabilities", "device_caps"),
    "v4l2_format": (
        "type", "fmt.pix.width", "fmt.pix.height", "fmt.pix.pixelformat", "fmt.pix.field",
        "fmt.pix.bytesperline", "fmt.pix.sizeimage",
    ),
    "v4l2_fmtdesc": ("index", "type", "flags", "description", "pixelformat"),
    "v4l2_requestbuffers": ("count", "type", "memory", "capabilities"),
    "v4l2_buffer": (
        "index", "type", "bytesused", "flags", "field", "timestamp.tv_sec", "timestamp.tv_usec",
        "sequence", "memory", "m.userptr", "length",
    ),
    "v4l2_streamparm": (
        "type", "parm.capture.capability", "parm.capture.capturemode",
        "parm.capture.timeperframe.numerator", "parm.capture.timeperframe.denominator",
    ),
    "v4l2_queryctrl": (
        "id", "type", "name", "minimum", "maximum", "step", "default_value", "flags",
    ),
    "v4l2_control": ("id", "value"),
}  # fmt: skip
NUMBERS = {
    "VIDIOC_QUERYCAP": layout.QUERYCAP, "VIDIOC_ENUM_FMT": layout.ENUM_FMT,
    "VIDIOC_G_FMT": layout.G_FMT, "VIDIOC_S_FMT": layout.S_FMT, "VIDIOC_REQBUFS": layout.REQBUFS,
    "VIDIOC_QUERYBUF": layout.QUERYBUF, "VIDIOC_QBUF": layout.QBUF, "VIDIOC_DQBUF": layout.DQBUF,
    "VIDIOC_STREAMON": layout.STREAMON, "VIDIOC_STREAMOFF": layout.STREAMOFF,
    "VIDIOC_G_PARM": layout.G_PARM, "VIDIOC_S_PARM": layout.S_PARM,
    "VIDIOC_G_CTRL": layout.G_CTRL, "VIDIOC_S_CTRL": layout.S_CTRL,
    "VIDIOC_QUERYCTRL": layout.QUERYCTRL, "VIDIOC_S_PRIORITY": layout.S_PRIORITY,
    "V4L2_BUF_TYPE_VIDEO_CAPTURE": layout.CAPTURE, "V4L2_FIELD_NONE": layout.NO_FIELDS,
    "V4L2_MEMORY_MMAP": layout.MAPPED, "V4L2_MEMORY_USERPTR": layout.USER_POINTER,
    "V4L2_PRIORITY_RECORD": layout.RECORD, "V4L2_CAP_VIDEO_CAPTURE": layout.CAN_CAPTURE,
    "V4L2_CAP_VIDEO_CAPTURE_MPLANE": layout.CAN_CAPTURE_PLANES,
    "V4L2_CAP_STREAMING": layout.CAN_STREAM, "V4L2_CAP_DEVICE_CAPS": layout.NODE_CAPABILITIES,
    "V4L2_BUF_FLAG_ERROR": layout.BROKEN, "V4L2_BUF_FLAG_TIMESTAMP_MASK": layout.STAMP_MASK,
    "V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC": layout.STAMP_MONOTONIC,
    "V4L2_CAP_TIMEPERFRAME": layout.CAN_PACE, "V4L2_CTRL_FLAG_NEXT_CTRL": layout.NEXT_CONTROL,
    "V4L2_CTRL_FLAG_DISABLED": layout.DISABLED, "V4L2_CTRL_FLAG_READ_ONLY": layout.READ_ONLY,
    "V4L2_CTRL_FLAG_WRITE_ONLY": layout.WRITE_ONLY,
    "V4L2_CID_AUTO_WHITE_BALANCE": controls.WHITE_BALANCE_AUTO,
    "V4L2_CID_EXPOSURE": controls.EXPOSURE_RAW, "V4L2_CID_AUTOGAIN": controls.GAIN_AUTO,
    "V4L2_CID_GAIN": controls.GAIN, "V4L2_CID_EXPOSURE_AUTO": controls.EXPOSURE_AUTO,
    "V4L2_CID_EXPOSURE_ABSOLUTE": controls.EXPOSURE_TIME,
    "V4L2_CID_EXPOSURE_AUTO_PRIORITY": controls.EXPOSURE_PACE,
    "V4L2_CID_FOCUS_AUTO": controls.FOCUS_AUTO, "V4L2_CID_ANALOGUE_GAIN": controls.SENSOR_GAIN,
    "V4L2_PIX_FMT_GREY": layout.fourcc("GREY"), "V4L2_PIX_FMT_BGR24": layout.fourcc("BGR3"),
    "V4L2_PIX_FMT_RGB24": layout.fourcc("RGB3"), "V4L2_PIX_FMT_YUYV": layout.fourcc("YUYV"),
}  # fmt: skip
KINDS = {
    "V4L2_CTRL_TYPE_INTEGER": "integer", "V4L2_CTRL_TYPE_BOOLEAN": "boolean",
    "V4L2_CTRL_TYPE_MENU": "menu", "V4L2_CTRL_TYPE_BITMASK": "bitmask",
    "V4L2_CTRL_TYPE_INTEGER_MENU": "integer menu",
}  # fmt: skip


INCLUDES = "#include <stddef.h>\n#include <stdio.h>\n#include <linux/videodev2.h>\n"
ARM = "aarch64-linux-gnu-gcc"


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Sizes, offsets and numbers, by a small C program over the header itself."""
    if MISSING:
        pytest.skip(f"not installed: {', '.join(MISSING)} (tests/peers/install.sh)")
    asked = [f"sizeof(struct {name})" for name in STRUCTS]
    asked += [
        f"offsetof(struct {name}, {field})" for name, fields in FIELDS.items() for field in fields
    ]
    asked += [*NUMBERS, *KINDS]
    lines = "\n".join(f'printf("%llu\\n", (unsigned long long)({each}));' for each in asked)
    folder = tmp_path_factory.mktemp("videodev2")
    source = folder / "ask.c"
    source.write_text(f"{INCLUDES}int main(void) {{\n{lines}\nreturn 0;\n}}\n")
    subprocess.run(["gcc", "-o", folder / "ask", source], check=True, capture_output=True)
    told = subprocess.run([folder / "ask"], check=True, capture_output=True, text=True)
    return dict(zip(asked, map(int, told.stdout.split()), strict=True))


@pytest.mark.parametrize("name", STRUCTS)
def test_struct_is_that_of_the_header(header: dict[str, int], name: str) -> None:
    """As long, and each value where it belongs: one byte of mark is found at each offset."""
    assert STRUCTS[name].size == header[f"sizeof(struct {name})"]
    found = offsets(name)
    assert found == [header[f"offsetof(struct {name}, {field})"] for field in FIELDS[name]]


def test_layout_is_that_of_aarch64_too(tmp_path: Path) -> None:
    """Its compiler says so of its own headers; nothing of it is run."""
    if not shutil.which(ARM):
        pytest.skip(f"not installed: {ARM} (tests/peers/install.sh)")
    want = {f"sizeof(struct {name})": struct.size for name, struct in STRUCTS.items()}
    for name, fields in FIELDS.items():
        places = zip(fields, offsets(name), strict=True)
        want |= {f"offsetof(struct {name}, {field})": place for field, place in places}
    want |= {f"(unsigned)({name})": number for name, number in NUMBERS.items()}
    claims = [f'_Static_assert({said} == {number}u, "{said}");' for said, number in want.items()]
    source = tmp_path / "claim.c"
    source.write_text(INCLUDES + "\n".join(claims))
    command = [ARM, "-c", "-o", str(tmp_path / "claim.o"), str(source)]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


def offsets(name: str) -> list[int]:
    """Where each value of a layout is packed."""
    struct = STRUCTS[name]
    empty = struct.unpack(bytes(struct.size))
    assert len(empty) == len(FIELDS[name])
    found = []
    for index, value in enumerate(empty):
        mark = b"\x01" if isinstance(value, bytes) else 1
        block = struct.pack(*empty[:index], mark, *empty[index + 1 :])
        found.append(block.index(1))
    return found


@pytest.mark.parametrize("name", NUMBERS)
def test_number_is_that_of_the_header(header: dict[str, int], name: str) -> None:
    """Requests, flags, controls and formats."""
    assert NUMBERS[name] == header[name] & 0xFFFF_FFFF


def test_kinds_of_controls_that_are_set_are_those_of_the_header(header: dict[str, int]) -> None:
    """Numbers of 32 bits alone."""
    assert {header[name]: said for name, said in KINDS.items()} == layout.SETTABLE


def test_told_leaves_nought_what_is_left_out() -> None:
    """A kernel refuses reserved fields that are not."""
    block = layout.told(layout.REQUEST, 1, 2)
    assert layout.REQUEST.unpack(block) == (1, 2, 0, 0)
    assert len(block) == layout.REQUEST.size


def test_buffer_is_read_as_the_kernel_wrote_it() -> None:
    """The stamp in one number, and 32 bits of sequence."""
    block = layout.told(
        layout.BUFFER, 3, 1, 77, layout.BROKEN, 1, 12, 345_678, 0xFFFF_FFFF, 2, 0x7FFF_0000_1000, 99
    )
    found = layout.buffer_of(block)
    assert found == layout.Buffer(3, 77, layout.BROKEN, 12_345_678_000, 0xFFFF_FFFF)


def test_format_has_four_letters() -> None:
    """There and back."""
    assert layout.code_of(layout.fourcc("YUYV")) == "YUYV"
    assert layout.text_of(b"fake\0rest") == "fake"
