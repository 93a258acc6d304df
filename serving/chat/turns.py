"""The work of answering in this process: a few turns at a time, whoever waits for them and however many.

Whoever finds a turn that nobody answers hands its conversation in (`take`); that it is answered once is `answering`'s.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event, Lock
from uuid import UUID

import structlog
from psycopg import Connection

from serving.dependencies import STATEMENT_TIMEOUT
from serving.services import Services
from studium.database.pool import assume
from studium.tutor import answering

AT_ONCE = 4
"""More would only wait for the machine's cores, with a connection each."""
PATIENCE_SECONDS = 30
log = structlog.get_logger(__name__)


class Turns:
    """The conversations this process is at."""

    def __init__(self, held: Services) -> None:
        self._held = held
        self._gone = Event()
        self._lock = Lock()
        self._taken: dict[UUID, bool] = {}
        """Whether a conversation was handed in again since somebody looked."""
        self._workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="turn")

    def take(self, session_id: UUID, account_id: UUID) -> None:
        """Answer what waits in a conversation of this account's."""
        with self._lock:
            known = session_id in self._taken
            self._taken[session_id] = known
        if not known:
            self._workers.submit(self._work, session_id, account_id)

    def close(self) -> None:
        """Leave what is not begun, and what has not ended, to other processes."""
        self._gone.set()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _work(self, session_id: UUID, account_id: UUID) -> None:
        connect = partial(self._connect, account_id)
        try:
            while not self._gone.is_set():
                with connect() as connection:
                    claim = answering.claim(connection, session_id, account_id)
                if claim is not None:
                    answering.answer(claim, connect, self._held.means, self._gone.is_set)
                elif not self._again(session_id):
                    return
        except Exception:
            log.exception("conversation_left", session_id=str(session_id))
            with self._lock:
                del self._taken[session_id]

    def _again(self, session_id: UUID) -> bool:
        with self._lock:
            again = self._taken.pop(session_id)
            if again:
                self._taken[session_id] = False
        return again

    @contextmanager
    def _connect(self, account_id: UUID) -> Iterator[Connection]:
        with self._held.pool.connection(timeout=PATIENCE_SECONDS) as connection:
            connection.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'")
            assume(connection, account_id)
            yield connection
