"""An installation with a database of its own, for tests of documents that commit what they do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection, connect, sql
from psycopg.conninfo import make_conninfo

from studium.content.ingest import Report, ingest
from studium.content.intake import waiting
from studium.database import embedded, migrate
from studium.database.pool import Role
from studium.database.pool import connect as connect_as
from studium.settings import Settings
from studium.storage import open_store, put_content

SITE, NUMBER = "content-site", 7
COURSE = f"{SITE}:{NUMBER}"
PARAGRAPH = (
    "Xylem carries water and minerals from the roots to the leaves. It is dead at maturity, and its walls hold lignin. "
    "Water is pulled upwards by the evaporation from the leaves; cohesion keeps the column whole."
)


def open_world(settings: Settings, home: Path, **named: Any) -> Settings:
    """Settings of a new database in the session's server, migrated."""
    server = embedded.start(settings)
    name = f"content_{uuid4().hex[:8]}"
    with connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    world = Settings(home=home, database_url=make_conninfo(server, dbname=name), _env_file=None, **named)
    migrate.upgrade(world)
    return world


class World:
    """What a pipeline process holds of one installation."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = open_store(settings)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with connect_as(self.settings, Role.PIPELINE) as connection:
            yield connection

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(statement, values).fetchall()

    def put_material(self, key: str, data: bytes, **named: Any) -> None:
        """A material of the course, or its new version."""
        values = {
            "site_id": SITE,
            "course_id": NUMBER,
            "cmid": 1,
            "section_id": 1,
            "material_key": key,
            "title": "A page",
            "media_type": "text/html",
            "byte_size": len(data),
            "url": "https://content.example/mod/page/view.php?id=1",
            "object_path": put_content(self.store, "materials", data),
        } | named
        values["content_sha256"] = values["object_path"].rpartition("/")[2]
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
        with self.connect() as connection:
            connection.execute(
                "delete from raw.materials where (site_id, course_id, material_key) = (%s, %s, %s)", [SITE, NUMBER, key]
            )
            connection.execute(
                sql.SQL("insert into raw.materials ({}) values ({})").format(columns, marks), [*values.values()]
            )

    def remove_material(self, key: str) -> None:
        with self.connect() as connection:
            connection.execute("delete from raw.materials where material_key = %s", [key])

    def add_account(self) -> UUID:
        with connect_as(self.settings, Role.ADMIN) as connection:
            row = connection.execute(
                "insert into app.accounts (email, display_name) values (%s, 'Somebody') returning account_id",
                [f"{uuid4().hex}@example.org"],
            ).fetchone()
        assert row is not None
        account: UUID = row[0]
        return account

    def ingest(self, *, course: str | None = COURSE) -> Report:
        with self.connect() as connection:
            found = waiting(connection, course)
        return ingest(self.connect, self.store, self.settings, found, run_id="test")

    def problems(self) -> list[str]:
        """What no moment may show: half a document, or one whose passages lack vectors, words or neighbours."""
        return [row[0] for row in self.rows(HALF)]


HALF = """
select 'ready without chunks: ' || d.document_id from content.documents as d
where d.status = 'ready' and not exists (select from content.chunks as c where c.document_id = d.document_id)
union all
select 'chunk without passages: ' || c.chunk_id from content.chunks as c
where not exists (select from content.passages as p where p.chunk_id = c.chunk_id)
union all
select 'passage without its vector: ' || p.passage_id from content.passages as p
where not exists (
    select from content.vectors as v join content.spaces as s using (space_id)
    where v.passage_id = p.passage_id and s.status = 'active' and v.content_sha256 = p.content_sha256
)
union all
select 'passage without its words: ' || p.passage_id from content.passages as p
where not exists (select from content.lexemes as x where x.passage_id = p.passage_id)
union all
select 'gap before chunk ' || c.position || ' of ' || c.document_id from content.chunks as c
where c.position > 0 and not exists (
    select from content.chunks as b where b.document_id = c.document_id and b.position = c.position - 1
)
"""
