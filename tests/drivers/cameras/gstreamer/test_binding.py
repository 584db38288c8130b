"""libgstreamer where it is missing, or another one; and its records as the headers have them."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import MissingExtra
from gonogo.drivers.cameras.gstreamer.binding import (
    Binding,
    BufferHead,
    GstError,
    MapInfo,
    VideoMeta,
    binding,
)
from gonogo.tests.drivers.cameras.gstreamer.live import needs_gstreamer

if TYPE_CHECKING:
    from pathlib import Path

RECORDS: dict[str, type[ctypes.Structure]] = {
    "GstBuffer": BufferHead, "GstMapInfo": MapInfo, "GstVideoMeta": VideoMeta,
}  # fmt: skip
OURS = {"meta_flags": "meta.flags", "info": "meta.info"}  # what the header nests
UNREAD = {"reserved"}
CONSTANTS = {
    "GST_STATE_NULL": 1, "GST_STATE_PAUSED": 3, "GST_STATE_PLAYING": 4,
    "GST_STATE_CHANGE_FAILURE": 0, "GST_STATE_CHANGE_ASYNC": 2, "GST_STATE_CHANGE_NO_PREROLL": 3,
    "GST_MESSAGE_ERROR": 2, "GST_FORMAT_TIME": 3, "GST_MAP_READ": 1,
    "GST_BUFFER_FLAG_CORRUPTED": 0x100, "GST_BUFFER_FLAG_GAP": 0x800,
    "GST_CLOCK_TIME_NONE": (1 << 64) - 1,
}  # fmt: skip


def test_library_that_is_missing_is_named_with_its_package() -> None:
    """And how to get it."""
    with pytest.raises(MissingExtra, match=r"GN121.*libnone\.so\.0.*apt install libgstreamer1\.0"):
        Binding("libnone.so.0")


def test_library_that_lacks_a_function_is_named_with_it() -> None:
    """Not at the first part: at the start."""
    with pytest.raises(MissingExtra, match=r"libm\.so\.6 has no gst_init_check; expected GStr"):
        Binding("libm.so.6")


@needs_gstreamer
def test_library_says_why_a_call_has_failed() -> None:
    """In its own words; the one of this process is loaded once."""
    with pytest.raises(GstError, match='no element "nosuch"'):
        binding().parse("nosuch ! fakesink")
    assert binding() is binding()


def test_records_are_those_of_the_headers(tmp_path: Path) -> None:
    """Offsets and numbers, by a small C program over the headers themselves."""
    flags = ["pkg-config", "--cflags", "gstreamer-video-1.0"]
    if not shutil.which("gcc") or not shutil.which("pkg-config"):
        pytest.skip("not installed: gcc, pkg-config")
    found = subprocess.run(flags, check=False, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("not installed: libgstreamer-plugins-base1.0-dev")
    want = {
        f"offsetof({name}, {OURS.get(field[0], field[0])})": getattr(record, field[0]).offset
        for name, record in RECORDS.items()
        for field in record._fields_
        if field[0] not in UNREAD
    }
    want |= {"sizeof(GstMapInfo)": ctypes.sizeof(MapInfo), **CONSTANTS}
    lines = "\n".join(f'printf("%llu\\n", (unsigned long long)({each}));' for each in want)
    source = tmp_path / "ask.c"
    source.write_text(
        "#include <stddef.h>\n#include <stdio.h>\n#include <gst/video/video.h>\n"
        f"int main(void) {{\n{lines}\nreturn 0;\n}}\n"
    )
    command = ["gcc", *found.stdout.split(), "-o", str(tmp_path / "ask"), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    told = subprocess.run([tmp_path / "ask"], check=True, capture_output=True, text=True)
    assert dict(zip(want, map(int, told.stdout.split()), strict=True)) == want
