"""`studium doctor`: what is wrong with an installation, and how to mend it. It looks and never changes anything."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from studium import work
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.moodle.logs.database import LogDatabase, MoodleDatabaseError
from studium.operations.installation import has_marts
from studium.settings import Settings
from studium.storage import get, open_store, put

FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, and what to do when it is not well (`mend`)."""

    name: str
    state: str
    well: bool = True
    mend: str = ""

    @property
    def line(self) -> str:
        """The finding as a line for the terminal."""
        mark = "[green]ok[/green] " if self.well else "[red]bad[/red]"
        return f"{mark} {self.name}: {self.state}" + (f"\n     {self.mend}" if self.mend else "")


def examine(settings: Settings) -> list[Finding]:
    """Every finding; a check that itself fails is a finding too."""
    findings: list[Finding] = []
    for check in (_disk, _storage, _database, _schema, _marts, _model, _tesseract, _moodle_logs, _requests):
        try:
            findings.extend(check(settings))
        except Exception as error:
            findings.append(Finding(check.__name__.strip("_"), f"{type(error).__name__}: {error}", well=False))
            if isinstance(error, psycopg.OperationalError):
                break  # everything after it asks the same database
    return findings


Check = Callable[[Settings], Iterator[Finding]]


def _disk(settings: Settings) -> Iterator[Finding]:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    state = f"{free / 1024**3:.1f} GB free at {settings.home}"
    yield Finding(
        "disk", state, free > FREE_BYTES, "" if free > FREE_BYTES else "Free some space, or move STUDIUM_HOME."
    )


def _storage(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings)
    put(store, "doctor/probe", b"studium")
    well = get(store, "doctor/probe") == b"studium"
    yield Finding("object store", settings.storage, well, "" if well else "Check STUDIUM_STORAGE_URL and its rights.")


def _database(settings: Settings) -> Iterator[Finding]:
    where = "embedded" if settings.database_url is None else "STUDIUM_DATABASE_URL"
    with connect(settings, Role.ADMIN) as connection:
        server = connection.execute("show server_version").fetchone()
        vector = connection.execute(
            "select default_version from pg_available_extensions where name = 'vector'"
        ).fetchone()
    yield Finding("database", f"PostgreSQL {server and server[0]} ({where})")
    version = vector[0] if vector else "missing"
    well = vector is not None and tuple(int(part) for part in version.split(".")[:2]) >= (0, 8)
    yield Finding("pgvector", version, well, "" if well else "Install pgvector 0.8 or later on the database server.")


def _schema(settings: Settings) -> Iterator[Finding]:
    missing = migrate.pending(settings)
    state = "behind this version" if missing else "this version's"
    yield Finding("schema", state, not missing, "Run `studium migrate`." if missing else "")


def _marts(settings: Settings) -> Iterator[Finding]:
    there = has_marts(settings)
    yield Finding("marts", "built" if there else "not built", there, "" if there else "Run `studium migrate`.")


def _model(settings: Settings) -> Iterator[Finding]:
    from studium.content.embed import open_embedder

    space = open_embedder(settings).space
    yield Finding("embeddings", f"{space.model}, {space.dimension} dimensions, version {space.version[:12]}")


def _tesseract(_: Settings) -> Iterator[Finding]:
    found = shutil.which("tesseract")
    hint = "" if found else "Optional: without it, scanned pages and pictures of text end as `no_text`."
    yield Finding("tesseract", found or "not installed", mend=hint)


def _moodle_logs(settings: Settings) -> Iterator[Finding]:
    if settings.moodle_database_url is None:
        return
    try:
        with LogDatabase.open(settings.moodle_database_url) as database:
            state = f"{database.server}, newest row {database.newest()}"
    except MoodleDatabaseError as error:
        mend = "Check STUDIUM_MOODLE_DATABASE_URL, and that its account may read logstore_standard_log."
        yield Finding("Moodle's log", str(error), well=False, mend=mend)
        return
    with connect(settings, Role.PIPELINE) as connection:
        row = connection.execute("select max(last_id) from raw.log_stores").fetchone()
    yield Finding("Moodle's log", f"{state}, read up to {(row and row[0]) or 'nothing yet'}")


def _requests(settings: Settings) -> Iterator[Finding]:
    with connect(settings, Role.PIPELINE) as connection:
        lives = work.runner_lives(connection)
        row = connection.execute(
            "select count(*) filter (where status = 'queued'), count(*) filter (where status = 'failed' "
            "and finished_at > now() - interval '1 day') from app.work_requests"
        ).fetchone()
    queued, failed = row or (0, 0)
    state = f"{queued} waiting, {failed} failed in the last day, runner {'up' if lives else 'not running'}"
    stuck = bool(queued) and not lives
    yield Finding("work", state, not stuck, "Nobody takes the work: run `studium up`." if stuck else "")
