"""What assets are handed: the installation's database, object store and embedder. Thin over studium, nothing clever."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from obstore.store import ObjectStore
from psycopg import Connection

from studium.database.pool import Role, connect
from studium.settings import Settings, get_settings
from studium.storage import open_store


class Studium(dg.ConfigurableResource):  # type: ignore[type-arg]
    """One installation, as the pipeline sees it."""

    @property
    def settings(self) -> Settings:
        """The process's settings; tests override this resource with their own."""
        return get_settings()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction as `studium_pipeline`: committed when the block ends well, rolled back otherwise."""
        with connect(self.settings, Role.PIPELINE) as connection:
            yield connection

    @property
    def store(self) -> ObjectStore:
        """The object store that holds files and the lake."""
        return open_store(self.settings)
