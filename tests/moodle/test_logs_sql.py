"""What is said to a MySQL or MariaDB: compiled by SQLAlchemy's own dialects, since no such server is at hand here."""

import pytest
from sqlalchemy.dialects.mysql.base import MySQLDialect
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.dialects.postgresql.base import PGDialect

from studium.moodle.logs.database import batch, log_table, session_statements


@pytest.mark.parametrize("dialect", [MySQLDialect(), MariaDBDialect(), PGDialect()])
def test_a_batch_is_a_plain_select_by_id(dialect):
    said = str(batch(log_table("m45_"), 7, 90, 50).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    assert " ".join(said.split()).endswith(
        "FROM m45_logstore_standard_log WHERE m45_logstore_standard_log.id > 7 AND m45_logstore_standard_log.id <= 90 "
        "ORDER BY m45_logstore_standard_log.id LIMIT 50"
    )
    assert "other" not in said


@pytest.mark.parametrize(
    ("dialect", "limit"),
    [
        (MySQLDialect(), "set session max_execution_time = 60000"),
        (MariaDBDialect(), "set session max_statement_time = 60"),
    ],
)
def test_a_session_reads_only_and_has_a_limit(dialect, limit):
    assert session_statements(dialect) == ["set session transaction read only", limit]
