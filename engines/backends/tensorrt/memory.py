"""One tensor of one slot: where the host has it, and the address by which the device uses it.

In place, both use the same pages, which are registered with the driver; else the device has a
buffer, and what the host writes or reads is copied in the stream. TensorRT wants addresses at a
multiple of 256 bytes; the areas of a frame ring lie so (gonogo.ipc.frame_ring).
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.base.shm import page_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda.contract import Buffer, Cuda, Stream

ALIGN_BYTES = 256  # of a tensor's address (TensorRT, IExecutionContext.set_tensor_address)


def own_pages(shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[np.generic]:
    """A zeroed array in a mapping of its own: its pages are registered, and are nobody else's."""
    count = int(np.prod(shape)) * np.dtype(dtype).itemsize
    # the array keeps it mapped
    pages = mmap.mmap(-1, page_up(count))
    return np.frombuffer(pages, np.uint8, count).view(dtype).reshape(shape)


def fits(array: NDArray[Any]) -> bool:
    """Whether the device can use an array where it lies: in a mapping, at such an address."""
    aligned = array.flags.c_contiguous and array.ctypes.data % ALIGN_BYTES == 0
    return aligned and _is_mapped(array)


def _is_mapped(array: NDArray[Any]) -> bool:
    """Whether it lies in a mapping of a file or of its own, as a ring does.

    The allocator's memory is not registered: its pages are also somebody else's.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base.obj if isinstance(base, memoryview) else base, mmap.mmap)


class TensorMemory:
    """A tensor over an array of the host; `pointer` is the device's address of it.

    Closed before the array's memory is unmapped.
    """

    def __init__(self, cuda: Cuda, array: NDArray[Any], *, in_place: bool) -> None:
        self._array = array
        # memory that no device can use where it lies gets a twin, as its own part of the copies
        self._host = array if fits(array) else own_pages(array.shape, array.dtype.type)
        self._twin = self._host is not array
        self._shared = cuda.share(self._host.reshape(-1).view(np.uint8))
        self._buffer: Buffer | None = None
        self.pointer = self._shared.pointer
        self.in_place = in_place and self._shared.in_place and self.pointer % ALIGN_BYTES == 0
        if not self.in_place:
            self._give_buffer(cuda)

    def _give_buffer(self, cuda: Cuda) -> None:
        try:
            self._buffer = cuda.buffer(self._host.nbytes)
        except BaseException:
            self._shared.close()
            raise
        self.pointer = self._buffer.pointer

    def before(self) -> None:
        """The host has written the array: on the host's side, what the device will read."""
        if self._twin:
            np.copyto(self._host, self._array)
        self._shared.to_device()

    def upload(self, stream: Stream) -> None:
        """In the stream, before the device reads."""
        if self._buffer is not None:
            stream.upload(self._buffer, self._shared)

    def download(self, stream: Stream) -> None:
        """In the stream, after the device wrote."""
        if self._buffer is not None:
            stream.download(self._shared, self._buffer)

    def after(self) -> None:
        """The device is done: what it wrote is in the array."""
        self._shared.to_host()
        if self._twin:
            np.copyto(self._array, self._host)

    def close(self) -> None:
        """Let the device's part of it go; idempotent."""
        if self._buffer is not None:
            self._buffer.close()
            self._buffer = None
        self._shared.close()
