"""A leaderboard as one who is in the course sees it, from marts. Nobody's learner id leaves this module."""

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.accounts.secrets import Keys
from studium.motivation import membership
from studium.wire.analytics import Leaderboard, LeaderboardEntry, Period, PointRule

FIRST = 3
NEIGHBOURS = 2
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
    select row_number() over (order by points desc, pseudonym) as position, rank() over (order by points desc) as rank,
           pseudonym, points, learner_id in (select app.current_learner_ids()) as is_me, count(*) over () as members
    from totals
)
select * from ranked
where position <= %(first)s
   or exists (select from ranked as mine where mine.is_me and abs(mine.position - ranked.position) <= %(neighbours)s)
order by position
"""
RULES = "select verb, object_type, points from marts.point_rules order by points, verb, object_type"


def read_leaderboard(connection: Connection, keys: Keys, course_id: str, period: Period) -> Leaderboard | None:
    """The first and the bound account's neighbours, of the data's last week or of all time; `None` without a course."""
    with connection.cursor(row_factory=dict_row) as cursor:
        course = cursor.execute(COURSE, [course_id]).fetchone()
    if course is None:
        return None
    week = course["week"] if period == "week" else None
    where = {"course": course_id, "week": week, "first": FIRST, "neighbours": NEIGHBOURS}
    with connection.cursor(row_factory=dict_row) as cursor:
        ranks = cursor.execute(ENTRIES, where).fetchall()
    with connection.cursor(row_factory=class_row(PointRule)) as cursor_of_rules:
        rules = cursor_of_rules.execute(RULES).fetchall()
    mine = membership.read(connection, keys, course_id)
    return Leaderboard(
        course_id=course_id,
        period=period,
        as_of=course["as_of"],
        week_start=week,
        opted_in=mine is not None and mine.is_member,
        my_pseudonym=mine.pseudonym if mine else None,
        members=ranks[0]["members"] if ranks else 0,
        entries=[LeaderboardEntry(**row) for row in ranks],
        rules=rules,
    )
