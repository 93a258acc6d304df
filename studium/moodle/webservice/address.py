"""Which addresses Studium calls a Moodle at, and a transport that calls no other.

A name is looked up once, each of its addresses is judged, and the connection goes to the judged address: a name
that answers differently the second time leads nowhere else.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import httpx2

from studium.moodle.webservice.errors import AddressRefused

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup: TypeAlias = Callable[[str, int], Sequence[str]]

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """Where a site is, as it may be called: `wwwroot` without a slash at its end, and the judged IP addresses."""

    wwwroot: str
    host: str
    ips: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what a redirect or a file's URL must not leave."""
        return origin(httpx2.URL(self.wwwroot))


def look_up(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a name, in the system's order."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def origin(url: httpx2.URL) -> tuple[str, str, int]:
    """Scheme, host and port of a URL."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme, 0)


def check_address(text: str, *, allow_private: bool = False, lookup: Lookup = look_up) -> Address:
    """The site at `text`, or `AddressRefused`.

    HTTPS, save at an address of one's own network where those are allowed: a password must not cross the internet in
    clear. Loopback counts as private. Link-local addresses, where clouds keep secrets, are never called.
    """
    url = _parse(text)
    try:
        found = lookup(url.host, origin(url)[2])
    except (OSError, UnicodeError):
        raise AddressRefused("address", f"nobody knows where {url.host} is") from None
    ips = tuple(dict.fromkeys(_judged(ip, url.host, allow_private) for ip in found))
    if not ips:
        raise AddressRefused("address", f"{url.host} has no address")
    if url.scheme == "http" and any(ipaddress.ip_address(ip).is_global for ip in ips):
        raise AddressRefused("address", "a Moodle on the internet must be called by https://")
    return Address(str(url).rstrip("/"), url.host, ips)


def _parse(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text.strip())
    except httpx2.InvalidURL:
        raise AddressRefused("address", "this is not an address") from None
    if not 0 <= (url.port or 0) < 1 << 16:
        raise AddressRefused("address", "this is not an address")
    if url.scheme not in _DEFAULT_PORTS or not url.host:
        raise AddressRefused("address", "the address must begin with https://")
    if url.userinfo:
        raise AddressRefused("address", "the address must hold no name or password")
    if url.query or url.fragment or url.path.endswith(".php"):
        raise AddressRefused("address", "the site's own address is needed, not that of a page in it")
    return url


def _judged(text: str, host: str, allow_private: bool) -> str:
    ip = _meant(ipaddress.ip_address(text.partition("%")[0]))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        raise AddressRefused("address", f"{host} leads to an address that is never called")
    if not ip.is_global and not allow_private:
        raise AddressRefused("address", f"{host} is in a private network (STUDIUM_MOODLE_ALLOW_PRIVATE)")
    return text


def _meant(ip: IP) -> IP:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _TRANSLATED:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip
    return ip


class PinnedTransport(httpx2.HTTPTransport):
    """Connects to an `Address` and nowhere else, by its judged IP addresses; TLS still proves the host's name."""

    def __init__(self, address: Address, *, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections)
        super().__init__(verify=ssl.create_default_context(), limits=limits, trust_env=False)
        self._address = address
        self._ips = address.ips

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the first IP address that takes the connection."""
        if origin(request.url) != self._address.origin:
            raise httpx2.UnsupportedProtocol("this transport connects to one site")
        refused: httpx2.TransportError | None = None
        for ip in self._ips:
            try:
                response = super().handle_request(self._towards(ip, request))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                refused = error
            else:
                self._ips = (ip, *(other for other in self._address.ips if other != ip))
                return response
        raise refused or httpx2.ConnectError("no address to connect to")

    def _towards(self, ip: str, request: httpx2.Request) -> httpx2.Request:
        return httpx2.Request(
            request.method,
            request.url.copy_with(host=ip),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": self._address.host},
        )
