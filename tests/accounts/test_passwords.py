import pytest

from studium.accounts import passwords
from studium.accounts.passwords import WeakPasswordError, hash_password, verify


def test_a_hash_knows_its_password_and_no_other() -> None:
    kept = hash_password("correct horse battery", email="ann@example.test")
    assert kept.startswith("$argon2id$")
    assert verify(kept, "correct horse battery")
    assert not verify(kept, "correct horse batterz")


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$broken"])
def test_what_is_no_hash_fits_no_password(kept: str | None) -> None:
    assert not verify(kept, "nobody's password")


def test_no_hash_to_compare_with_takes_the_work_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(passwords, "_hasher", _Recording(compared))
    verify(None, "anything")
    assert len(compared) == 1


class _Recording:
    def __init__(self, compared: list[str]) -> None:
        self.compared = compared

    def hash(self, password: str) -> str:
        return "made"

    def verify(self, kept: str, password: str) -> bool:
        self.compared.append(kept)
        return True


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "ann@example.test", "ANN@EXAMPLE.TEST", "x" * 1025])
def test_weak_passwords_are_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="Choose a password"):
        hash_password(password, email="ann@example.test")


def test_spaces_belong_to_a_password() -> None:
    assert not verify(hash_password(" padded password ", email=""), "padded password")
