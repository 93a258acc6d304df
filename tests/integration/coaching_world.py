"""The two recorded courses with their quizzes, served in this process to students who are coached in them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from starlette.testclient import TestClient

from studium import warehouse
from studium.accounts.secrets import open_keys
from studium.accounts.tokens import start_family
from studium.client import Client
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings
from tests.integration.real_courses import bring_quizzes, bring_texts

SITE = "test-site"
CVS201, PHA203 = f"{SITE}:2", f"{SITE}:4"
MOCK_EXAM, SECOND_QUIZ = 3, 2
"""Quizzes of CVS201: the mock exam draws from the questions of electrophysiology, two attempts at it were left open."""
STUDENTS = {"student": "s2026107", "sitting": "s2026127", "other": "s2026119"}
"""Both the latter have an attempt at the mock exam in progress."""


@dataclass
class CoachingWorld:
    """An installation, its API, and who is who."""

    settings: Settings
    api: TestClient
    accounts: dict[str, UUID]

    def client(self, name: str) -> Client:
        account_id = self.accounts[name]
        with connect(self.settings, Role.API) as connection, acting_as(connection, account_id):
            pair = start_family(connection, open_keys(self.settings), account_id, datetime.now(UTC))
        return Client(http=self.api, access_token=pair.access_token)

    def raw(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connect(self.settings, Role.ADMIN) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def build(settings: Settings) -> dict[str, UUID]:
    """Migrate, fill and build; the students' accounts."""
    migrate.upgrade(settings)
    bring_texts(settings, [2, 4], SITE)
    bring_quizzes(settings, [2, 4], SITE)
    warehouse.build(settings, "--resource-types", "model", "seed")
    with connect(settings, Role.ADMIN) as connection:
        return {name: _account(connection, username) for name, username in STUDENTS.items()}


def _account(connection: Connection, username: str) -> UUID:
    row = connection.execute(
        "insert into app.accounts (email, display_name) values (%s, %s) returning account_id",
        [f"{username}@example.test", username],
    ).fetchone()
    assert row is not None
    account_id: UUID = row[0]
    connection.execute(
        "insert into app.moodle_links (site_id, moodle_user_id, account_id) "
        "select site_id, user_id, %s from raw.users where username = %s and site_id = %s",
        [account_id, username, SITE],
    )
    return account_id
