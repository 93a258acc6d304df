"""Addresses under which one's calendar is read, and what it says there. An address is told once and can be ended."""

from datetime import date, datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from studium.accounts.secrets import fingerprint, new_token
from studium.days import local_day
from studium.learning.calendar import Entry, due_entries, plan_entries, render
from studium.learning.study_settings import terms_of
from studium.wire.card_files import CalendarFeed
from studium.wire.plan import Outlook

MOST = 5
LIST = "select feed_id, created_at, last_read_at from app.calendar_feeds where account_id = %s order by created_at"
DUE = """
select (greatest(c.due_at, c.buried_until::timestamp at time zone %(zone)s) at time zone %(zone)s)::date, count(*)
from app.cards as c
where c.account_id = %(account)s and c.due_at is not null and c.deleted_at is null and c.suspended_at is null
group by 1
"""
EXAMS = """
select s.course_id, s.target_exam_date, p.plan
from app.study_settings as s
left join app.study_plans as p
    on s.account_id = p.account_id and s.course_id = p.course_id and s.target_exam_date = p.target_exam_date
where s.account_id = %(account)s and s.target_exam_date >= %(today)s and s.course_id <> ''
order by s.target_exam_date, s.course_id
"""
TITLES = "select course_id, fullname from marts.dim_courses where course_id = any(%s)"


class TooManyFeedsError(Exception):
    """One has as many addresses as one can have."""


class NoSuchFeedError(LookupError):
    """One has no such address, or nobody has."""


def listed(connection: Connection, account_id: UUID) -> list[CalendarFeed]:
    """One's addresses, the oldest first; what stands in them is not known any more."""
    with connection.cursor(row_factory=class_row(CalendarFeed)) as cursor:
        return cursor.execute(LIST, [account_id]).fetchall()


def begin(connection: Connection, account_id: UUID, moment: datetime) -> tuple[CalendarFeed, str]:
    """A new address, and the secret that stands in it."""
    connection.execute("select 1 from app.accounts where account_id = %s for key share", [account_id])
    if len(listed(connection, account_id)) >= MOST:
        raise TooManyFeedsError(f"You have {MOST} calendar addresses. End one of them first.")
    secret = new_token()
    with connection.cursor(row_factory=class_row(CalendarFeed)) as cursor:
        [feed] = cursor.execute(
            "insert into app.calendar_feeds (account_id, secret_hash, created_at) values (%s, %s, %s) "
            "returning feed_id, created_at, last_read_at",
            [account_id, fingerprint(secret), moment],
        ).fetchall()
    return feed, secret


def end(connection: Connection, account_id: UUID, feed_id: UUID) -> None:
    """End an address: who has it reads nothing any more."""
    gone = connection.execute(
        "delete from app.calendar_feeds where account_id = %s and feed_id = %s", [account_id, feed_id]
    )
    if not gone.rowcount:
        raise NoSuchFeedError("You have no such calendar address.")


def owner(connection: Connection, secret: str) -> UUID:
    """Whose calendar an address opens."""
    row = connection.execute("select app.open_calendar(%s)", [fingerprint(secret)]).fetchone()
    if row is None or row[0] is None:
        raise NoSuchFeedError("There is no calendar at this address. It may have been ended.")
    return UUID(str(row[0]))


def read(connection: Connection, account_id: UUID, secret: str, moment: datetime) -> bytes:
    """The calendar of the bound account, as its address gives it."""
    [(feed_id,)] = connection.execute(
        "select feed_id from app.calendar_feeds where secret_hash = %s", [fingerprint(secret)]
    ).fetchall()
    zone = terms_of(connection, account_id, [None])[None].zone
    today = local_day(moment, zone)
    due = connection.execute(DUE, {"account": account_id, "zone": str(zone)}).fetchall()
    return render([*due_entries(due, today), *_exams(connection, account_id, today)], feed_id, moment)


def _exams(connection: Connection, account_id: UUID, today: date) -> list[Entry]:
    """Exams to come, and what the plans made for them have done each day."""
    found = connection.execute(EXAMS, {"account": account_id, "today": today}).fetchall()
    ids = [course_id for course_id, _, _ in found]
    titles: dict[str, str] = dict(connection.execute(TITLES, [ids]).fetchall()) if found else {}
    entries = []
    for course_id, day, plan in found:
        title = titles.get(course_id, "course")
        entries.append(Entry(f"exam-{course_id}", day, f"Exam: {title}"))
        entries += plan_entries(course_id, title, Outlook.model_validate(plan).days if plan else [], today)
    return entries
