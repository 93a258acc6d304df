"""Entry of Alembic: a transaction for each revision, version table in `app`, no metadata (SQL is written by hand)."""

from alembic import context
from psycopg import connect
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

LOCK = 7_318_219

engine = create_engine(
    "postgresql+psycopg://", creator=lambda: connect(context.config.attributes["conninfo"]), poolclass=NullPool
)
with engine.connect() as connection:
    connection.execute(text(f"select pg_advisory_lock({LOCK})"))
    connection.execute(text("create schema if not exists app"))
    connection.commit()
    context.configure(connection=connection, version_table_schema="app", transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
