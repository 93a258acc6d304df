"""Tables of figures, each beside the bound it must keep."""

import os

from rich.console import Console
from rich.table import Table

console = Console(width=150)


def table(title: str, *headings: str) -> Table:
    """Figures to the right of what they are of."""
    made = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if number else "left")
    return made


def judged(value: float, form: str, *, at_most: float | None = None, at_least: float | None = None) -> str:
    """A figure with its bound, marked when it is missed."""
    kept = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    bound = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    color, word = ("green", "kept") if kept else ("red", "MISSED")
    return f"[{color}]{value:{form}}  ({bound}: {word})[/{color}]"


def show(*tables: Table) -> None:
    """Print, with what the machine was busy with besides."""
    console.print(*tables)
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n", highlight=False)
