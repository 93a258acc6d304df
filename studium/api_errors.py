"""What a call of the API may raise: one class for each thing a caller would do about it."""

import httpx2
from pydantic import ValidationError

from studium.wire.base import Problem


class ApiError(Exception):
    """An answer that is not the one asked for; `problem` says what went wrong."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem


class NotSignedIn(ApiError):  # noqa: N818 - reads as the sentence it is
    """401: no session or token, or one that has ended."""


class Forbidden(ApiError):  # noqa: N818
    """403: known, and not allowed."""


class NotFound(ApiError):  # noqa: N818
    """404: not there, or not for this account."""


class Rejected(ApiError):  # noqa: N818
    """Another 4xx: the request was not acceptable; `problem.errors` names the fields."""


class TooManyRequests(ApiError):  # noqa: N818
    """429: try again after `retry_after` seconds."""

    def __init__(self, problem: Problem, retry_after: int) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class Unavailable(ApiError):  # noqa: N818
    """5xx, or no answer at all: not the caller's fault."""


_BY_STATUS: dict[int, type[ApiError]] = {401: NotSignedIn, 403: Forbidden, 404: NotFound}


def error_of(response: httpx2.Response) -> ApiError:
    """The exception for an answer."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        problem = Problem(title=response.reason_phrase or "Error", status=response.status_code)
    if response.status_code == httpx2.codes.TOO_MANY_REQUESTS:
        return TooManyRequests(problem, int(response.headers.get("Retry-After", "1")))
    return by_status(problem)


def by_status(problem: Problem) -> ApiError:
    """The exception for a problem."""
    if problem.status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return Unavailable(problem)
    return _BY_STATUS.get(problem.status, Rejected)(problem)
