"""DuckDB as the log readers use it: in memory, spilling into a folder, calling nothing outside."""

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from studium.moodle.logs.event_names import catalogue
from studium.moodle.logs.format import Layout, LogError


def open_engine(folder: Path) -> duckdb.DuckDBPyConnection:
    """An engine of its own; `folder` takes what does not fit into memory."""
    engine = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(folder),
        }
    )
    engine.execute("set TimeZone = 'UTC'")
    return engine


def literal(text: object) -> str:
    """`text` as a literal of SQL, where a statement takes no parameter (names of files)."""
    return "'" + str(text).replace("'", "''") + "'"


def table(engine: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[object]]) -> None:
    """A table of rows that Python knows; ids are whole numbers, all else is text."""
    wanted = ", ".join(
        f"unnest(${column}::{'bigint' if column.endswith('id') else 'varchar'}[]) as {column}" for column in columns
    )
    statement = "create or replace temp table {} as select {}"
    engine.execute(statement.format(name, wanted), {key: list(rows) for key, rows in columns.items()})


def load_catalogue(engine: duckdb.DuckDBPyConnection) -> None:
    """Make the catalogue two tables: classes by displayed name, where one name means one class, and all classes."""
    components, events, names = zip(*catalogue(), strict=True)
    table(engine, "displayed", {"component": components, "event": events, "event_name": names})
    engine.execute("""
        create temp table event_names as
        select component, event, any_value(event_name) as event_name
        from displayed group by component, event having count(distinct event_name) = 1""")
    engine.execute("create temp table known_events as select distinct event_name from displayed")


LARGEST_RATIO = 300
"""How much longer than its gzip file a log may be; real ones are 15 to 60 times as long."""

_CSV = """(
select row_number() over () as line, *
from read_csv(
    {path}, columns={columns}, header={header}, auto_detect=false, delim={delimiter}, {quoting},
    compression='none', store_rejects=true, rejects_limit=0, max_line_size=4000000
))"""


def read_csv(
    engine: duckdb.DuckDBPyConnection, path: Path, layout: Layout
) -> tuple[str, Callable[[], list[tuple[int, str, str]]]]:
    """A relation over a text file, and what asks afterwards for the lines that are no rows: line, reason, text.

    Every column is text; `line` counts the rows from 1.
    """
    quoting = "quote='', escape=''" if layout.delimiter == "\t" else f"quote='\"', escape='{layout.escape}'"
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in layout.columns)
    source = _CSV.format(
        path=literal(_unpacked(engine, path) if layout.compressed else path),
        columns=f"{{{columns}}}",
        header=str(layout.header).lower(),
        delimiter=literal(layout.delimiter),
        quoting=quoting,
    )

    def refused() -> list[tuple[int, str, str]]:
        rows = engine.execute("""
            select line, lower(any_value(error_type::varchar)), any_value(csv_line)
            from reject_errors where scan_id = (select max(scan_id) from reject_scans)
            group by line order by line""").fetchall()
        return [(int(line), str(reason), str(text)) for line, reason, text in rows]

    return source, refused


def _unpacked(engine: duckdb.DuckDBPyConnection, path: Path) -> Path:
    """The text of a gzip file, in the engine's folder: DuckDB would read a file that is cut off as a shorter one."""
    row = engine.execute("select current_setting('temp_directory')").fetchone() or ("",)
    plain = Path(str(row[0])) / "unpacked.csv"
    most = path.stat().st_size * LARGEST_RATIO + (1 << 24)
    try:
        with gzip.open(path) as packed, plain.open("wb") as file:
            while piece := packed.read(1 << 20):
                file.write(piece)
                if file.tell() > most:
                    raise LogError(f"{path.name} unpacks to more than any log holds")
    except (OSError, EOFError, zlib.error) as error:
        raise LogError(f"{path.name} cannot be read to its end: {error}") from error
    return plain
