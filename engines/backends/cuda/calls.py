"""Calls of the driver through cuda-bindings: each result looked at, each refusal raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.errors import BackendError, CudaError
from gonogo.engines.backends.cuda.codes import Known

if TYPE_CHECKING:
    from collections.abc import Callable


class Calls:
    """Calls of the driver by name: their values, or what a refusal is raised as."""

    def __init__(self, api: Any, refused: Callable[[str, int, Known], BackendError]) -> None:  # noqa: ANN401
        self.api = api
        self._refused = refused

    def __call__(self, name: str, *args: Any) -> Any:  # noqa: ANN401
        """What the call returns beside its result: nothing, a value, or a list of them."""
        code, *values = self.answer(name, *args)
        if int(code):
            raise self.refusal(name, code)
        return values[0] if len(values) == 1 else values

    def refusal(self, name: str, code: Any) -> BackendError:  # noqa: ANN401 - a CUresult
        """What to raise for it."""
        return self._refused(name, int(code), self._known(code))

    def answer(self, name: str, *args: Any) -> Any:  # noqa: ANN401
        """The tuple as it is; CudaError for a call that this driver does not have."""
        try:
            return getattr(self.api, name)(*args)
        except RuntimeError as error:  # cuda-bindings: no such function in the library
            raise CudaError(f"{name}: {error}; expected a driver that has it") from error

    def _known(self, code: Any) -> Known:  # noqa: ANN401
        name, text = self.api.cuGetErrorName(code)[-1], self.api.cuGetErrorString(code)[-1]
        return Known(_word(name), _word(text))


def _word(said: bytes | None) -> str:
    return said.decode(errors="replace") if said else "no text"
