import pytest
from starlette.exceptions import HTTPException

from serving.app import create_app
from serving.limits import EXPENSIVE, PER_MINUTE, STANDARD, Limiter
from serving.openapi import operations
from studium.settings import Settings


def test_each_person_and_operation_has_a_limit_of_its_own() -> None:
    limiter = Limiter()
    for _ in range(EXPENSIVE):
        limiter.spend("ask", "ann")
    with pytest.raises(HTTPException) as refused:
        limiter.spend("ask", "ann")
    assert refused.value.status_code == 429
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
    limiter.spend("ask", "ben")
    for _ in range(STANDARD):
        limiter.spend("cohort", "ann")


def test_limits_name_operations_there_are(settings: Settings) -> None:
    app = create_app(settings)
    others = {"submit_invitation", "chat_frame"}  # of a page, and of a socket
    known = {operation["operationId"] for _, _, operation in operations(app.openapi())}
    assert set(PER_MINUTE) - others <= known
