"""What a serving process holds for as long as it lives: connections, keys, the store, the model.

Opened by the application's start and closed by its end. Anything that belongs to one request is in `dependencies`.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from obstore.store import ObjectStore
from psycopg_pool import ConnectionPool

from serving.limits import Limiter
from serving.telemetry import Telemetry
from studium.accounts.sealing import Seal, open_seal
from studium.accounts.secrets import Keys, open_keys
from studium.database import migrate
from studium.database.pool import Role, open_pool
from studium.settings import Settings
from studium.storage import open_store
from studium.tutor.chain import Means
from studium.tutor.models import Models, open_models

if TYPE_CHECKING:
    from studium.content.embed import Embedder


@dataclass
class Services:
    """One process's share of an installation."""

    settings: Settings
    pool: ConnectionPool
    keys: Keys
    seal: Seal = field(repr=False)
    store: ObjectStore
    limiter: Limiter
    telemetry: Telemetry
    migration: str | None
    models: Models | None = field(repr=False)
    _embedder: "Future[Embedder]" = field(repr=False)

    @property
    def embedder(self) -> "Embedder":
        """The model; the first questions after a start wait for it."""
        return self._embedder.result(timeout=60)

    @property
    def means(self) -> Means:
        """What the tutor answers with."""
        return Means(self.embedder, self.models)

    @property
    def embedder_is_ready(self) -> bool:
        """Whether the model is open, without waiting for it."""
        return self._embedder.done() and self._embedder.exception() is None


@contextmanager
def open_services(settings: Settings, limiter: Limiter, telemetry: Telemetry) -> Iterator[Services]:
    """Open everything; the model opens in the background, because it takes a second that `/health` need not wait."""
    warmer = ThreadPoolExecutor(1, thread_name_prefix="embedder")
    pool = open_pool(settings, Role.API)
    try:
        telemetry.watch(pool)
        yield Services(
            settings=settings,
            pool=pool,
            keys=open_keys(settings),
            seal=open_seal(settings),
            store=open_store(settings),
            limiter=limiter,
            telemetry=telemetry,
            migration=migrate.head(),
            models=open_models(settings),
            _embedder=warmer.submit(_warm, settings),
        )
    finally:
        warmer.shutdown(wait=True, cancel_futures=True)
        pool.close()


def _warm(settings: Settings) -> "Embedder":
    from studium.content.embed import open_embedder

    embedder = open_embedder(settings)
    embedder.embed_query("warm")
    return embedder
