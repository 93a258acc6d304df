"""What Prometheus reads: from this machine, or as an admin."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from serving.dependencies import Held, Now, bearer_scheme, caller, cookie_scheme
from studium.accounts import permissions

router = APIRouter(tags=["machines"])
LOOPBACK = ("127.0.0.1", "::1")
TEXT = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format."}}


def allowed(
    request: Request,
    held: Held,
    moment: Now,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_scheme)],
    cookie: Annotated[str | None, Depends(cookie_scheme)],
) -> None:
    """This machine itself, or an admin; to others there is nothing here."""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if request.client and request.client.host in LOOPBACK and not forwarded:
        return  # also while the database is away
    with held.pool.connection(timeout=5) as connection:
        caller(request, connection, held, moment, bearer, cookie)
        if not permissions.is_admin(connection):
            raise HTTPException(404)


@router.get("/metrics", dependencies=[Depends(allowed)], response_class=Response, responses=TEXT)  # type: ignore[arg-type]
def metrics(held: Held) -> Response:
    """Requests, durations, active users, database connections."""
    return Response(generate_latest(held.telemetry.registry), media_type=CONTENT_TYPE_LATEST)
