"""Files as PyTorch wrote them before 1.6, made without it, byte by byte.

Import as `gonogo.tests.build.teaching.torch_file`.
"""

from __future__ import annotations

import io
import pickle
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_KINDS = {"float32": "FloatStorage", "int64": "LongStorage"}


class View(NamedTuple):
    """A tensor: which storage it shows, from where on, and how."""

    storage: str
    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int = 0


def torch_file(
    storages: dict[str, NDArray[np.generic]], tensors: dict[str, View], declared: int | None = None
) -> bytes:
    """The whole file; `declared`: how long each storage is said to be, in place of its length."""
    file = io.BytesIO()
    for head in (_MAGIC, _PROTOCOL, {"little_endian": True}):
        file.write(pickle.dumps(head, 2))
    file.write(b"\x80\x02" + _EMPTY + b"(")
    for name, view in tensors.items():
        values = storages[view.storage]
        kind = f"ctorch\n{_KINDS[str(values.dtype)]}\n".encode()
        count = len(values) if declared is None else declared
        storage = _value("storage") + kind + _value(view.storage) + _value("cpu") + _value(count)
        shown = _value(view.offset) + _value(view.size) + _value(view.stride)
        file.write(_value(name) + b"ctorch._utils\n_rebuild_tensor_v2\n")
        file.write(b"((" + storage + b"NtQ" + shown + _value(False) + _EMPTY + b"tR")  # noqa: FBT003
    file.write(b"u.")
    file.write(pickle.dumps(list(storages), 2))
    for values in storages.values():
        file.write(struct.pack("<q", len(values)) + values.tobytes())
    return file.getvalue()


def with_call(call: bytes) -> bytes:
    """A file whose table of tensors is this call of a global, in pickle's own opcodes."""
    before = b"".join(pickle.dumps(head, 2) for head in (_MAGIC, _PROTOCOL, 0))
    return before + b"\x80\x02" + call + b"." + pickle.dumps([], 2)


_EMPTY = b"ccollections\nOrderedDict\n)R"


def _value(value: object) -> bytes:
    # without the header and the full stop of a pickle, and without what it remembers
    return pickle.dumps(value, 2)[2:-1]
