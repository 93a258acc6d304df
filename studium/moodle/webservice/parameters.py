"""Parameters as Moodle's REST protocol wants them: `{"options": [{"name": "x"}]}` becomes `options[0][name]=x`."""

from collections.abc import Iterator, Mapping
from typing import Any


def flatten(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Every leaf with its bracketed name; `None` is left out, as Moodle's defaults want it."""
    return tuple(pair for name, value in parameters.items() for pair in _leaves(name, value))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, int):
        yield name, str(int(value))  # true is 1
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(f"{name}[{index}]", inner)
    elif value is not None:
        yield name, str(value)
