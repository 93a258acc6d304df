"""Signing in and out as a program, and who one is. Browsers sign in through `pages`."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from serving.dependencies import (
    PASSWORD_WORK,
    Db,
    Held,
    Now,
    SignedIn,
    Transaction,
    address,
    limit_address,
    limit_sign_in,
)
from serving.problems import problem
from studium import events
from studium.accounts import invitations, login, password_change, tokens
from studium.accounts.passwords import WeakPasswordError
from studium.accounts.profile import read_me
from studium.accounts.sessions import end_session
from studium.client import SESSION_COOKIE
from studium.events import Kind, Verb
from studium.wire.accounts import AcceptInvitation, Credentials, Me, PasswordChange, RefreshRequest, Tokens
from studium.wire.base import FieldError

router = APIRouter(prefix="/auth", tags=["auth"])
WRONG = "The email address or the password is wrong."
NO_INVITATION = "This invitation has been used, replaced, or is over. Ask for a new one."
BEFORE_ANYBODY = [Depends(limit_address)]
UNKNOWN: dict[int | str, dict[str, Any]] = {401: {}}


@router.post("/login", dependencies=[*BEFORE_ANYBODY, PASSWORD_WORK], responses=UNKNOWN)
def sign_in(body: Credentials, request: Request, connection: Transaction, held: Held, now: Now) -> Tokens:
    """Exchange an email address and a password for tokens."""
    limit_sign_in(request, held, body.email)
    account_id = login.sign_in(connection, body.email.strip(), body.password, now)
    if account_id is None:
        raise HTTPException(401, WRONG)
    request.state.account_id = account_id
    events.record(connection, account_id, Verb.SIGNED_IN, Kind.ACCOUNT, str(account_id), context={"with": "token"})
    return _answer(tokens.start_family(connection, held.keys, account_id, now))


@router.post("/refresh", response_model=Tokens, dependencies=BEFORE_ANYBODY, responses=UNKNOWN)
def refresh(
    body: RefreshRequest, request: Request, connection: Transaction, held: Held, now: Now
) -> Tokens | JSONResponse:
    """Exchange a refresh token, once, for new tokens; a token used again ends every token of its sign-in."""
    pair = tokens.rotate(connection, held.keys, body.refresh_token, now)
    if pair is None:
        # answered, not raised: that a family was ended must be kept
        return problem(request, 401, "This refresh token is not, or no longer, good. Sign in again.")
    return _answer(pair)


@router.post("/logout", status_code=204)
def sign_out(who: SignedIn, connection: Db, response: Response) -> None:
    """End the browser's session, or every token of this sign-in."""
    if who.session is not None:
        end_session(connection, who.session)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    if who.family_id is not None:
        tokens.end_family(connection, who.family_id, "signed_out")
    events.record(connection, who.account_id, Verb.SIGNED_OUT, Kind.ACCOUNT, str(who.account_id))


@router.post("/password", status_code=204, response_model=None, dependencies=[PASSWORD_WORK])
def change_password(body: PasswordChange, request: Request, who: SignedIn, connection: Db) -> JSONResponse | None:
    """Change one's own password; every other session and every other program's tokens end."""
    try:
        password_change.change(
            connection,
            who.account_id,
            body.current_password,
            body.new_password,
            session=who.session,
            family_id=who.family_id,
        )
    except password_change.WrongPasswordError as error:
        return _refused(request, "current_password", str(error))
    except WeakPasswordError as error:
        return _refused(request, "new_password", str(error))
    return None


@router.get("/me")
def me(who: SignedIn, connection: Db) -> Me:
    """The account that calls, with its courses."""
    return read_me(connection, who.account_id)


@router.post("/invitations/accept", dependencies=[*BEFORE_ANYBODY, PASSWORD_WORK], responses={404: {}, **UNKNOWN})
def accept_invitation(
    body: AcceptInvitation, request: Request, connection: Transaction, held: Held, now: Now
) -> Tokens:
    """Accept an invitation: choose a password, or prove with it that the invited address is yours."""
    held.limiter.spend("accept_invitation", address(request), body.token)
    try:
        account_id = invitations.accept(connection, body.token, body.password, body.display_name, now)
    except invitations.WrongPasswordError as error:
        raise HTTPException(401, str(error)) from error
    if account_id is None:
        raise HTTPException(404, NO_INVITATION)
    events.record(connection, account_id, Verb.REGISTERED, Kind.ACCOUNT, str(account_id))
    return _answer(tokens.start_family(connection, held.keys, account_id, now))


def _refused(request: Request, field: str, sentence: str) -> JSONResponse:
    return problem(request, 422, sentence, errors=[FieldError(field=field, message=sentence)])


def _answer(pair: tokens.Pair) -> Tokens:
    seconds = int(tokens.ACCESS_LIFE.total_seconds())
    return Tokens(access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=seconds)
