"""The embedded server, its roles and its migrations."""

from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings


def test_migrations_are_complete_and_repeatable(settings: Settings) -> None:
    migrate.upgrade(settings)
    assert not migrate.pending(settings)


@pytest.mark.parametrize("role", [Role.API, Role.PIPELINE, Role.READER])
def test_no_working_role_is_superuser_or_owns_what_it_reads(settings: Settings, role: Role) -> None:
    with connect(settings, role) as connection:
        assert connection.execute(
            "select current_user::text, rolsuper, rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone() == (role.value, False, False)
        owned = connection.execute(
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relowner = current_user::regrole and nspname in ('app', 'raw', 'content')"
        )
        assert owned.fetchone() == (0,)


def test_the_reader_sees_no_schema_of_alembic(settings: Settings) -> None:
    with connect(settings, Role.READER) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from app.alembic_version")


def test_identity_ends_with_its_transaction(admin: Connection) -> None:
    admin.commit()
    account = uuid4()
    with acting_as(admin, account):
        assert admin.execute("select app.current_account()").fetchone() == (account,)
    assert admin.execute("select app.current_account()").fetchone() == (None,)
