"""A small Moodle site written straight into `raw`, with one passage in each place: for tests of who sees what."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from studium.database.pool import assume

SITE = "test-site"
COURSE = 1
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORD = "needle"


def insert(connection: Connection, table: str, **values: Any) -> None:
    """One row into raw."""
    columns = sql.SQL(", ").join(map(sql.Identifier, values))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
    statement = sql.SQL("insert into raw.{} ({}) values ({})").format(sql.Identifier(table), columns, marks)
    connection.execute(statement, list(values.values()))


def add_document(connection: Connection, **values: Any) -> UUID:
    """A document with one passage that holds WORD, indexed."""
    values = {"source": "moodle", "title": "A page", "status": "ready"} | values
    columns = sql.SQL(", ").join(map(sql.Identifier, values))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
    statement = sql.SQL("insert into content.documents ({}) values ({}) returning document_id").format(columns, marks)
    document_id: UUID = connection.execute(statement, list(values.values())).fetchone()[0]
    text = f"The {WORD} lies here."
    row = connection.execute(
        "insert into content.chunks (document_id, position, text, token_count, content_sha256) "
        "values (%s, 0, %s, 5, 'x') returning chunk_id",
        [document_id, text],
    ).fetchone()
    connection.execute(
        "insert into content.passages (chunk_id, document_id, position, text, content_sha256, token_count, "
        "start_offset, end_offset) values (%s, %s, 0, %s, 'x', 5, 0, %s)",
        [row[0], document_id, text, len(text)],
    )
    connection.execute("select content.index_document(%s)", [document_id])
    return document_id


@dataclass
class Site:
    """One course with one section to begin with; everything else is added."""

    connection: Connection
    numbers: count = field(default_factory=lambda: count(100))

    def __post_init__(self) -> None:
        self.add_course(COURSE)
        self.section = self.add_section()

    def add_course(self, course_id: int, **values: Any) -> None:
        defaults = {
            "site_id": SITE, "course_id": course_id, "shortname": "C", "fullname": "C", "is_visible": True,
            "group_mode": 0, "group_mode_forced": False, "completion_enabled": True,
            "backup_sha256": "x", "backup_at": NOW,
        }  # fmt: skip
        insert(self.connection, "courses", **defaults | values)

    def add_section(self, **values: Any) -> int:
        number = next(self.numbers)
        defaults = {"course_id": COURSE, "number": number, "is_visible": True, "sequence": []}
        insert(self.connection, "sections", site_id=SITE, section_id=number, **self._plain(defaults | values))
        return number

    def add_module(self, *, indexed: bool = True, **values: Any) -> int:
        cmid = next(self.numbers)
        defaults = {
            "course_id": COURSE, "section_id": self.section, "modname": "page", "name": f"Page {cmid}",
            "position": cmid, "is_visible": True, "is_visible_on_page": True, "group_mode": 0, "completion_mode": 1,
            "url": "http://example.test",
        }  # fmt: skip
        insert(self.connection, "modules", site_id=SITE, cmid=cmid, **self._plain(defaults | values))
        if indexed:
            keys = {"course_id": f"{SITE}:{values.get('course_id', COURSE)}", "module_id": f"{SITE}:{cmid}"}
            add_document(self.connection, **keys, material_key=f"page:{cmid}")
        return cmid

    def add_person(self, archetype: str | None = "student", *, course_id: int = COURSE, **enrolment: Any) -> UUID:
        """An account tied to a new Moodle user, enrolled in the course in a role."""
        user_id = next(self.numbers)
        insert(self.connection, "users", site_id=SITE, user_id=user_id, is_deleted=False, seen_at=NOW, department="Med")
        self.enrol(user_id, archetype, course_id=course_id, **enrolment)
        return self.add_account(user_id)

    def enrol(self, user_id: int, archetype: str | None, *, course_id: int = COURSE, **values: Any) -> None:
        number = next(self.numbers)
        defaults = {"enrolment_id": number, "method": "manual", "status": 0, "method_status": 0}
        here = {"site_id": SITE, "course_id": course_id, "user_id": user_id}
        insert(self.connection, "enrolments", **here, **defaults | values)
        if archetype:
            role = {"assignment_id": number, "role_id": 5, "role": archetype, "archetype": archetype}
            insert(self.connection, "role_assignments", **here, **role)

    def add_account(self, user_id: int | None = None, *, is_admin: bool = False) -> UUID:
        name = f"account{next(self.numbers)}@example.test"
        account_id: UUID = self.connection.execute(
            "insert into app.accounts (email, display_name, is_admin) values (%s, %s, %s) returning account_id",
            [name, name, is_admin],
        ).fetchone()[0]
        if user_id is not None:
            self.connection.execute(
                "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
                [SITE, user_id, account_id],
            )
        return account_id

    def user_of(self, account: UUID) -> int:
        row = self.connection.execute("select moodle_user_id from app.moodle_links where account_id = %s", [account])
        user_id: int = row.fetchone()[0]
        return user_id

    def add_group(self, *members: UUID, grouping_id: int | None = None) -> int:
        group_id = next(self.numbers)
        for member in members:
            insert(
                self.connection, "group_members",
                site_id=SITE, course_id=COURSE, group_id=group_id, user_id=self.user_of(member),
            )  # fmt: skip
        if grouping_id:
            insert(
                self.connection, "grouping_groups",
                site_id=SITE, course_id=COURSE, grouping_id=grouping_id, group_id=group_id,
            )  # fmt: skip
        return group_id

    @staticmethod
    def _plain(values: dict[str, Any]) -> dict[str, Any]:
        return {
            key: json.dumps(value) if key == "availability" and value is not None else value
            for key, value in values.items()
        }


def documents_seen(connection: Connection, account: UUID | None, as_of: datetime = NOW) -> set[UUID]:
    """What the account sees, by search and by policy; that both agree is part of the test."""
    with connection.transaction(force_rollback=True):
        connection.execute("set local role studium_api")
        assume(connection, account, as_of)
        found = connection.execute(
            "select document_id from content.search(null, null, %s, wanted => 10000, depth => 10000)", [WORD]
        ).fetchall()
        selected = connection.execute("select document_id from content.documents").fetchall()
        passages = connection.execute("select document_id from content.passages").fetchall()
        chunks = connection.execute("select document_id from content.chunks").fetchall()
    assert set(found) == set(selected) == set(passages) == set(chunks)
    return {row[0] for row in found}


def modules_seen(connection: Connection, account: UUID | None, as_of: datetime = NOW) -> set[int]:
    """The cmids of what the account sees."""
    seen = documents_seen(connection, account, as_of)
    rows = connection.execute("select document_id, module_id from content.documents where module_id is not null")
    return {int(module_id.rpartition(":")[2]) for document_id, module_id in rows if document_id in seen}
