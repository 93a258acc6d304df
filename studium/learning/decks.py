"""Decks: stacks of one's own cards, by name. Those that nobody names are called as the course and its topic are."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from studium.learning.topics import read_topics
from studium.wire.cards import Deck

UNNAMED = "Cards"
BETWEEN = " · "
LONGEST_NAME = 200
Place = tuple[str | None, str | None]
"""A course and a topic of it."""

DECKS = """
select d.deck_id, d.course_id, d.topic_id, d.name, d.created_at,
    count(c.card_id) as cards, count(c.card_id) filter (where c.due_at is null) as new_cards
from app.decks as d left join app.cards as c on d.deck_id = c.deck_id and c.deleted_at is null
where d.account_id = %(account)s
    and (%(course)s::text is null or d.course_id = %(course)s)
    and (%(deck)s::uuid is null or d.deck_id = %(deck)s)
group by d.deck_id
-- a deck that was emptied is seen no more, and found again by its name; one that was just begun is seen
having count(c.card_id) > 0 or not exists (select from app.cards as gone where gone.deck_id = d.deck_id)
order by lower(d.name), d.deck_id
"""
# an update that changes nothing: the row is locked and told even where another transaction has just made it
OPEN = """
insert into app.decks (account_id, course_id, topic_id, name, created_at)
values (%(account)s, %(course)s, %(topic)s, %(name)s, %(moment)s)
on conflict (account_id, name) do update set name = excluded.name
returning deck_id
"""


class NoSuchDeckError(LookupError):
    """The account has no such deck."""


class DeckConflictError(Exception):
    """A deck that cannot be named, or removed, so."""


def listed(connection: Connection, account_id: UUID, course_id: str | None = None) -> list[Deck]:
    """One's decks by name, of a course or all."""
    with connection.cursor(row_factory=class_row(Deck)) as cursor:
        return cursor.execute(DECKS, {"account": account_id, "course": course_id, "deck": None}).fetchall()


def read(connection: Connection, account_id: UUID, deck_id: UUID) -> Deck:
    """One deck."""
    with connection.cursor(row_factory=class_row(Deck)) as cursor:
        found = cursor.execute(DECKS, {"account": account_id, "course": None, "deck": deck_id}).fetchone()
    if found is None:
        raise NoSuchDeckError("You have no such deck.")
    return found


def open_deck(
    connection: Connection,
    account_id: UUID,
    name: str,
    moment: datetime,
    *,
    course_id: str | None = None,
    topic_id: str | None = None,
) -> UUID:
    """The account's deck of that name; made, if there is none."""
    facts = {"account": account_id, "course": course_id, "topic": topic_id, "name": name, "moment": moment}
    [(deck_id,)] = connection.execute(OPEN, facts).fetchall()
    return UUID(str(deck_id))


def rename(connection: Connection, account_id: UUID, deck_id: UUID, name: str) -> Deck:
    """Call a deck otherwise; two decks of one name are not possible."""
    try:
        with connection.transaction():
            connection.execute(
                "update app.decks set name = %s where account_id = %s and deck_id = %s", [name, account_id, deck_id]
            )
    except UniqueViolation as error:
        raise DeckConflictError("You have another deck of that name.") from error
    return read(connection, account_id, deck_id)


def remove(connection: Connection, account_id: UUID, deck_id: UUID) -> None:
    """Remove an empty deck. One whose cards were deleted stays, unseen: they keep their history, and it is theirs."""
    if read(connection, account_id, deck_id).cards:
        raise DeckConflictError("There are cards in this deck. Move or delete them first.")
    connection.execute("delete from app.decks where account_id = %s and deck_id = %s", [account_id, deck_id])


def names_of(connection: Connection, places: Iterable[Place]) -> dict[Place, str]:
    """What the decks of these courses and topics are called; of what one may not see, nothing is told."""
    wanted = set(places)
    courses = sorted({course for course, _ in wanted if course})
    titles: dict[str | None, str] = {}
    topics: dict[str | None, str] = {}
    if courses:
        found = connection.execute(
            "select course_id, fullname from marts.dim_courses where course_id = any(%s)", [courses]
        )
        titles = dict(found.fetchall())
    for course_id in sorted({course for course, topic in wanted if course and topic}):
        topics |= {topic.topic_id: topic.name for topic in read_topics(connection, course_id)}
    return {
        (course, topic): BETWEEN.join(part for part in (titles.get(course, UNNAMED), topics.get(topic)) if part)[
            :LONGEST_NAME
        ]
        for course, topic in wanted
    }
