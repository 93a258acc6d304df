"""Linking one's own Moodle account: what is sent once, and what is known afterwards."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator

from studium.wire.base import Request, Text, Wire, storable

TOKEN = re.compile(r"[0-9A-Za-z]{16,128}")


def _secret(secret: SecretStr) -> SecretStr:
    storable(secret.get_secret_value())
    return secret


def _token(secret: SecretStr) -> SecretStr:
    token = secret.get_secret_value().strip()
    if not TOKEN.fullmatch(token):
        raise ValueError("is no token: those of Moodle are 32 letters and digits")
    return SecretStr(token)


class LinkMoodle(Request):
    """User name and password, exchanged once for a token and not kept; or a token."""

    username: Text | None = Field(None, min_length=1, max_length=100)
    password: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(None, min_length=1, max_length=1024)
    token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(None, max_length=1024)

    @model_validator(mode="after")
    def _one_way(self) -> "LinkMoodle":
        by_password = self.username is not None and self.password is not None
        by_token = self.token is not None
        if by_password == by_token or (by_token and (self.username or self.password)):
            raise ValueError("give a user name and a password, or a token alone")
        return self


class LinkedMoodle(Wire):
    """The person one has proved to be on the Moodle, and how the link stands."""

    username: str
    full_name: str
    linked_at: datetime
    last_used_at: datetime
    refused_because: str | None = Field(description="Why Moodle no longer takes the link; then it is to be made anew.")


class MoodleLink(Wire):
    """Which Moodle one may link, and whether one has."""

    site_url: str | None = Field(description="The university's Moodle; null: none is connected.")
    reads_courses: bool = Field(description="Whether one's courses are read through the link: no service account does.")
    linked: LinkedMoodle | None
