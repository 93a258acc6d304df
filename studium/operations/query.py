"""`studium sql`: read-only questions to the marts, printed for people or programs."""

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TextIO

from rich.console import Console
from rich.table import Table

from studium.database.pool import Role, connect
from studium.settings import Settings

Format = Literal["table", "csv", "json"]
TIMEOUT_SECONDS = 60


def ask(settings: Settings, statement: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of one statement, run by the role that can read the marts and nothing else.

    Raises:
        psycopg.Error: the statement is wrong, writes, or asks for what the role may not see.
    """
    with connect(settings, Role.READER) as connection:
        connection.read_only = True
        connection.execute("set local search_path = marts")
        connection.execute(f"set local statement_timeout = '{TIMEOUT_SECONDS}s'")
        cursor = connection.execute(statement)
        if cursor.description is None:
            return [], []
        return [column.name for column in cursor.description], cursor.fetchall()


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


def write(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], form: Format, out: TextIO) -> None:
    """Print an answer: a table for eyes, CSV with a header, or a JSON list of objects."""
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif form == "json":
        json.dump([dict(zip(columns, row, strict=True)) for row in rows], out, default=_plain, ensure_ascii=False)
        out.write("\n")
    else:
        table = Table(*columns)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        Console(file=out).print(table)
