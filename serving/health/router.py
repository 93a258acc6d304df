"""Whether the process lives, and whether it can be of use. Asked by machines, without credentials."""

from typing import Literal

import psycopg
import psycopg_pool
from fastapi import APIRouter, Response

from serving.dependencies import Held
from serving.services import Services
from studium.wire.base import Wire

router = APIRouter(tags=["machines"])
Check = Literal["ok", "failed"]


class Health(Wire):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Readiness(Wire):
    """Each thing a request needs."""

    status: Literal["ready", "not_ready"]
    database: Check
    migrations: Check
    marts: Check
    model: Check


@router.get("/health")
def health() -> Health:
    """Answers as long as the process does."""
    return Health()


@router.get("/ready", responses={503: {"model": Readiness}})
def ready(held: Held, response: Response) -> Readiness:
    """Whether requests can be served: database, migrations, marts, model."""
    checks = _database(held) | {"model": held.embedder_is_ready}
    if not all(checks.values()):
        response.status_code = 503
    words: dict[str, Check] = {name: "ok" if good else "failed" for name, good in checks.items()}
    return Readiness(status="ready" if all(checks.values()) else "not_ready", **words)


def _database(held: Services) -> dict[str, bool]:
    try:
        with held.pool.connection(timeout=2) as connection:
            version = connection.execute("select version_num from app.alembic_version").fetchone()
            marts = connection.execute(
                "select exists (select from pg_catalog.pg_tables "
                "where schemaname = 'marts' and tablename = 'dim_courses')"
            ).fetchone()
    except (psycopg.Error, psycopg_pool.PoolTimeout):
        return {"database": False, "migrations": False, "marts": False}
    return {"database": True, "migrations": version == (held.migration,), "marts": marts == (True,)}
