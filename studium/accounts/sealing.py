"""Other sites' tokens, encrypted for as long as they are kept: the newest key seals, every known key opens."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from studium.accounts.secrets import MINIMUM, open_keys
from studium.settings import Settings

_PURPOSE = b"sealing"
_OWNER_BYTES = 16


class SealBrokenError(ValueError):
    """No key that is known opens this, or it was sealed for somebody else."""


class Seal:
    """Seals tokens and opens them again, each for the account it was sealed for."""

    def __init__(self, keys: list[bytes]) -> None:
        """Take keys of 32 bytes, newest first."""
        self._fernets = [Fernet(urlsafe_b64encode(key)) for key in keys]
        self._all = MultiFernet(self._fernets)

    def seal(self, account_id: UUID, token: SecretStr) -> bytes:
        """What to keep of a token."""
        return self._all.encrypt(account_id.bytes + token.get_secret_value().encode())

    def open(self, account_id: UUID, sealed: bytes) -> SecretStr:
        """The token, or `SealBrokenError`."""
        try:
            opened = self._all.decrypt(sealed)
        except InvalidToken:
            raise SealBrokenError("no key that is known opens this token") from None
        if opened[:_OWNER_BYTES] != account_id.bytes:
            raise SealBrokenError("this token was sealed for another account")
        return SecretStr(opened[_OWNER_BYTES:].decode())

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed this."""
        try:
            self._fernets[0].decrypt(sealed)
        except InvalidToken:
            return False
        return True


def open_seal(settings: Settings) -> Seal:
    """The installation's seal: `STUDIUM_TOKEN_KEYS`, newest first, and after them a key of the installation's secret.

    That one stays known, so that keys can be set where there were none, and what it sealed still opens.
    """
    given = settings.token_keys.get_secret_value() if settings.token_keys else ""
    secrets = [key.strip() for key in given.split(",") if key.strip()]
    if any(len(secret) < MINIMUM for secret in secrets):
        raise ValueError(f"STUDIUM_TOKEN_KEYS holds a key that is too short: each needs {MINIMUM} random characters")
    keys = [hmac.digest(secret.encode(), _PURPOSE, sha256) for secret in secrets]
    return Seal([*keys, open_keys(settings).sealing])
