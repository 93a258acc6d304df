"""A course synced over HTTP from the test site into a database of its own: the parts the tests of syncs share."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import ws_help
from moodle_site.edits import Edit, edit
from moodle_site.faults import Proxy
from moodle_site.site import TOKENS, Site
from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from studium.content.intake import withdraw
from studium.database.pool import Role, connect
from studium.moodle.harvest import CourseRecords
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.load import Loaded, load_course
from studium.moodle.snapshots import land, newest_snapshot
from studium.moodle.standing import release
from studium.moodle.sync import Synced, sync_course
from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.exchange import Patience
from studium.moodle.webservice.reader.people import ENROLLED, ONLY_ACTIVE
from studium.settings import Settings
from studium.storage import open_store

QUICK = Patience(attempts=2, first_wait=0.01, longest_wait=0.02, jitter=0.0)


@dataclass
class SyncWorld:
    """An installation and a Moodle."""

    settings: Settings
    site: Site
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """The moment of the last sync; each is a minute after the one before."""
    proxy: Proxy | None = None
    """What stands between the two, if anything does."""
    patience: Patience = QUICK

    @property
    def url(self) -> str:
        """The address of the Moodle, as the installation knows it."""
        return (self.proxy or self.site).url

    @property
    def store(self) -> ObjectStore:
        return open_store(self.settings)

    def course(self, number: int) -> CourseKey:
        return CourseKey(site_id_of(self.url), number)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with connect(self.settings, Role.PIPELINE, autocommit=True) as connection:
            yield connection

    @contextmanager
    def client(self) -> Iterator[MoodleClient]:
        address = check_address(self.url, allow_private=True)
        with MoodleClient(address, SecretStr(TOKENS["service"]), patience=self.patience) as client:
            yield client

    def sync(self, number: int) -> Synced:
        """Ask; the snapshot is registered, not loaded."""
        with self.connect() as connection, self.client() as client:
            self.now += timedelta(minutes=1)
            return sync_course(self.store, connection, client, self.course(number), at=self.now)

    def edit(self, op: str, number: int) -> Edit:
        """Do one of the experiment's edits, half a minute after the last sync."""
        return edit(self.site, op, course=number, at=int((self.now + timedelta(seconds=30)).timestamp()))

    def load(self, number: int) -> Loaded:
        """Land the newest snapshot and load it."""
        records = self.landed(number)
        with connect(self.settings, Role.PIPELINE) as connection, connection.transaction():
            loaded = load_course(connection, records)
            if loaded.moves_permission:
                withdraw(connection, self.course(number))
            release(connection, self.course(number))
        return loaded

    def landed(self, number: int) -> CourseRecords:
        with self.connect() as connection:
            return land(connection, self.store, newest_snapshot(connection, self.course(number)))

    def asked(self) -> Counter[str]:
        """The functions the site was asked since this was looked at last."""
        functions = (request.function for request in self.site.requests)
        made = Counter("file" if "/pluginfile.php/" in function else function for function in functions)
        self.site.requests.clear()
        return made

    def rows(self, table: str, number: int, columns: str = "*") -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            statement = SQL("select " + columns + " from raw.{} where site_id = %s and course_id = %s")
            found = connection.execute(statement.format(Identifier(table)), list(self.course(number)))
            return sorted(found.fetchall(), key=repr)

    def standing(self, number: int) -> dict[str, Any]:
        with self.connect() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            cursor.execute("select * from app.course_sync where course_id = %s", [str(self.course(number))])
            return cursor.fetchone() or {}


def tell_what_was_not_recorded(site: Site) -> None:
    """PHA203's two answers that were not recorded, as its backup has them (`ws_help.answers_of_pha`)."""
    answers = ws_help.answers_of_pha()
    for function, params in (
        ("core_courseformat_get_state", {"courseid": 4}),
        (ENROLLED, {"courseid": 4, "options": list(ONLY_ACTIVE)}),
    ):
        site.recordings.add(function, "service", answers.get(function, **params), **params)


def written(loaded: Loaded) -> dict[str, tuple[int, int]]:
    """What a load wrote and removed, by table; the course's own row says which snapshot it is of, and is left out."""
    return {
        table: (change.written, change.removed)
        for table, change in loaded.changes.items()
        if table != "courses" and (change.written or change.removed)
    }
