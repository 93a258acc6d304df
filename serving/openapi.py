"""The contract, complete: every problem an operation can answer with is declared, as problem+json.

What follows from an operation's own shape (credentials, a body, parameters) is added here, so that no route repeats it;
a route declares only what it alone can say, by status.
"""

from collections.abc import Iterator
from http import HTTPStatus
from importlib.metadata import version as version_of
from typing import Any

from fastapi import FastAPI

from serving.problems import MEDIA_TYPE
from studium.wire.base import Problem

Operation = dict[str, Any]
EVERYWHERE = (429, 500, 503)
MACHINES = ("/health", "/ready", "/metrics")


def version() -> str:
    """The version of this installation."""
    return version_of("studium")


def complete(app: FastAPI) -> None:
    """Let the application describe its problems too."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(describe())
        assert app.openapi_schema is not None  # noqa: S101 - `describe` keeps what it made
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Path, method and description of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, _, operation in operations(document):
        answers = operation["responses"]
        declared = {int(status) for status in answers if int(status) >= HTTPStatus.BAD_REQUEST}
        for status in sorted(declared | set(_implied(path, operation))):
            described = answers.get(str(status), {})
            if path in MACHINES and described.get("content"):
                continue
            answers[str(status)] = {
                "description": HTTPStatus(status).phrase,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            if status in (429, 503):
                answers[str(status)]["headers"] = {
                    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
                }


def _implied(path: str, operation: Operation) -> Iterator[int]:
    if path in MACHINES:
        yield 500
        return
    yield from EVERYWHERE
    if operation.get("security"):
        yield 401
        yield 403  # from another site's page, or asking as of another time
    if operation.get("requestBody"):
        yield from (400, 413, 422)
    if operation.get("parameters"):
        yield 422
    if "{" in path:
        yield 404
