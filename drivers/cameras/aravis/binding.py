"""libaravis by ctypes: what of it is used, and its errors as ours.

The library comes from the distribution (Debian: libaravis-0.8-0, LGPL-2.1+), so that any Python
environment can use it. ctypes lets go of the interpreter's lock during each call: one that blocks
for seconds holds up its thread alone.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint, c_uint64
from functools import cache
from typing import Any

from gonogo.base.errors import MissingExtra

NAME = "libaravis-0.8.so.0"
GLIB = ("libglib-2.0.so.0", "libgobject-2.0.so.0", "libgio-2.0.so.0")


class ArvError(Exception):
    """What the library says when a call has failed."""


class _GError(ctypes.Structure):
    """glib's error: https://docs.gtk.org/glib/struct.Error.html."""

    _fields_ = (("domain", ctypes.c_uint32), ("code", c_int), ("message", c_char_p))


_Error = POINTER(_GError)
_P = ctypes.c_void_p
_U32, _S, _D, _I, _U64 = ctypes.c_uint32, c_char_p, c_double, c_int, c_uint64
_SIZE_OUT, _INT_OUT, _DOUBLE_OUT = POINTER(c_size_t), POINTER(c_int), POINTER(c_double)

# functions that cannot fail: what they return, and what they take
_PLAIN: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "camera_get_device": (_P, (_P,)),
    "camera_is_gv_device": (_I, (_P,)),
    "camera_create_chunk_parser": (_P, (_P,)),
    "camera_gv_set_stream_options": (None, (_P, _I)),
    "camera_gv_set_packet_size_adjustment": (None, (_P, _I)),
    "gv_device_is_controller": (_I, (_P,)),
    "gv_device_get_device_address": (_P, (_P,)),
    "gv_stream_get_port": (ctypes.c_uint16, (_P,)),
    "buffer_new": (_P, (c_size_t, _P)),
    "buffer_get_status": (_I, (_P,)),
    "buffer_get_data": (_P, (_P, _SIZE_OUT)),
    "buffer_get_frame_id": (_U64, (_P,)),
    "buffer_get_timestamp": (_U64, (_P,)),
    "buffer_get_system_timestamp": (_U64, (_P,)),
    "buffer_get_image_width": (_I, (_P,)),
    "buffer_get_image_height": (_I, (_P,)),
    "buffer_get_image_pixel_format": (_U32, (_P,)),
    "stream_push_buffer": (None, (_P, _P)),
    "stream_timeout_pop_buffer": (_P, (_P, _U64)),
    "stream_try_pop_buffer": (_P, (_P,)),
    "stream_get_n_buffers": (None, (_P, _INT_OUT, _INT_OUT)),
}
# functions that take a GError last
_FAILING: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "camera_new": (_P, (_S,)),
    "camera_set_region": (None, (_P, _I, _I, _I, _I)),
    "camera_get_region": (None, (_P, _INT_OUT, _INT_OUT, _INT_OUT, _INT_OUT)),
    "camera_set_frame_rate": (None, (_P, _D)),
    "camera_get_frame_rate": (_D, (_P,)),
    "camera_set_exposure_time": (None, (_P, _D)),
    "camera_get_exposure_time": (_D, (_P,)),
    "camera_get_exposure_time_bounds": (None, (_P, _DOUBLE_OUT, _DOUBLE_OUT)),
    "camera_get_gain_bounds": (None, (_P, _DOUBLE_OUT, _DOUBLE_OUT)),
    "camera_is_gain_available": (_I, (_P,)),
    "camera_set_gain": (None, (_P, _D)),
    "camera_get_gain": (_D, (_P,)),
    "camera_clear_triggers": (None, (_P,)),
    "camera_set_trigger": (None, (_P, _S)),
    "camera_software_trigger": (None, (_P,)),
    "camera_get_payload": (c_uint, (_P,)),
    "camera_gv_set_packet_size": (None, (_P, _I)),
    "camera_gv_get_packet_size": (c_uint, (_P,)),
    "camera_gv_set_packet_delay": (None, (_P, c_int64)),
    "camera_gv_get_packet_delay": (c_int64, (_P,)),
    "camera_create_stream": (_P, (_P, _P, _P)),
    "camera_start_acquisition": (None, (_P,)),
    "camera_stop_acquisition": (None, (_P,)),
    "camera_are_chunks_available": (_I, (_P,)),
    "camera_set_chunk_mode": (None, (_P, _I)),
    "camera_get_chunk_mode": (_I, (_P,)),
    "camera_set_chunk_state": (None, (_P, _S, _I)),
    "camera_get_chunk_state": (_I, (_P, _S)),
    "chunk_parser_get_float_value": (_D, (_P, _P, _S)),
    "chunk_parser_get_integer_value": (c_int64, (_P, _P, _S)),
    "device_is_feature_available": (_I, (_P, _S)),
    "device_is_enumeration_entry_available": (_I, (_P, _S, _S)),
    "device_set_boolean_feature_value": (None, (_P, _S, _I)),
    "device_get_boolean_feature_value": (_I, (_P, _S)),
    "device_set_float_feature_value": (None, (_P, _S, _D)),
    "device_get_float_feature_value": (_D, (_P, _S)),
    "device_set_string_feature_value": (None, (_P, _S, _S)),
    "device_get_string_feature_value": (_S, (_P, _S)),
    "device_write_register": (None, (_P, _U64, _U32)),
    "device_read_register": (None, (_P, _U64, POINTER(_U32))),
    "gv_device_get_timestamp_tick_frequency": (_U64, (_P,)),
}


class Binding:
    """The functions of the two tables, under their names without `arv_`."""

    def __init__(self, name: str = NAME) -> None:
        raw = _load(name)
        self._glib, self._gobject, self._gio = map(_load, GLIB)
        self._plain = {key: _function(raw, key, *kind) for key, kind in _PLAIN.items()}
        self._failing = {
            key: _function(raw, key, returns, (*takes, POINTER(_Error)))
            for key, (returns, takes) in _FAILING.items()
        }
        self._glib.g_error_free.argtypes = (_Error,)
        self._glib.g_free.argtypes = (_P,)
        self._gobject.g_object_unref.argtypes = (_P,)
        self._gio.g_inet_socket_address_get_address.argtypes = (_P,)
        self._gio.g_inet_socket_address_get_address.restype = _P
        self._gio.g_inet_address_to_string.argtypes = (_P,)
        self._gio.g_inet_address_to_string.restype = _P  # ours to free, so no c_char_p

    def call(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """One that cannot fail."""
        return self._plain[name](*args)

    def ask(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - C's arguments and values
        """One that can: ArvError with what the library says."""
        error = _Error()
        value = self._failing[name](*args, byref(error))
        if bool(error):  # the pointer was set
            text = error.contents.message.decode(errors="replace")
            self._glib.g_error_free(error)
            raise ArvError(text)
        if value is None and _FAILING[name][0] is _P:
            raise ArvError("nothing, without a reason")
        return value

    def unref(self, thing: int) -> None:
        """Ours no longer; what nobody holds is closed, which may block while a device is away."""
        self._gobject.g_object_unref(thing)

    def set_property(self, thing: int, name: str, value: int) -> None:
        """A 32-bit property of a GObject; the call is variadic, so each value says its type."""
        self._gobject.g_object_set(_P(thing), name.encode(), c_int(value), _P(None))

    def get_property(self, thing: int, name: str) -> int:
        """What it is now."""
        value = c_int()
        self._gobject.g_object_get(_P(thing), name.encode(), byref(value), _P(None))
        return value.value

    def address_of(self, device: int) -> str:
        """The IPv4 address of a network camera."""
        address = self.call("gv_device_get_device_address", device)
        text = self._gio.g_inet_address_to_string(
            self._gio.g_inet_socket_address_get_address(address)
        )
        try:
            return ctypes.string_at(text).decode()
        finally:
            self._glib.g_free(text)


@cache
def binding() -> Binding:
    """The one of this process: it keeps threads of its own, and is never unloaded."""
    return Binding()


def _load(name: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise MissingExtra(
            f"camera driver 'aravis' needs {name}: {error}; as root: apt install libaravis-0.8-0"
        ) from error


def _function(raw: ctypes.CDLL, key: str, returns: Any, takes: tuple[Any, ...]) -> Any:  # noqa: ANN401 - ctypes' own types
    try:
        function = getattr(raw, f"arv_{key}")
    except AttributeError as error:
        raise MissingExtra(
            f"camera driver 'aravis': {raw._name} has no arv_{key}; expected Aravis 0.8.22 or "  # noqa: SLF001 - the name it was loaded by
            "newer: as root: apt install libaravis-0.8-0"
        ) from error
    function.restype, function.argtypes = returns, takes
    return function
