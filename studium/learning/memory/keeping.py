"""A learner's reviews out of the database, and what was fitted to them into it; done by the pipeline."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from studium.learning.memory.fitting import LEAST_TESTED
from studium.learning.memory.fsrs6 import DEFAULTS, Floats, Parameters
from studium.learning.memory.log import Log, Review
from studium.learning.memory.promotion import Trial, try_fit
from studium.learning.scheduling import VERSIONS
from studium.wire.plan import Memory, MemoryFit

REVIEWS = """
select r.card_id, r.reviewed_at, r.rating, r.duration_ms
from app.card_reviews as r
where r.account_id = %s and r.undone_at is null
"""
KEEP_FIT = """
insert into app.memory_fits (account_id, verdict, reviews, tested, judged_from, in_use, parameters, before, after, gain,
                             scheduler_version, fitted_at, run_id)
values (%(account)s, %(verdict)s, %(reviews)s, %(tested)s, %(judged_from)s, %(in_use)s, %(parameters)s, %(before)s,
        %(after)s, %(gain)s, %(version)s, %(moment)s, %(run)s)
"""
PROMOTE = """
insert into app.memory_parameters (account_id, parameters, scheduler_version, fitted_at, run_id)
values (%(account)s, %(parameters)s, %(version)s, %(moment)s, %(run)s)
on conflict (account_id) do update
set parameters = excluded.parameters, scheduler_version = excluded.scheduler_version, fitted_at = excluded.fitted_at,
    run_id = excluded.run_id
"""
# Those who have a tenth more reviews than at the last fit, and at least a few.
DUE = """
with now as (
    select r.account_id, count(*) as reviews from app.card_reviews as r where r.undone_at is null group by r.account_id
),

last as (
    select distinct on (f.account_id) f.account_id, f.reviews from app.memory_fits as f
    order by f.account_id, f.fitted_at desc
)

select n.account_id::text
from now as n
left join last as l on n.account_id = l.account_id
where n.reviews >= %(least)s and n.reviews >= coalesce(l.reviews, 0) * 1.1
order by n.account_id
"""
LAST = """
select f.verdict, f.reviews, f.tested, f.judged_from, f.before, f.after, f.gain, f.fitted_at
from app.memory_fits as f where f.account_id = %s order by f.fitted_at desc limit 1
"""


def read_log(connection: Connection, account_id: UUID) -> tuple[Log, Floats, list[UUID]]:
    """A learner's reviews, the seconds each took (or not a number), and the cards in the order of their numbers."""
    rows = connection.execute(REVIEWS, [account_id]).fetchall()
    rows.sort(key=lambda row: (row[0], row[1]))
    log = Log.of(Review(card, moment, rating) for card, moment, rating, _ in rows)
    seconds = np.array([np.nan if row[3] is None else row[3] / 1000 for row in rows], dtype=float)
    return log, seconds, list(dict.fromkeys(row[0] for row in rows))


def in_use(connection: Connection, account_id: UUID) -> Parameters:
    """The parameters by which a learner's cards are scheduled."""
    query = "select parameters from app.memory_parameters where account_id = %s"
    row = connection.execute(query, [account_id]).fetchone()
    return tuple(row[0]) if row else DEFAULTS


def fit_learner(connection: Connection, account_id: UUID, moment: datetime, run_id: str | None = None) -> Trial:
    """Fit to a learner's reviews, keep what came of it, and put it in use if it is better."""
    log, _, _ = read_log(connection, account_id)
    now = in_use(connection, account_id)
    # the same reviews are judged the same way, whoever fits them again
    trial = try_fit(log, now, np.random.default_rng([account_id.int % 2**32, len(log)]))
    facts: dict[str, Any] = {
        "account": account_id,
        "verdict": trial.verdict,
        "reviews": len(log),
        "tested": trial.tested,
        "judged_from": None if trial.judged_from is None else datetime.fromtimestamp(trial.judged_from, UTC),
        "in_use": list(now),
        "parameters": None if trial.parameters is None else list(trial.parameters),
        **{name: _json(getattr(trial, name)) for name in ("before", "after", "gain")},
        "version": VERSIONS["fsrs"],
        "moment": moment,
        "run": run_id,
    }
    connection.execute(KEEP_FIT, facts)
    if trial.verdict == "promoted":
        connection.execute(PROMOTE, facts)
    return trial


def due(connection: Connection) -> list[str]:
    """The learners to whom it is worth fitting again."""
    return [account for (account,) in connection.execute(DUE, {"least": LEAST_TESTED})]


def read(connection: Connection, account_id: UUID) -> Memory:
    """By which parameters somebody's cards are scheduled, and why."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(LAST, [account_id]).fetchone()
    own = connection.execute("select from app.memory_parameters where account_id = %s", [account_id]).fetchone()
    fit = MemoryFit.model_validate({**row, "needed": LEAST_TESTED}) if row else None
    return Memory(model="usual" if own is None else "own", last_fit=fit)


def _json(part: Any) -> Jsonb | None:
    return None if part is None else Jsonb(asdict(part))
