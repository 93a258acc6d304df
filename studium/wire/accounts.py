"""Signing in and who one is."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from studium.wire.base import Request, Text, Wire

CourseRole = Literal["student", "instructor", "admin"]


class Credentials(Request):
    """What one signs in with."""

    email: Text = Field(max_length=254)
    password: Text = Field(max_length=1024)


class RefreshRequest(Request):
    """A refresh token to be exchanged; it is spent by this."""

    refresh_token: Text = Field(max_length=512)


class AcceptInvitation(Request):
    """Accepting an invitation; when the address has an account already, its password proves that it is yours."""

    token: Text = Field(max_length=512)
    password: Text = Field(min_length=1, max_length=1024)
    display_name: Text | None = Field(None, min_length=1, max_length=200)


class PasswordChange(Request):
    """A new password, and the present one as proof that it is its owner who asks."""

    current_password: Text = Field(max_length=1024)
    new_password: Text = Field(max_length=1024)


class Tokens(Wire):
    """A program's proof of who it acts for."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(description="Seconds until the access token ends.")


class MyCourse(Wire):
    """A course one is in, and as what."""

    course_id: str
    shortname: str
    fullname: str
    role: CourseRole
    as_of: datetime | None = Field(description="The moment the course's data tells of.")


class Me(Wire):
    """The account that asks."""

    account_id: UUID
    email: str
    display_name: str
    is_admin: bool
    timezone: str
    courses: list[MyCourse]
