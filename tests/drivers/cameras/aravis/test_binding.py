"""libaravis where it is missing, or another one."""

from __future__ import annotations

import ctypes

import pytest

from gonogo.base.errors import MissingExtra
from gonogo.drivers.cameras.aravis.binding import GLIB, ArvError, Binding, binding
from gonogo.tests.drivers.cameras.aravis.fake import needs_fake


def test_library_that_is_missing_is_named_with_its_package() -> None:
    """And how to get it."""
    with pytest.raises(MissingExtra, match=r"GN121.*libnone\.so\.0.*apt install libaravis-0\.8-0"):
        Binding("libnone.so.0")


def test_library_that_lacks_a_function_is_named_with_it() -> None:
    """Not at the first part: at the start."""
    try:
        for needed in GLIB:
            ctypes.CDLL(needed)
    except OSError as error:
        pytest.skip(f"not installed, and asked for first: {error}")
    with pytest.raises(MissingExtra, match=r"libm\.so\.6 has no arv_\w+; expected Aravis 0\.8"):
        Binding("libm.so.6")


@needs_fake
def test_library_says_why_a_call_has_failed() -> None:
    """In its own words; the one of this process is loaded once."""
    with pytest.raises(ArvError, match="Nobody"):
        binding().ask("camera_new", b"Nobody-1")
    assert binding() is binding()
