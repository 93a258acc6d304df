"""The two recorded courses and their logs in `raw`, and marts built from them by dbt."""

import tempfile
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Connection

from studium import warehouse
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.moodle.activity import Course, roll_up
from studium.moodle.activity_load import KEYS, load_imports, load_table
from studium.moodle.intake import land_backup, newest_backup, register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.load import load_course
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.lake import fetch_events, land
from studium.moodle.logs.register import register_log
from studium.settings import Settings
from studium.storage import open_store

ROOT = Path(__file__).parents[2]
SITE = "127-0-0-1-8088"
CVS201, PHA203 = CourseKey(SITE, 2), CourseKey(SITE, 4)
LONDON = ZoneInfo("Europe/London")
BACKUPS = (
    ROOT / "examples/cvs201/backup-moodle2-course-2-cvs201-20261122-0135.mbz",
    ROOT / "tests/data/moodle/backup-moodle2-course-4-pha203-20261122-0136.mbz",
)
LOG = ROOT / "tests/data/moodle/mdl_logstore_standard_log.parquet"


def build_world(settings: Settings) -> None:
    """Migrate, land both courses with their logs, build the marts."""
    migrate.upgrade(settings)
    with connect(settings, Role.PIPELINE) as connection:
        for backup in BACKUPS:
            land_course(settings, connection, backup)
    warehouse.build(settings)


def land_course(settings: Settings, connection: Connection, backup: Path) -> None:
    """One course's rows and its part of the log, as the pipeline lands them."""
    store = open_store(settings)
    course = register_backup(store, connection, backup)
    connection.execute("update raw.sites set timezone = %s where site_id = %s", [LONDON.key, course.site_id])
    load_course(connection, land_backup(store, newest_backup(connection, course)))
    register_log(store, connection, LOG, course)
    landed = land(store, connection, course)
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
        roll_up(engine, fetch_events(store, course, Path(folder)), Course(*course, LONDON))
        for table in KEYS:
            load_table(engine, connection, table, course, Path(folder))
    load_imports(connection, course, landed.imports)


def add_account(connection: Connection, name: str, *moodle_users: int, is_admin: bool = False) -> UUID:
    """An account tied to people of the site."""
    row = connection.execute(
        "insert into app.accounts (email, display_name, is_admin) values (%s, %s, %s) returning account_id",
        [f"{name}@example.test", name, is_admin],
    ).fetchone()
    assert row is not None
    for user in moodle_users:
        connection.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
            [SITE, user, row[0]],
        )
    account_id: UUID = row[0]
    return account_id
