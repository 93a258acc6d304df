"""Parameters as Moodle's REST protocol wants them: `{"options": [{"name": "x"}]}` becomes `options[0][name]=x`."""

from collections.abc import Iterator, Mapping
from typing import Any


def flatten(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Every leaf with its bracketed name; `None` is left out, as Moodle's defaults want it."""
    return tuple(pair for name, value in parameters.items() for pair in _leaves(name, value))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(f"{name}[{index}]", inner)
    else:
        yield name, str(int(value)) if isinstance(value, bool) else str(value)
