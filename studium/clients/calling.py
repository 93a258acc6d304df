"""How the client speaks: one request and its answer, a stream, and what facets of the client share."""

from collections.abc import Iterator, Mapping
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx2
from pydantic import BaseModel

from studium.api_errors import Unavailable, error_of
from studium.wire.base import Problem

SESSION_COOKIE = "studium_session"
API = "/api/v1"
Model = TypeVar("Model", bound=BaseModel)


class Caller:
    """Who calls the API, and what proves it."""

    def __init__(
        self,
        base_url: str = "",
        *,
        session: str | None = None,
        access_token: str | None = None,
        timeout: float = 30.0,
        http: httpx2.Client | None = None,
    ) -> None:
        """Point the client at an API.

        Args:
            base_url: where it is, such as `http://127.0.0.1:8000`.
            session: the value of the browser's `studium_session` cookie.
            access_token: a program's token, as `sign_in` returns.
            timeout: seconds to wait for any one answer.
            http: an HTTP client of the caller's own, for tests and unusual transports.
        """
        self._http = http or httpx2.Client(base_url=base_url, timeout=timeout)
        self._headers: dict[str, str] = {}
        if session:
            origin = urlsplit(str(self._http.base_url))
            self._headers = {
                "Cookie": f"{SESSION_COOKIE}={quote(session, safe='')}",
                "Origin": f"{origin.scheme}://{origin.netloc}",
            }
        if access_token:
            self._headers["Authorization"] = f"Bearer {access_token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def send(self, method: str, path: str, **arguments: Any) -> httpx2.Response:
        """One request; raises `ApiError` for anything but success."""
        query: Mapping[str, Any] | None = arguments.pop("params", None)
        params = {name: str(value) for name, value in (query or {}).items() if value is not None}
        headers = {**self._headers, **arguments.pop("headers", {})}
        try:
            response = self._http.request(method, API + path, params=params, headers=headers, **arguments)
        except httpx2.TransportError as error:
            raise Unavailable(Problem(title="No answer from Studium", status=503, detail=str(error))) from error
        if response.is_success:
            return response
        raise error_of(response)

    def events(self, path: str, body: BaseModel, headers: Mapping[str, str], timeout: float) -> Iterator[str]:
        """The data of a stream of events, each as it comes; raises as `send` does, and when it breaks off."""
        arguments: dict[str, Any] = {"json": body.model_dump(mode="json"), "timeout": timeout}
        arguments["headers"] = {**self._headers, **headers, "Accept": "text/event-stream"}
        try:
            with self._http.stream("POST", API + path, **arguments) as response:
                if not response.is_success:
                    response.read()
                    raise error_of(response)
                for line in response.iter_lines():
                    if line.startswith("data: "):
                        yield line.removeprefix("data: ")
        except httpx2.TransportError as error:
            raise Unavailable(Problem(title="No answer from Studium", status=503, detail=str(error))) from error

    def _get(self, model: type[Model], path: str, **params: object) -> Model:
        return model.model_validate_json(self.send("GET", path, params=params).content)

    def _post(self, model: type[Model], path: str, body: BaseModel) -> Model:
        return model.model_validate_json(self.send("POST", path, json=body.model_dump(mode="json")).content)


class Calls:
    """Calls that answer with models."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def _get(self, model: type[Model], path: str, **params: object) -> Model:
        return model.model_validate_json(self._client.send("GET", path, params=params).content)

    def _send(self, model: type[Model], method: str, path: str, body: BaseModel | None = None) -> Model:
        json = body.model_dump(mode="json") if body else None
        return model.model_validate_json(self._client.send(method, path, json=json).content)
