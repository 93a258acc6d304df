"""Errors as RFC 9457 problems, mapped once. Nothing of the inside is told: no trace, no SQL, no path."""

from http import HTTPStatus

import psycopg
import psycopg_pool
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from studium.accounts.passwords import WeakPasswordError
from studium.analytics.keyset import CursorError
from studium.imports import ImportRefusedError, NotTaughtError
from studium.learning.calendar_feeds import NoSuchFeedError, TooManyFeedsError
from studium.learning.card_file_errors import CardFileError
from studium.learning.cards import NoSuchCardError
from studium.learning.decks import DeckConflictError, NoSuchDeckError
from studium.learning.evidence import NoSuchEvidenceError
from studium.learning.own_cards import BadCardError
from studium.learning.practice.answering import AnsweredOtherwiseError, NoSuchQuestionError
from studium.learning.practice.judging import BadAnswerError
from studium.learning.questions.bank import NoSuchBankQuestionError, NoSuchTopicError
from studium.learning.questions.files import UnreadableFileError
from studium.learning.questions.generating import SittingError
from studium.learning.questions.records import BadQuestionError
from studium.learning.reviewing import NoSuchReviewError, ReviewConflictError
from studium.learning.sources import NoSuchPassageError
from studium.moodle.errors import BackupError
from studium.moodle.links import LinkRefusedError, ProofRefusedError, SiteSilentError
from studium.syncs import SyncRefusedError
from studium.tutor.conversation import BusyError, ConflictError, NoSuchChatError
from studium.tutor.corrections import NoSuchCorrectionError, NoSuchSourceError
from studium.tutor.feedback import NoSuchAnswerError
from studium.tutor.golden_kept import NoSuchGoldenError, NotThereError
from studium.tutor.reports import NoSuchReportError
from studium.wire.base import FieldError, Problem

MEDIA_TYPE = "application/problem+json"
NOT_BUILT = "The course data has not been built yet. It is there as soon as the first import has finished."
BUSY = "The database does not answer right now. Please try again in a moment."

log = structlog.get_logger(__name__)


def problem(
    request: HTTPConnection,
    status: int,
    detail: str | None = None,
    *,
    errors: list[FieldError] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The answer for an error."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        request_id=getattr(request.state, "request_id", None),
        errors=errors or [],
    )
    return JSONResponse(body.model_dump(mode="json"), status, headers, media_type=MEDIA_TYPE)


def register(app: FastAPI) -> None:
    """Map every error this application knows. What it does not know is a 500 (`middleware.Observe`)."""
    # Starlette types every handler as one for any Exception
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(WeakPasswordError, _weak)
    app.add_exception_handler(psycopg.DataError, _unstorable)
    unfit = (BadCardError, CardFileError, BadAnswerError, BadQuestionError, NoSuchTopicError, UnreadableFileError)
    for refused in (ImportRefusedError, BackupError, CursorError, NoSuchSourceError, NotThereError, *unfit):
        app.add_exception_handler(refused, _refused)
    gone = (NoSuchEvidenceError, NoSuchAnswerError, NoSuchReportError, NoSuchCorrectionError, NoSuchGoldenError)
    no_card = (
        NoSuchFeedError,
        NoSuchCardError,
        NoSuchDeckError,
        NoSuchReviewError,
        NoSuchPassageError,
        NoSuchQuestionError,
        NoSuchBankQuestionError,
    )
    for missing_row in (NotTaughtError, NoSuchChatError, *gone, *no_card):
        app.add_exception_handler(missing_row, _missing)
    app.add_exception_handler(BusyError, _too_much)
    app.add_exception_handler(ProofRefusedError, _unproved)  # type: ignore[arg-type]
    of_cards = (ReviewConflictError, DeckConflictError, TooManyFeedsError, AnsweredOtherwiseError)
    for conflict in (SyncRefusedError, LinkRefusedError, ConflictError, *of_cards, SittingError):
        app.add_exception_handler(conflict, _conflicting)
    app.add_exception_handler(SiteSilentError, _silent)
    for unavailable in (psycopg_pool.PoolTimeout, psycopg.OperationalError):
        app.add_exception_handler(unavailable, _busy)
    for missing in (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        app.add_exception_handler(missing, _not_built)


def _http(request: Request, error: HTTPException) -> JSONResponse:
    phrase = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != phrase else None
    return problem(request, error.status_code, detail, headers=dict(error.headers or {}))


def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    found = error.errors()
    errors = [
        FieldError(field=".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]), message=each["msg"])
        for each in found
    ]
    return problem(request, 422, "Some fields are not as they should be.", errors=errors)


def _weak(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 422, str(error), errors=[FieldError(field="password", message=str(error))])


def _unproved(request: Request, error: ProofRefusedError) -> JSONResponse:
    return problem(request, 422, str(error), errors=[FieldError(field=error.field, message=str(error))])


def _refused(request: Request, error: Exception) -> JSONResponse:
    sentence = str(error)
    return problem(request, 422, sentence[:1].upper() + sentence[1:])


def _conflicting(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 409, str(error))


def _missing(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 404, str(error))


def _too_much(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 429, str(error), headers={"Retry-After": "5"})


def _unstorable(request: Request, error: Exception) -> JSONResponse:
    log.warning("unstorable_value", error=type(error).__name__)
    return problem(request, 422, "The request holds a value that cannot be used.")


def _silent(request: Request, error: Exception) -> JSONResponse:
    log.warning("moodle_silent", error=str(error.__cause__))
    return problem(request, 503, str(error), headers={"Retry-After": "60"})


def _busy(request: Request, error: Exception) -> JSONResponse:
    log.error("database_unavailable", error=type(error).__name__)
    return problem(request, 503, BUSY, headers={"Retry-After": "5"})


def _not_built(request: Request, error: Exception) -> JSONResponse:
    log.error("marts_missing", error=type(error).__name__)
    return problem(request, 503, NOT_BUILT, headers={"Retry-After": "30"})
