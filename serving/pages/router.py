"""Pages without script: signing in and out, one's password, accepting an invitation, reading about the API."""

from itertools import groupby
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from psycopg import Connection

from serving import openapi
from serving.dependencies import (
    PASSWORD_WORK,
    Held,
    Now,
    Transaction,
    address,
    cookie_scheme,
    limit_address,
    limit_sign_in,
    require_own_origin,
)
from serving.pages.rendering import render
from serving.services import Services
from studium import events
from studium.accounts import invitations, login, password_change, passwords, sessions
from studium.accounts.profile import read_email
from studium.client import SESSION_COOKIE
from studium.database.pool import assume
from studium.events import Kind, Verb

router = APIRouter(include_in_schema=False)
WRONG = "The email address or the password is wrong."
UNLIKE = "The new password was not typed the same way twice."
OVER = "This invitation has been used, replaced, or is over. Ask for a new one."
Word = Annotated[str, Form(max_length=1024)]
Cookie = Annotated[str | None, Depends(cookie_scheme)]


def own_origin(request: Request, held: Held) -> None:
    """Forms are sent by our own pages only."""
    require_own_origin(request, held.settings)


FORM = [Depends(limit_address), Depends(own_origin)]


@router.get("/sign-in")
def show_sign_in(next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """The form."""
    return render("sign_in.html", next=local(next), email="", error=None)


@router.post("/sign-in", dependencies=[*FORM, PASSWORD_WORK])
def submit_sign_in(
    request: Request,
    connection: Transaction,
    held: Held,
    now: Now,
    email: Word = "",
    password: Word = "",
    next: Word = "/",  # noqa: A002
) -> Response:
    """Open a session and go on to where one wanted to be."""
    try:
        limit_sign_in(request, held, email)
    except HTTPException as error:
        page = render("sign_in.html", 429, next=local(next), email=email, error=error.detail)
        page.headers["Retry-After"] = (error.headers or {})["Retry-After"]
        return page
    account_id = login.sign_in(connection, email.strip(), password, now)
    if account_id is None:
        return render("sign_in.html", 401, next=local(next), email=email, error=WRONG)
    request.state.account_id = account_id
    events.record(connection, account_id, Verb.SIGNED_IN, Kind.ACCOUNT, str(account_id), context={"with": "browser"})
    token = sessions.open_session(connection, account_id, request.headers.get("user-agent"), now)
    return _enter(held, token, local(next))


@router.post("/sign-out", dependencies=FORM)
def submit_sign_out(connection: Transaction, cookie: Cookie) -> Response:
    """End the session, if there is one."""
    account_id = sessions.session_account(connection, cookie) if cookie else None
    if cookie and account_id:
        assume(connection, account_id)
        sessions.end_session(connection, cookie)
        events.record(connection, account_id, Verb.SIGNED_OUT, Kind.ACCOUNT, str(account_id))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return answer


@router.get("/account", dependencies=[Depends(limit_address)])
def show_account(connection: Transaction, cookie: Cookie) -> Response:
    """Who is signed in, and the form that changes their password."""
    account_id = sessions.session_account(connection, cookie) if cookie else None
    if account_id is None:
        return RedirectResponse("/sign-in?next=/account", 303)
    return _account(connection, account_id)


@router.post("/account", dependencies=[*FORM, PASSWORD_WORK])
def submit_account(
    request: Request,
    connection: Transaction,
    held: Held,
    cookie: Cookie,
    current_password: Word = "",
    new_password: Word = "",
    repeated: Word = "",
) -> Response:
    """Change the password; this browser stays signed in, and nothing else does."""
    account_id = sessions.session_account(connection, cookie) if cookie else None
    if account_id is None:
        return RedirectResponse("/sign-in?next=/account", 303)
    request.state.account_id = account_id
    try:
        held.limiter.spend("change_password", str(account_id))
    except HTTPException as error:
        page = _account(connection, account_id, error.detail, 429)
        page.headers["Retry-After"] = (error.headers or {})["Retry-After"]
        return page
    if new_password != repeated:
        return _account(connection, account_id, UNLIKE, 422, wrong="repeated")
    assume(connection, account_id)
    try:
        password_change.change(connection, account_id, current_password, new_password, session=cookie)
    except password_change.WrongPasswordError as error:
        return _account(connection, account_id, str(error), 422, wrong="current")
    except passwords.WeakPasswordError as error:
        return _account(connection, account_id, str(error), 422, wrong="new")
    return _account(connection, account_id, changed=True)


@router.get("/invitation/{token}", dependencies=[Depends(limit_address)])
def show_invitation(token: str, connection: Transaction) -> Response:
    """The form that accepts an invitation."""
    invitation = invitations.find(connection, token)
    if invitation is None:
        return render("message.html", 404, heading="This link is over", sentence=OVER)
    return _invitation(token, invitation, invitation.display_name, None)


@router.post("/invitation/{token}", dependencies=[*FORM, PASSWORD_WORK])
def submit_invitation(
    token: str,
    request: Request,
    connection: Transaction,
    held: Held,
    now: Now,
    password: Word = "",
    display_name: Word = "",
) -> Response:
    """Accept, and be signed in."""
    held.limiter.spend("submit_invitation", address(request), token)
    invitation, name = invitations.find(connection, token), display_name.strip()[:200]
    try:
        account_id = invitations.accept(connection, token, password, name or None, now)
    except (passwords.WeakPasswordError, invitations.WrongPasswordError) as error:
        if invitation is not None:
            return _invitation(token, invitation, name, str(error))
        account_id = None
    if account_id is None:
        return render("message.html", 404, heading="This link is over", sentence=OVER)
    events.record(connection, account_id, Verb.REGISTERED, Kind.ACCOUNT, str(account_id))
    return _enter(held, sessions.open_session(connection, account_id, request.headers.get("user-agent"), now), "/")


@router.get("/docs")
def docs(request: Request) -> Response:
    """What the API can be asked, for people."""
    described = sorted(openapi.operations(request.app.openapi()), key=lambda each: each[2]["tags"])
    groups = [(tags[0], list(each)) for tags, each in groupby(described, key=lambda each: each[2]["tags"])]
    return render("docs.html", version=openapi.version(), groups=groups)


def local(target: str) -> str:
    """`target` if it is a place of ours, else the start: nobody is sent elsewhere by a link to the sign-in."""
    parts = urlsplit(target) if target.isprintable() else urlsplit("//x")
    own = not parts.scheme and not parts.netloc and target.startswith("/") and target[1:2] not in ("/", "\\")
    return target if own else "/"


def _enter(held: Services, token: str, target: str) -> Response:
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(sessions.LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=held.settings.url.startswith("https://"),
    )
    return answer


def _account(
    connection: Connection,
    account_id: UUID,
    error: str | None = None,
    status: int = 200,
    *,
    wrong: Literal["current", "new", "repeated"] | None = None,
    changed: bool = False,
) -> Response:
    assume(connection, account_id)
    told: dict[str, Any] = {
        "email": read_email(connection, account_id),
        "error": error,
        "wrong": wrong,
        "changed": changed,
    }
    return render("account.html", status, **told, minimum=passwords.MINIMUM)


def _invitation(token: str, invitation: invitations.Invitation, name: str, error: str | None) -> Response:
    return render(
        "invitation.html",
        422 if error else 200,
        token=token,
        invitation=invitation,
        display_name=name,
        error=error,
        minimum=passwords.MINIMUM,
    )
