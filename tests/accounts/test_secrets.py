import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studium.accounts.secrets import Keys, fingerprint, new_token, open_keys
from studium.settings import Settings


def test_a_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", _env_file=None)
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: open_keys(settings), range(8)))
    assert len(keys) == 1
    kept = settings.home / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["secret_key"]


def test_a_given_secret_must_be_long(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 32"):
        open_keys(Settings(home=tmp_path, secret_key="short", _env_file=None))
    keys = open_keys(Settings(home=tmp_path, secret_key="s" * 32, _env_file=None))
    assert keys == Keys.derive(b"s" * 32)
    assert not (tmp_path / "secret_key").exists()


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = Keys.derive(b"s" * 32)
    assert len({keys.access_tokens, keys.refresh_tokens, keys.pseudonyms}) == 3
    assert "b'" not in repr(keys)


def test_what_is_kept_of_a_token_is_not_the_token() -> None:
    token = new_token()
    assert len(token) == 43
    assert token.encode() not in fingerprint(token)
