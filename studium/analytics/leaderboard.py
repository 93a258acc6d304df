"""A leaderboard as one who is in the course sees it, from marts. Nobody's learner id leaves this module."""

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.accounts.secrets import Keys
from studium.motivation import membership
from studium.wire.analytics import Leaderboard, LeaderboardEntry, Period

MOST = 100
COURSE = (
    "select as_of_at as as_of, date_trunc('week', as_of_date)::date as week from marts.dim_courses where course_id = %s"
)
ENTRIES = """
with totals as (
    select learner_id, pseudonym, sum(points) as points
    from marts.leaderboard_weekly
    where course_id = %(course)s and (%(week)s::date is null or week_start = %(week)s)
    group by learner_id, pseudonym
),
ranked as (
    select rank() over (order by points desc) as rank, pseudonym, points,
           learner_id in (select app.current_learner_ids()) as is_me
    from totals
)
select * from ranked where rank <= %(most)s or is_me order by rank, pseudonym limit %(most)s + 1
"""


def read_leaderboard(connection: Connection, keys: Keys, course_id: str, period: Period) -> Leaderboard | None:
    """The leaderboard of the data's last week, or of all time; `None` when there is no such course."""
    with connection.cursor(row_factory=dict_row) as cursor:
        course = cursor.execute(COURSE, [course_id]).fetchone()
    if course is None:
        return None
    week = course["week"] if period == "week" else None
    with connection.cursor(row_factory=class_row(LeaderboardEntry)) as ranks:
        entries = ranks.execute(ENTRIES, {"course": course_id, "week": week, "most": MOST}).fetchall()
    mine = membership.read(connection, keys, course_id)
    return Leaderboard(
        course_id=course_id,
        period=period,
        as_of=course["as_of"],
        week_start=week,
        opted_in=mine is not None and mine.is_member,
        my_pseudonym=mine.pseudonym if mine else None,
        entries=entries,
    )
