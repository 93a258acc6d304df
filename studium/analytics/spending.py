"""What chat has cost by day, from marts: a course's days for those who teach it, one's own for others."""

from psycopg import Connection
from psycopg.rows import class_row

from studium.wire.tutoring import SpendingDay

MOST_DAYS = 31
OF_COURSE = """
select spending_date as day, currency, turns, learners, tokens_in, tokens_out, spent::float
from marts.fct_course_chat_spending_daily where course_id = %s
order by spending_date desc, currency limit %s
"""
# rows of oneself alone: an admin would read everybody's
OWN = """
select spending_date as day, currency, sum(turns)::bigint as turns, null::bigint as learners,
    sum(tokens_in)::bigint as tokens_in, sum(tokens_out)::bigint as tokens_out, sum(spent)::float as spent
from marts.fct_chat_spending_daily
where course_id = %s and learner_id in (select app.current_learner_ids())
group by spending_date, currency order by spending_date desc, currency limit %s
"""


def days(connection: Connection, course_id: str, *, teaches: bool) -> list[SpendingDay]:
    """The last days on which something was spent."""
    with connection.cursor(row_factory=class_row(SpendingDay)) as cursor:
        return cursor.execute(OF_COURSE if teaches else OWN, [course_id, MOST_DAYS]).fetchall()
