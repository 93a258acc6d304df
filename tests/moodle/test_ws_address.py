"""Which addresses a Moodle may be called at."""

import socket
from collections.abc import Sequence

import httpx2
import pytest
from moodle_site.site import TOKENS, Site
from pydantic import SecretStr

from studium.moodle.keys import site_id_of
from studium.moodle.webservice.address import Address, PinnedTransport, check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import AddressRefused


@pytest.mark.parametrize(
    ("text", "ips", "said"),
    [
        ("ftp://moodle.example.test", ["8.8.8.8"], "https://"),
        ("moodle.example.test", ["8.8.8.8"], "https://"),
        ("https://", ["8.8.8.8"], "https://"),
        ("https://a:b@moodle.example.test", ["8.8.8.8"], "name or password"),
        ("https://moodle.example.test/login/index.php", ["8.8.8.8"], "not that of a page"),
        ("https://moodle.example.test/?id=2", ["8.8.8.8"], "not that of a page"),
        ("https://moodle.example.test:99999", ["8.8.8.8"], "not an address"),
        ("http://moodle.example.test", ["8.8.8.8"], "https://"),
        ("https://moodle.example.test", [], "no address"),
        ("https://moodle.example.test", ["8.8.8.8", "10.0.0.8"], "private"),
        *[
            ("https://moodle.example.test", [ip], "private")
            for ip in ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1"]
        ],
        *[
            ("https://moodle.example.test", [ip], "private")
            for ip in ["::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1"]
        ],
        *[
            ("https://moodle.example.test", [ip], "never called")
            for ip in ["169.254.169.254", "fe80::1%2", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255"]
        ],
    ],
)
def test_an_address_that_is_refused(text: str, ips: Sequence[str], said: str) -> None:
    with pytest.raises(AddressRefused, match=said):
        check_address(text, lookup=lambda host, port: ips)


@pytest.mark.parametrize("ip", ["169.254.169.254", "::ffff:169.254.169.254", "0.0.0.0", "240.0.0.1"])
def test_some_are_refused_even_where_private_ones_are_allowed(ip: str) -> None:
    with pytest.raises(AddressRefused, match="never called"):
        check_address("https://moodle.example.test", allow_private=True, lookup=lambda host, port: [ip])


@pytest.mark.parametrize("ips", [["8.8.8.8"], ["10.0.0.1", "8.8.8.8"]])
def test_clear_text_stays_in_ones_own_network(ips: Sequence[str]) -> None:
    with pytest.raises(AddressRefused, match="https://"):
        check_address("http://moodle.example.test", allow_private=True, lookup=lambda host, port: ips)
    assert check_address("http://moodle.example.test", allow_private=True, lookup=lambda host, port: ["10.0.0.1"])


@pytest.mark.parametrize(
    ("text", "wwwroot"),
    [
        (" https://Moodle.Example.test/ ", "https://moodle.example.test"),
        ("https://example.test:8443/moodle/", "https://example.test:8443/moodle"),
        ("https://müller.example.test", "https://xn--mller-kva.example.test"),
    ],
)
def test_an_address_has_one_form(text: str, wwwroot: str) -> None:
    found = check_address(text, lookup=lambda host, port: ["8.8.8.8", "2001:4860:4860::8888", "8.8.8.8"])
    assert found.wwwroot == wwwroot
    assert found.ips == ("8.8.8.8", "2001:4860:4860::8888")


def test_a_name_nobody_knows() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(AddressRefused, match=r"nobody knows where moodle\.example\.test is"):
        check_address("https://moodle.example.test", lookup=unknown)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://uni.example.test", "uni-example-test"),
        (" https://Uni.Example.test:443/ ", "uni-example-test"),
        ("http://uni.example.test:80/moodle/", "uni-example-test-moodle"),
        ("https://uni.example.test:8443/Moodle", "uni-example-test-8443-moodle"),
        ("https://üni.example.test", "xn-ni-wka-example-test"),
        ("https://xn--ni-wka.example.test", "xn-ni-wka-example-test"),
    ],
)
def test_a_site_has_one_name_however_its_address_is_written(text: str, name: str) -> None:
    address = check_address(text, lookup=lambda host, port: ["127.0.0.1"], allow_private=True)
    assert site_id_of(text) == site_id_of(address.wwwroot) == name


@pytest.mark.parametrize("text", ["", "uni.example.test", "https://", "https://uni.example.test:port"])
def test_what_is_no_address_names_no_site(text: str) -> None:
    with pytest.raises(ValueError, match="not the address of a Moodle site"):
        site_id_of(text)


def test_the_connection_goes_to_the_judged_address_whatever_the_name_says_later() -> None:
    with Site() as site:
        url = f"http://moodle.example.test:{site.port}"
        address = check_address(url, allow_private=True, lookup=lambda host, port: ["127.0.0.2", "127.0.0.1"])
        with MoodleClient(address, SecretStr(TOKENS["service"])) as client:
            info = client.call("core_webservice_get_site_info")
        assert info["siteurl"] == url


def test_the_transport_connects_nowhere_else() -> None:
    address = Address("http://moodle.example.test", "moodle.example.test", ("127.0.0.1",))
    http = httpx2.Client(transport=PinnedTransport(address, connections=1))
    with http, pytest.raises(httpx2.UnsupportedProtocol, match="one site"):
        http.get("http://localhost/")
