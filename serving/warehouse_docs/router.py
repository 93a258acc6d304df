"""dbt's documentation of the warehouse, every model with its lineage: one page, for admins."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from serving.dependencies import Held, Transaction, admin, cookie_scheme
from studium.accounts.sessions import session_account
from studium.storage import get
from studium.warehouse import DOCS

router = APIRouter(include_in_schema=False)
ADDRESS = "/warehouse-docs"
# The page is dbt's, scripts and all: it gets no origin, so no session of ours, and no host to ask.
POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def signed_in(connection: Transaction, cookie: Annotated[str | None, Depends(cookie_scheme)]) -> None:
    """People without a session are sent to sign in."""
    if not cookie or session_account(connection, cookie) is None:
        raise HTTPException(303, headers={"Location": f"/sign-in?next={ADDRESS}"})


@router.get(ADDRESS, dependencies=[Depends(signed_in, scope="function"), Depends(admin, scope="function")])
def warehouse_docs(held: Held) -> Response:
    """The page as the last build of the warehouse left it."""
    try:
        page = get(held.store, DOCS)
    except FileNotFoundError as error:
        raise HTTPException(404, "The warehouse has not been built yet; its documentation comes with it.") from error
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "private, max-age=300"}
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")
