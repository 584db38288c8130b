"""What an error is to a browser: a status, and the error's own number and words as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from gonogo.base.errors import (
    AccessDenied,
    AccountRefused,
    AccountsNotWritten,
    AccountsUnreadable,
    AccountUnfit,
    ControlError,
    DispositionRefused,
    DispositionsHeld,
    DispositionUnfit,
    FirstCodeRefused,
    GonogoError,
    LimitsNotApplied,
    MapUnplaced,
    NoLimitsFollow,
    NoSuchPart,
    NothingToUndo,
    PartsToReview,
    PatchBankUnusable,
    RecordsUnreadable,
    ReviewMoved,
    ScreenUnasked,
    SignInRefused,
    WhyUnanswered,
    WhyUnknown,
)
from gonogo.console.screen.beside import TooMuch

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS: dict[type[Exception], int] = {
    AccessDenied: 403,
    SignInRefused: 403,
    FirstCodeRefused: 403,
    AccountUnfit: 422,
    AccountRefused: 409,
    AccountsUnreadable: 503,
    AccountsNotWritten: 503,
    ScreenUnasked: 400,
    NoSuchPart: 404,
    MapUnplaced: 404,
    PartsToReview: 404,
    NothingToUndo: 404,
    WhyUnknown: 404,
    PatchBankUnusable: 404,
    WhyUnanswered: 503,
    DispositionRefused: 409,
    ReviewMoved: 409,
    LimitsNotApplied: 409,
    ControlError: 409,
    NoLimitsFollow: 409,
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
