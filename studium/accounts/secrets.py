"""The installation's secret, and the keys derived from it. Each purpose has a key of its own."""

import hmac
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from studium.settings import Settings

MINIMUM = 32


@dataclass(frozen=True, repr=False)
class Keys:
    """Keys by purpose; none of them can be turned into another, or back into the secret."""

    access_tokens: bytes
    refresh_tokens: bytes
    pseudonyms: bytes
    sealing: bytes

    @classmethod
    def derive(cls, secret: bytes) -> "Keys":
        """The keys that belong to `secret`."""
        purposes = (b"access", b"refresh", b"pseudonym", b"sealing")
        return cls(*(hmac.digest(secret, purpose, sha256) for purpose in purposes))


def open_keys(settings: Settings) -> Keys:
    """The installation's keys: from `STUDIUM_SECRET_KEY`, or from a secret made once in `STUDIUM_HOME`."""
    if settings.secret_key is None:
        return Keys.derive(_own_secret(settings.home / "secret_key"))
    secret = settings.secret_key.get_secret_value()
    if len(secret) < MINIMUM:
        raise ValueError(f"STUDIUM_SECRET_KEY is too short: it needs at least {MINIMUM} random characters")
    return Keys.derive(secret.encode())


def fingerprint(token: str) -> bytes:
    """What the database keeps of a secret a person holds; its 256 random bits need no salt."""
    return sha256(token.encode()).digest()


def new_token() -> str:
    """256 random bits, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(32)


def _own_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{uuid4().hex}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(MINIMUM))
        try:
            os.link(draft, path)  # whole or not at all: two processes may start at once, the first one's stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
