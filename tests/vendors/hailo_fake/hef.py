"""A HEF of the stand-in: the real one's first bytes, what the compiler would have said, an ONNX.

magic   4 bytes, as a real HEF's
length  of the header, 4 bytes, big-endian
header  JSON (`Header`)
model   ONNX, the rest
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"\x01HEF"


class Header(NamedTuple):
    """What the compiler says.

    `arch`: the chip that it is for. `net`: before the names of all streams. `renamed`: outputs
    that have another name on the chip than in the model. `input_scale`: of its quantization.
    """

    arch: str = "hailo8"
    net: str = "net"
    renamed: dict[str, str] = {}  # noqa: RUF012 - never written
    input_scale: float = 1.0
    nms: tuple[str, ...] = ()


def pack(model: bytes, **header: Any) -> bytes:  # noqa: ANN401 - fields of Header
    """The bytes of a HEF."""
    said = json.dumps(Header(**header)._asdict()).encode()
    return MAGIC + len(said).to_bytes(4, "big") + said + model


def unpack(content: bytes) -> tuple[Header, bytes]:
    """What it says, and its model; ValueError."""
    if not content.startswith(MAGIC):
        raise ValueError("no HEF")
    length = int.from_bytes(content[4:8], "big")
    return Header(**json.loads(content[8 : 8 + length])), content[8 + length :]


def compiled(path: Path, **header: Any) -> Path:  # noqa: ANN401 - fields of Header
    """The HEF of an ONNX file, beside it."""
    hef = path.with_suffix(".hef")
    hef.write_bytes(pack(path.read_bytes(), **header))
    return hef
