"""The client of one Moodle for one token: functions, files, and several at a time."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2
from pydantic import SecretStr

from studium.moodle.keys import site_id_of
from studium.moodle.webservice.address import Address, check_address
from studium.moodle.webservice.body import read
from studium.moodle.webservice.errors import (
    AccessRefused,
    AddressRefused,
    AuthenticationError,
    NotPermitted,
    WebServiceError,
)
from studium.moodle.webservice.exchange import Exchange, Sending
from studium.moodle.webservice.files import FILE, Declared, Downloaded, NotModified, file_url, save
from studium.moodle.webservice.parameters import flatten
from studium.settings import Settings

SITE_INFO = "core_webservice_get_site_info"
_KEYS_TO_OTHER_DOORS = ("userprivateaccesskey",)
GREATEST_SKEW = timedelta(days=1)
"""A clock that is further off tells nothing: what went on since then would be everything."""

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Asked:
    """A call that was made, with its answer or the reason there is none."""

    function: str
    parameters: Mapping[str, Any]
    answer: Any = None
    error: WebServiceError | None = None


class MoodleClient:
    """Asks one Moodle with one token; safe to share between threads."""

    def __init__(self, address: Address, token: SecretStr, *, concurrency: int = 4, **exchange: Any) -> None:
        """Point the client at a site.

        Args:
            address: as `check_address` returns it.
            token: of a service account or a person.
            concurrency: requests at one time.
            exchange: `patience`, `clock` and `sleep` of the `Exchange`.
        """
        self.address = address
        self._token = token
        self._concurrency = concurrency
        self._exchange = Exchange(address, concurrency=concurrency, **exchange)
        self._pool = ThreadPoolExecutor(concurrency, "moodle")
        self._ungranted: set[str] = set()
        self._asking_access = threading.Lock()

    @classmethod
    def of_site(cls, settings: Settings) -> Self:
        """The client of the installation's service account."""
        if not settings.moodle_url or not settings.moodle_token:
            raise AddressRefused("settings", "STUDIUM_MOODLE_URL and STUDIUM_MOODLE_TOKEN are not set")
        address = check_address(settings.moodle_url, allow_private=settings.moodle_allow_private)
        return cls(address, settings.moodle_token, concurrency=settings.moodle_concurrency)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"MoodleClient({self.address.wwwroot})"

    @property
    def site_id(self) -> str:
        """The short name of the site that answers."""
        return site_id_of(self.address.wwwroot)

    @property
    def calls(self) -> int:
        """Requests sent, those sent again included."""
        return self._exchange.calls

    @property
    def bytes(self) -> int:
        """Bytes of answers' bodies received, as they were on the wire."""
        return self._exchange.bytes

    @property
    def behind(self) -> timedelta:
        """How far the site's clock is behind ours, as its last answer had it; one that is ahead is not behind."""
        return min(max(-self._exchange.skew, timedelta(0)), GREATEST_SKEW)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.shutdown(cancel_futures=True)
        self._exchange.close()

    def call(self, function: str, **parameters: Any) -> Any:
        """The answer of a function; a `WebServiceError` when there is none."""
        try:
            answer = self._ask(function, parameters)
        except AccessRefused as refused:
            raise self._whose_fault(function, refused) from None
        if function == SITE_INFO and isinstance(answer, dict):
            for key in _KEYS_TO_OTHER_DOORS:
                answer.pop(key, None)
        return answer

    def download(
        self, url: str, into: Path, declared: Declared | None = None, *, etag: str | None = None
    ) -> Downloaded | NotModified:
        """Bring a file to `into`, whole or not at all; `NotModified` when it still has `etag`."""
        unpacked = ("Accept-Encoding", "identity")
        headers = (unpacked, ("If-None-Match", f'"{etag}"')) if etag else (unpacked,)
        limit = self._exchange.patience.file_bytes
        sending = Sending(FILE, file_url(self.address, url), headers=headers, limit=limit)
        try:
            return self._exchange.post(
                sending,
                {"token": self._token},
                lambda response, pieces: save(response, pieces, into, declared or Declared()),
            )
        except AccessRefused as refused:
            raise self._whose_fault(FILE, refused) from None

    def map_calls(self, calls: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[Asked]:
        """Make many calls, several at a time, in order; raises the first error that makes asking on useless."""
        for (function, parameters), made in self.each(lambda asked: self.call(asked[0], **asked[1]), calls):
            if isinstance(made, WebServiceError):
                yield Asked(function, parameters, error=made)
            else:
                yield Asked(function, parameters, made)

    def each(
        self, work: Callable[[Item], Made], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Made | WebServiceError]]:
        """Do `work` for many items, several at a time, in order; raises the first error that `stops`."""
        waiting: deque[tuple[Item, Future[Made | WebServiceError]]] = deque()
        try:
            for item in items:
                waiting.append((item, self._pool.submit(_caught, work, item)))
                if len(waiting) > 2 * self._concurrency:
                    yield _taken(waiting)
            while waiting:
                yield _taken(waiting)
        finally:
            wait([future for _, future in waiting if not future.cancel()])

    def _ask(self, function: str, parameters: Mapping[str, Any]) -> Any:
        fields = (("wsfunction", function), ("moodlewsrestformat", "json"), *flatten(parameters))
        url, limit = f"{self.address.wwwroot}/webservice/rest/server.php", self._exchange.patience.answer_bytes
        headers = (("Accept-Encoding", "gzip"),)

        def receive(response: httpx2.Response, pieces: Iterator[bytes]) -> Any:
            return read(function, response.status_code, response.headers, b"".join(pieces))

        return self._exchange.post(Sending(function, url, fields, headers, limit), {"wstoken": self._token}, receive)

    def _whose_fault(self, function: str, refused: AccessRefused) -> WebServiceError:
        """Whether the token is dead or only the grant missing: Moodle says the same, so ask what every token may."""
        with self._asking_access:
            if function not in self._ungranted:
                try:
                    self._ask(SITE_INFO, {})
                except (AccessRefused, AuthenticationError):
                    return AuthenticationError(function, refused.message, errorcode=refused.errorcode)
                self._ungranted.add(function)
        return NotPermitted(function, refused.message, errorcode=refused.errorcode)


def _caught(work: Callable[[Item], Made], item: Item) -> Made | WebServiceError:
    try:
        return work(item)
    except WebServiceError as error:
        return error


def _taken(waiting: deque[tuple[Item, Future[Made | WebServiceError]]]) -> tuple[Item, Made | WebServiceError]:
    item, future = waiting.popleft()
    made = future.result()
    if isinstance(made, WebServiceError) and made.stops:
        raise made
    return item, made
