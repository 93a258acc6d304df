"""`studium`: the commands of an installation. Each says what it did; the doing stands in `studium.operations`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
import typer
from rich.console import Console
from rich.markup import escape

from studium.operations.query import Format
from studium.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Studium: a tutor made of your course.")
imports = typer.Typer(no_args_is_help=True, help="Bring in a course backup, logs or loose files.")
users = typer.Typer(no_args_is_help=True, help="Accounts and invitations.")
moodle = typer.Typer(no_args_is_help=True, help="The Moodle whose courses are read.")
app.add_typer(imports, name="import")
app.add_typer(users, name="user")
app.add_typer(moodle, name="moodle")

console = Console(stderr=True)
CourseOption = Annotated[str, typer.Option("--course", help="Short name of the course, or its key site:course.")]
CourseArgument = Annotated[str, typer.Argument(help="Short name of the course, or its key site:course.")]
ExistingPath = Annotated[Path, typer.Argument(exists=True, readable=True)]


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the errors a person can act on into one red sentence and exit status 1."""
    from studium.moodle.webservice.errors import WebServiceError
    from studium.operations.courses import CourseUnknownError
    from studium.operations.processes import CannotStartError
    from studium.operations.requests import WorkFailedError

    try:
        yield
    except (CannotStartError, CourseUnknownError, WebServiceError, WorkFailedError, ValueError, psycopg.Error) as error:
        console.print(f"[red]{type(error).__name__.removesuffix('Error')}:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


@app.command()
def migrate() -> None:
    """Bring the database to this version's shape, and build the marts when there are none."""
    from studium.operations.installation import prepare

    with plain_errors():
        prepare(get_settings(), console)


@app.command()
def up() -> None:
    """Start everything on this machine and stay until Ctrl-C."""
    from studium.operations.installation import serve

    with plain_errors(), serve(get_settings(), console, fill=lambda: None) as watch:
        watch()


@app.command()
def demo() -> None:
    """Start everything with the sample course in it, and print accounts to sign in with."""
    from studium.operations.demo import fill, show
    from studium.operations.installation import serve

    settings = get_settings()
    with plain_errors(), serve(settings, console, fill=lambda: fill(settings, console)) as watch:
        show(settings, console)
        watch()


@imports.command("backup")
def import_backup(path: ExistingPath) -> None:
    """A Moodle course backup (.mbz)."""
    from studium.operations.imports import import_backup as work

    with plain_errors():
        work(_ready(), console, path)


@imports.command("logs")
def import_logs(
    path: ExistingPath, course: CourseOption, timezone: Annotated[str | None, typer.Option()] = None
) -> None:
    """A log report (CSV) or a dump of logstore_standard_log (CSV, Parquet) of one course."""
    from studium.operations.imports import import_logs as work

    with plain_errors():
        try:
            zone = ZoneInfo(timezone) if timezone else None
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{timezone!r} is no time zone; write one like Europe/London") from error
        work(_ready(), console, path, course, zone)


@imports.command("files")
def import_files(path: ExistingPath, course: CourseOption) -> None:
    """Loose files (one, or all of a folder), shown to everyone enrolled in the course."""
    from studium.operations.imports import import_files as work

    with plain_errors():
        work(_ready(), console, path, course)


@moodle.command("check")
def moodle_check() -> None:
    """Say which needed functions the service account's token has; exit 1 when some are missing."""
    from studium.operations.moodle import check

    with plain_errors():
        has_all = check(get_settings(), console)
    raise typer.Exit(0 if has_all else 1)


@moodle.command("approve")
def moodle_approve(course: CourseArgument) -> None:
    """Load a snapshot that waits because much of the course is gone in it."""
    from studium.operations.moodle import approve

    with plain_errors():
        approve(_ready(), console, course)
    console.print(f"{course} is as its Moodle has it, figures included.", highlight=False)


@moodle.command("rotate")
def moodle_rotate() -> None:
    """Encrypt learners' Moodle tokens under the newest of STUDIUM_TOKEN_KEYS; exit 1 when one cannot be opened."""
    from studium.operations.moodle import rotate

    with plain_errors():
        well = rotate(_ready(), console)
    raise typer.Exit(0 if well else 1)


@moodle.command("logs")
def moodle_logs(
    *,
    again: Annotated[bool, typer.Option("--again", help="From the beginning, for a lake that lost days.")] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Read what is new of Moodle's log from its database now, as far as the marts."""
    from studium.operations.logs import pull_now

    with plain_errors():
        account = pull_now(_ready(), console, again=again)
    typer.echo(account.to_json() if form == "json" else account.line)


@app.command()
def sync(
    courses: Annotated[list[str] | None, typer.Argument(help="Short names or keys; none: all that are synced.")] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Sync courses with their Moodle now, wait for the figures, and say what that cost; exit 1 when one went wrong."""
    from studium.operations.moodle import as_json, as_lines
    from studium.operations.moodle import sync as work

    try:
        with plain_errors():
            done = work(_ready(), console, courses or [])
    except typer.Exit:
        if form == "json":  # whoever reads it reads JSON, also when no course could be asked
            typer.echo("[]")
        raise
    typer.echo(as_json(done) if form == "json" else as_lines(done))
    for problem in done.problems:
        console.print(f"[red]Went wrong:[/red] {escape(problem)}", highlight=False)
    raise typer.Exit(1 if done.problems else 0)


@users.command("add")
def user_add(
    email: str,
    name: Annotated[str | None, typer.Option(help="Name to show; the Moodle user's when left out.")] = None,
    moodle_user: Annotated[str | None, typer.Option(help="User name in Moodle, or site:username.")] = None,
    *,
    admin: Annotated[bool, typer.Option("--admin", help="May do and see everything.")] = False,
) -> None:
    """Add an account and print its generated password."""
    from studium.operations.people import add

    with plain_errors():
        typer.echo(add(_ready(), email, name=name, moodle_user=moodle_user, admin=admin))


@users.command("invite")
def user_invite(course: CourseOption) -> None:
    """Print an invitation link for everyone of a course who has no account yet."""
    from studium.operations.people import invite

    with plain_errors():
        for address, link in invite(_ready(), course):
            typer.echo(f"{address}\t{link}")


@users.command("unbind")
def user_unbind(
    email: str,
    site: Annotated[str | None, typer.Option(help="The site; needed where the account is somebody on several.")] = None,
) -> None:
    """Undo that an account is a certain person on a Moodle, and forget the token it has there."""
    from studium.operations.people import unbind

    with plain_errors():
        for learner in unbind(_ready(), email, site):
            typer.echo(learner)


@app.command()
def evaluate(
    course: Annotated[str, typer.Argument(help="Short name of the course, or its key site:course.")] = "CVS201",
    questions: Annotated[
        Path | None, typer.Option(help="A file, one JSON object a line; or `course`: its own.")
    ] = None,
    distractors: Annotated[int, typer.Option(min=0, help="So many passages of other subjects beside the course.")] = 0,
    sources: Annotated[
        list[Path] | None, typer.Option("--distractors-from", exists=True, help="Folder of backups and files.")
    ] = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="table or json")] = "table",
    *,
    misses: Annotated[bool, typer.Option("--misses", help="Name the questions that were not answered well.")] = False,
) -> None:
    """Ask a course its golden questions, and say how well they are found, answered and refused."""
    from studium.operations import evaluate as work

    with plain_errors():
        found = work.evaluate(get_settings(), course, questions, distractors, sources, console)
    if misses:
        work.failures(found.outcomes, lambda line: console.print(line, highlight=False, markup=False))
    if form == "json":
        typer.echo(found.to_json())
    else:
        Console().print(work.as_table(found))


@app.command()
def replay(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what differs; exit 1 when something does.")] = False,
) -> None:
    """Make points, streaks, badges and days anew of what people did, and put right what differs."""
    from studium.operations.replay import run

    with plain_errors():
        well = run(_ready(), console, check=check, moment=datetime.now(UTC))
    raise typer.Exit(1 if check and not well else 0)


@app.command()
def sql(statement: str, form: Annotated[Format, typer.Option("--format", help="table, csv or json")] = "table") -> None:
    """Ask the marts, read-only."""
    from studium.operations import query

    with plain_errors():
        columns, rows = query.ask(get_settings(), statement)
        query.write(columns, rows, form, sys.stdout)


@app.command()
def psql() -> None:
    """Open psql on the installation's database, as its superuser."""
    from studium.database.pool import Role, conninfo
    from studium.operations.installation import psql_program

    with plain_errors():
        os.execv(*psql_program(conninfo(get_settings(), Role.ADMIN)))  # noqa: S606 - no shell is wanted


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation and how to mend it; exit 1 when something is."""
    from studium.operations.doctor import examine

    findings = examine(get_settings())
    for finding in findings:
        console.print(finding.line, highlight=False)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


def _ready() -> Settings:
    """Settings of an installation whose database has this version's shape."""
    from studium.operations.installation import prepare

    settings = get_settings()
    prepare(settings, console)
    return settings


if __name__ == "__main__":
    app()
