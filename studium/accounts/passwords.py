"""Passwords: argon2id hashes, and what a new password must be."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM = 10
MAXIMUM = 1024

_hasher = PasswordHasher()  # RFC 9106, low-memory profile: 64 MiB, 3 passes


class WeakPasswordError(ValueError):
    """The password is not acceptable; the message says why, to the person who chose it."""


def hash_password(password: str, *, email: str) -> str:
    """The hash to keep of a new password."""
    if len(password) < MINIMUM:
        raise WeakPasswordError(f"Choose a password of at least {MINIMUM} characters.")
    if len(password) > MAXIMUM:
        raise WeakPasswordError(f"Choose a password of at most {MAXIMUM} characters.")
    if len(set(password)) < MINIMUM // 2:
        raise WeakPasswordError("Choose a password with more different characters.")
    if password.lower() in (email.lower(), email.lower().partition("@")[0]):
        raise WeakPasswordError("Choose a password that is not your email address.")
    return _hasher.hash(password)


def verify(kept: str | None, password: str) -> bool:
    """Whether `password` is the one; takes as long when there is none to compare with."""
    try:
        return _hasher.verify(_nobody() if kept is None else kept, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def rehash(password: str) -> str:
    """A hash with today's parameters of a password that was just verified."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody's password")
