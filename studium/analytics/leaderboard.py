"""A leaderboard as one who is in the course sees it, from marts. Nobody's learner id leaves this module."""

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.accounts.secrets import Keys
from studium.motivation import membership
from studium.motivation.rules import CARD_XP, HARD_XP, QUESTION_XP
from studium.wire.analytics import Leaderboard, LeaderboardEntry, Period, PointRule

FIRST = 3
NEIGHBOURS = 2
COURSE = (
    "select as_of_at, date_trunc('week', as_of_date)::date as week_start, null::integer as half_life_days "
    "from marts.dim_courses where course_id = %(course)s"
)
ENTRIES = """
with totals as (
    select learner_id, pseudonym, as_of_at, week_start, half_life_days, case %(period)s
        when 'week' then week_points when 'course' then league_points else points end::double precision as points
    from marts.leaderboard where course_id = %(course)s
),
ranked as (
    select row_number() over (order by points desc, pseudonym) as position, rank() over (order by points desc) as rank,
           pseudonym, points, learner_id in (select app.current_learner_ids()) as is_me, count(*) over () as members,
           as_of_at, week_start, half_life_days
    from totals
)
select * from ranked
where position <= %(first)s
   or position in (
       select mine.position + near
       from ranked as mine, generate_series(-%(neighbours)s::integer, %(neighbours)s) as near
       where mine.is_me
   )
order by position
"""
ACTS = (
    PointRule(verb="answered", object_type="flashcard", points=CARD_XP),
    PointRule(verb="answered", object_type="question", points=QUESTION_XP, most=QUESTION_XP + HARD_XP),
)
RULES = "select verb, object_type, points from marts.point_rules order by points, verb, object_type"


def read_leaderboard(connection: Connection, keys: Keys, course_id: str, period: Period) -> Leaderboard | None:
    """The first and the bound account's neighbours, by the points of a period; `None` without a course."""
    where = {"course": course_id, "period": period, "first": FIRST, "neighbours": NEIGHBOURS}
    with connection.cursor(row_factory=dict_row) as cursor:
        course = cursor.execute(COURSE, where).fetchone()
        if course is None:
            return None
        ranks = cursor.execute(ENTRIES, where).fetchall()
    with connection.cursor(row_factory=class_row(PointRule)) as cursor_of_rules:
        rules = cursor_of_rules.execute(RULES).fetchall()
    mine = membership.read(connection, keys, course_id)
    board = ranks[0] if ranks else course
    half_life = board["half_life_days"] if period == "course" else None
    own = next((row["points"] for row in ranks if row["is_me"]), None)
    return Leaderboard(
        course_id=course_id,
        period=period,
        as_of=board["as_of_at"],
        week_start=board["week_start"] if period == "week" else None,
        opted_in=mine is not None and mine.is_member,
        my_pseudonym=mine.pseudonym if mine else None,
        members=ranks[0]["members"] if ranks else 0,
        half_life_days=half_life,
        next_day_points=round(own * 0.5 ** (1 / half_life), 2) if half_life and own is not None else None,
        entries=[LeaderboardEntry(**{name: row[name] for name in LeaderboardEntry.model_fields}) for row in ranks],
        rules=[*rules, *ACTS],
    )
