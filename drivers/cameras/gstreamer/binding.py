"""libgstreamer by ctypes: what of it is used, and its errors as ours.

The libraries come from the distribution (Debian: libgstreamer1.0-0, gstreamer1.0-plugins-base,
LGPL-2.1+), so that any Python environment can use them. ctypes lets go of the interpreter's lock
during each call. The records are those of API version 1.0, which does not change; a test holds
them against the headers.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from functools import cache
from typing import Any

from gonogo.base.errors import MissingExtra

_CORE, _APP, _VIDEO = "libgstreamer-1.0.so.0", "libgstapp-1.0.so.0", "libgstvideo-1.0.so.0"
_GLIB = "libglib-2.0.so.0"
_APT = "apt install libgstreamer1.0-0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
_PLANES, _MINI_OBJECT_BYTES = 4, 64


class GstError(Exception):
    """What the library says when a call has failed."""


class _GError(ctypes.Structure):
    """glib's error: https://docs.gtk.org/glib/struct.Error.html."""

    _fields_ = (("domain", ctypes.c_uint32), ("code", c_int), ("message", c_char_p))


class BufferHead(ctypes.Structure):
    """The beginning of GstBuffer."""

    _fields_ = (
        ("mini_object", ctypes.c_byte * _MINI_OBJECT_BYTES),
        ("pool", c_void_p),
        ("pts", c_uint64),
    )


class MapInfo(ctypes.Structure):
    """GstMapInfo."""

    _fields_ = (
        ("memory", c_void_p),
        ("flags", c_int),
        ("data", c_void_p),
        ("size", c_size_t),
        ("maxsize", c_size_t),
        ("user_data", c_void_p * 4),
        ("reserved", c_void_p * 4),
    )


class VideoMeta(ctypes.Structure):
    """The beginning of GstVideoMeta."""

    _fields_ = (
        ("meta_flags", c_int),
        ("info", c_void_p),
        ("buffer", c_void_p),
        ("flags", c_int),
        ("format", c_int),
        ("id", c_int),
        ("width", c_uint),
        ("height", c_uint),
        ("n_planes", c_uint),
        ("offset", c_size_t * _PLANES),
        ("stride", c_int * _PLANES),
    )


_Error = POINTER(_GError)
_P, _S, _I, _U64 = c_void_p, c_char_p, c_int, c_uint64
_INT_OUT = POINTER(c_int)

_FUNCTIONS: dict[str, dict[str, tuple[Any, tuple[Any, ...]]]] = {
    _CORE: {
        "gst_init_check": (_I, (_P, _P, POINTER(_Error))),
        "gst_parse_launch": (_P, (_S, POINTER(_Error))),
        "gst_bin_get_by_name": (_P, (_P, _S)),
        "gst_element_set_state": (_I, (_P, _I)),
        "gst_element_get_state": (_I, (_P, _P, _P, _U64)),
        "gst_element_get_bus": (_P, (_P,)),
        "gst_element_get_clock": (_P, (_P,)),
        "gst_element_get_base_time": (_U64, (_P,)),
        "gst_clock_get_time": (_U64, (_P,)),
        "gst_bus_pop_filtered": (_P, (_P, _I)),
        "gst_message_parse_error": (None, (_P, POINTER(_Error), POINTER(_P))),
        "gst_sample_get_buffer": (_P, (_P,)),
        "gst_sample_get_caps": (_P, (_P,)),
        "gst_sample_get_segment": (_P, (_P,)),
        "gst_segment_to_running_time": (_U64, (_P, _I, _U64)),
        "gst_caps_get_structure": (_P, (_P, c_uint)),
        "gst_structure_get_int": (_I, (_P, _S, _INT_OUT)),
        "gst_structure_get_fraction": (_I, (_P, _S, _INT_OUT, _INT_OUT)),
        "gst_structure_get_string": (_S, (_P, _S)),
        "gst_buffer_get_flags": (_I, (_P,)),
        "gst_buffer_map": (_I, (_P, POINTER(MapInfo), _I)),
        "gst_buffer_unmap": (None, (_P, POINTER(MapInfo))),
        "gst_mini_object_unref": (None, (_P,)),
        "gst_object_unref": (None, (_P,)),
    },
    _APP: {
        "gst_app_sink_try_pull_sample": (_P, (_P, _U64)),
        "gst_app_sink_is_eos": (_I, (_P,)),
    },
    _VIDEO: {"gst_buffer_get_video_meta": (POINTER(VideoMeta), (_P,))},
    _GLIB: {"g_error_free": (None, (_Error,)), "g_free": (None, (_P,))},
}


class Binding:
    """The functions of the table, under their names without `gst_`."""

    def __init__(self, core: str = _CORE) -> None:
        self._functions: dict[str, Any] = {}
        for name, functions in _FUNCTIONS.items():
            library = _load(core if name == _CORE else name)
            for key, (returns, takes) in functions.items():
                function = _function(library, key)
                function.restype, function.argtypes = returns, takes
                self._functions[key.removeprefix("gst_")] = function
        self._ask("init_check", None, None)

    def call(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """One that cannot fail, or says so by what it returns."""
        return self._functions[name](*args)

    def _ask(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """One that takes a GError last: GstError with what the library says."""
        error = _Error()
        value = self._functions[name](*args, byref(error))
        if bool(error):  # the pointer was set
            raise GstError(self._text(error))
        return value

    def _text(self, error: Any) -> str:  # noqa: ANN401 - a pointer
        text: str = error.contents.message.decode(errors="replace")
        self._functions["g_error_free"](error)
        return text

    def parse(self, description: str) -> int:
        """The pipeline of that description; GstError."""
        pipeline: int | None = self._ask("parse_launch", description.encode())
        if not pipeline:
            raise GstError("nothing, without a reason")
        return pipeline

    def error_of(self, message: int) -> tuple[str, str]:
        """What an element says: for people, and for whoever knows it."""
        error, debug = _Error(), c_void_p()
        self.call("message_parse_error", message, byref(error), byref(debug))
        told = ctypes.string_at(debug.value).decode(errors="replace") if debug.value else ""
        self._functions["g_free"](debug)
        return self._text(error), told

    def integer(self, structure: int, name: str) -> int:
        """A whole number of a structure; 0 where it has none of that name."""
        found = c_int()
        there = self.call("structure_get_int", structure, name.encode(), byref(found))
        return found.value if there else 0

    def rate_hz(self, structure: int) -> float:
        """Frames a second; 0: not said."""
        above, below = c_int(), c_int()
        self.call("structure_get_fraction", structure, b"framerate", byref(above), byref(below))
        return above.value / below.value if below.value else 0.0

    def text(self, structure: int, name: str) -> str:
        """A text of a structure; "" where it has none of that name."""
        found: bytes | None = self.call("structure_get_string", structure, name.encode())
        return (found or b"").decode(errors="replace")


@cache
def binding() -> Binding:
    """The one of this process: it keeps threads of its own, and is never unloaded."""
    return Binding()


def _load(name: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise MissingExtra(
            f"camera driver 'gstreamer' needs {name}: {error}; as root: {_APT}"
        ) from error


def _function(library: ctypes.CDLL, key: str) -> Any:  # noqa: ANN401 - ctypes' own type
    try:
        return getattr(library, key)
    except AttributeError as error:
        raise MissingExtra(
            f"camera driver 'gstreamer': {library._name} has no {key}; expected GStreamer 1.16 or "  # noqa: SLF001 - the name it was loaded by
            f"newer: as root: {_APT}"
        ) from error
