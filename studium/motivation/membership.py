"""Being on a course's leaderboard: chosen, never given. The bound account's own membership alone."""

from dataclasses import dataclass
from itertools import count

from psycopg import Connection

from studium.accounts.secrets import Keys
from studium.motivation.pseudonyms import pseudonym


@dataclass(frozen=True)
class Membership:
    """Whether a learner is on a leaderboard, and the name they have, or would have, there."""

    learner_id: str
    pseudonym: str
    is_member: bool


def read(connection: Connection, keys: Keys, course_id: str) -> Membership | None:
    """The bound account's membership; `None` when it is no learner of the course."""
    row = connection.execute(
        "select e.learner_id, m.pseudonym from marts.fct_enrolments e "
        "left join app.leaderboard_members m on m.learner_id = e.learner_id and m.course_id = e.course_id "
        "where e.course_id = %s and e.role = 'student' and e.learner_id in (select app.current_learner_ids()) "
        "order by m.pseudonym nulls last, e.learner_id limit 1",
        [course_id],
    ).fetchone()
    if row is None:
        return None
    return Membership(row[0], row[1] or pseudonym(keys.pseudonyms, course_id, row[0]), row[1] is not None)


def join(connection: Connection, keys: Keys, course_id: str, learner_id: str) -> str:
    """Put a learner on the leaderboard and return their name there; twice is once."""
    for attempt in count():
        name = pseudonym(keys.pseudonyms, course_id, learner_id, attempt)
        row = connection.execute(
            "insert into app.leaderboard_members (course_id, learner_id, pseudonym) values (%s, %s, %s) "
            "on conflict do nothing returning pseudonym",
            [course_id, learner_id, name],
        ).fetchone()
        own = (
            row
            or connection.execute(
                "select pseudonym from app.leaderboard_members where course_id = %s and learner_id = %s",
                [course_id, learner_id],
            ).fetchone()
        )
        if own is not None:
            return str(own[0])
    raise AssertionError("count() does not end")


def leave(connection: Connection, course_id: str, learner_id: str) -> None:
    """Take a learner off the leaderboard."""
    connection.execute(
        "delete from app.leaderboard_members where course_id = %s and learner_id = %s", [course_id, learner_id]
    )


def stir(connection: Connection, course_id: str) -> None:
    """Have those who listen told that a leaderboard changed."""
    connection.execute("insert into app.leaderboard_stirs (course_id) values (%s)", [course_id])
