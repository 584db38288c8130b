"""What an error is to a browser: a status, and the error's own number and words as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from gonogo.base.errors import (
    DispositionRefused,
    DispositionsHeld,
    DispositionUnfit,
    GonogoError,
    MapUnplaced,
    NoSuchPart,
    PatchBankUnusable,
    RecordsUnreadable,
    ScreenRefused,
    ScreenUnasked,
    WhyUnanswered,
    WhyUnknown,
)
from gonogo.console.screen.beside import TooMuch

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS: dict[type[Exception], int] = {
    ScreenRefused: 403,
    ScreenUnasked: 400,
    NoSuchPart: 404,
    MapUnplaced: 404,
    WhyUnknown: 404,
    PatchBankUnusable: 404,
    WhyUnanswered: 503,
    DispositionRefused: 409,
    DispositionUnfit: 422,
    RecordsUnreadable: 503,
    DispositionsHeld: 503,
    TooMuch: 503,
}


def status_of(error: Exception) -> int:
    """Of an error that a question ended with; 500 of one that has no other."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def refusal(error: GonogoError | TooMuch, more: Mapping[str, Any] | None = None) -> JSONResponse:
    """As it goes out."""
    code = f"GN{error.code}" if isinstance(error, GonogoError) else "busy"
    said = str(error.args[0]) if error.args else "too much is asked at once: ask again"
    status = status_of(error)
    headers = {"retry-after": "1"} if status == 503 else None  # noqa: PLR2004 - as in the table
    return JSONResponse({"code": code, "text": said, **(more or {})}, status, headers)
