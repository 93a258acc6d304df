"""One request to a Moodle, again if need be: limits, patience, and no secret in anything that is raised.

Secrets travel in the body of a POST, never in a URL. The frame that knows one returns its errors instead of raising
them, so that no traceback holds it.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import httpx2
import stamina
from pydantic import SecretStr

from studium.moodle.webservice.address import Address, PinnedTransport, origin
from studium.moodle.webservice.errors import (
    AddressRefused,
    SurprisingAnswer,
    TransientError,
    WebServiceError,
)

Result = TypeVar("Result")
Receive: TypeAlias = Callable[[httpx2.Response, Iterator[bytes]], Result]
"""Makes the result of an answer's head and its body in pieces, or raises what the answer means."""

AGENT = "Studium"


@dataclass(frozen=True)
class Patience:
    """How long, how often and how much: seconds, tries, bytes."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 20.0
    jitter: float = 1.0
    longest_pause: float = 60.0  # a site that asks to be left alone for longer is left alone until the next sync
    connect: float = 10.0
    read: float = 60.0
    total: float = 300.0
    answer_bytes: int = 64 * 1024 * 1024
    file_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True)
class Sending:
    """One request, without its secrets."""

    function: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    limit: int = 0


class Exchange:
    """A site's connections, shared by threads; `calls` and `bytes` are what went over the wire."""

    def __init__(
        self,
        address: Address,
        *,
        concurrency: int = 4,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self.patience = patience or Patience()
        self.calls = 0
        self.bytes = 0
        self.skew = timedelta(0)
        """By how much the site's clock was ahead of ours at its last answer."""
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._not_before = 0.0
        timeout = httpx2.Timeout(self.patience.read, connect=self.patience.connect, pool=None)
        self._http = httpx2.Client(
            transport=PinnedTransport(address, connections=concurrency),
            timeout=timeout,
            trust_env=False,
            headers={"User-Agent": AGENT, "Accept": "*/*"},
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def post(self, sending: Sending, secrets: Mapping[str, SecretStr], receive: Receive[Result]) -> Result:
        """Send, again while it may help; `receive` is called anew for each answer."""
        give_up = self._clock() + self.patience.total
        for attempt in stamina.retry_context(
            on=lambda error: self._worth_another(error, give_up),
            attempts=self.patience.attempts,
            timeout=self.patience.total,
            wait_initial=self.patience.first_wait,
            wait_max=self.patience.longest_wait,
            wait_jitter=self.patience.jitter,
        ):
            with attempt:
                self._wait_for_turn()
                outcome = self._send(sending, secrets, receive, give_up)
                if isinstance(outcome, WebServiceError):
                    raise outcome
                return outcome
        raise AssertionError("stamina yields at least one attempt")

    def _worth_another(self, error: Exception, give_up: float) -> bool:
        if not isinstance(error, TransientError):
            return False
        pause = error.retry_after or 0.0
        if pause > self.patience.longest_pause or self._clock() + pause >= give_up:
            return False
        with self._lock:
            self._not_before = max(self._not_before, self._clock() + pause)
        return True

    def _wait_for_turn(self) -> None:
        with self._lock:
            wait = self._not_before - self._clock()
        if wait > 0:
            self._sleep(wait)

    def _send(
        self, sending: Sending, secrets: Mapping[str, SecretStr], receive: Receive[Result], give_up: float
    ) -> Result | WebServiceError:
        known = {name: secret.get_secret_value() for name, secret in secrets.items()}
        request = self._http.build_request(
            "POST",
            sending.url,
            content=urlencode([*sending.fields, *known.items()]),
            headers=[("Content-Type", "application/x-www-form-urlencoded"), *sending.headers],
        )
        with self._lock:
            self.calls += 1
        try:
            return self._received(sending, request, receive, give_up)
        except httpx2.TimeoutException:
            return TransientError(sending.function, "no answer in time")
        except httpx2.DecodingError:
            return SurprisingAnswer(sending.function, "the answer does not unpack")
        except httpx2.TransportError as error:
            return _broken(sending.function, error)
        except WebServiceError as error:
            return _cleansed(error, known.values())

    def _received(self, sending: Sending, request: httpx2.Request, receive: Receive[Result], give_up: float) -> Result:
        response = self._http.send(request, stream=True)
        with suppress(TypeError, ValueError):  # a site that does not tell the time has ours
            self.skew = parsedate_to_datetime(response.headers.get("Date", "")) - datetime.now(UTC)
        try:
            self._refuse_elsewhere(sending, response)
            return receive(response, self._pieces(sending, response, give_up))
        finally:
            with self._lock:
                self.bytes += response.num_bytes_downloaded
            response.close()

    def _refuse_elsewhere(self, sending: Sending, response: httpx2.Response) -> None:
        if response.headers.get("Content-Encoding", "identity").lower() not in {"identity", "gzip"}:
            raise SurprisingAnswer(sending.function, "packed in a way nobody asked for")
        if not response.is_redirect or response.status_code == HTTPStatus.NOT_MODIFIED:
            return
        try:
            target = response.url.join(response.headers["Location"])
        except (KeyError, httpx2.InvalidURL):
            raise SurprisingAnswer(sending.function, "the site sends on to nowhere") from None
        if origin(target) != self.address.origin:
            raise AddressRefused(sending.function, f"the site sends on to {target.scheme}://{target.host}")
        raise SurprisingAnswer(sending.function, f"the site sends on to {target.path}")

    def _pieces(self, sending: Sending, response: httpx2.Response, give_up: float) -> Iterator[bytes]:
        length = 0
        for piece in response.iter_bytes():
            length += len(piece)
            if length > sending.limit:
                raise SurprisingAnswer(sending.function, f"longer than {sending.limit} bytes")
            if self._clock() > give_up:
                raise TransientError(sending.function, f"not done in {self.patience.total:g} s")
            yield piece


def _broken(function: str, error: BaseException) -> WebServiceError:
    """A connection that failed, or one that must not be made: whoever answers is not proven to be the site."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return AddressRefused(function, f"the site's certificate is not valid: {cause.verify_message}")
        cause = cause.__cause__ or cause.__context__
    return TransientError(function, f"the connection failed: {type(error).__name__}")


def _cleansed(error: WebServiceError, secrets: Iterable[str]) -> WebServiceError:
    """The error without what the site says back, and without the frames and causes that hold the answer."""
    for secret in filter(None, secrets):
        for form in {secret, quote(secret, safe=""), urlencode({"": secret})[1:]}:
            error.message = error.message.replace(form, "***")
            error.args = tuple(str(part).replace(form, "***") for part in error.args)
            if isinstance(error, SurprisingAnswer):
                error.body = error.body.replace(form.encode(), b"***")
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
