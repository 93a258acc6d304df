"""TLS to a judged address: the certificate must be the name's, not the number's."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moodle_site.site import TOKENS, Site
from pydantic import SecretStr

from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import AddressRefused

NAME = "moodle.example.test"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `NAME`, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "site.pem").write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *form))
    return tmp_path / "site.pem"


@pytest.fixture
def site(certificate: Path) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Site(tls=context) as running:
        yield running


def client_of(site: Site, name: str) -> MoodleClient:
    url = f"https://{name}:{site.port}"
    address = check_address(url, allow_private=True, lookup=lambda host, port: ["127.0.0.1"])
    return MoodleClient(address, SecretStr(TOKENS["service"]))


def test_the_sites_own_certificate_is_taken(site: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with client_of(site, NAME) as client:
        assert client.call("core_webservice_get_site_info")["username"] == "svc.analytics"


@pytest.mark.parametrize(("name", "trusted"), [("other.example.test", True), (NAME, False)])
def test_a_certificate_that_proves_nothing_ends_it_before_a_word_is_said(
    site: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with client_of(site, name) as client, pytest.raises(AddressRefused, match="certificate"):
        client.call("core_webservice_get_site_info")
    assert site.requests == []
    assert client.calls == 1
