"""Invitations: a link that makes a person of a Moodle course an account here, or ties the one they have."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from studium.accounts import audit, passwords
from studium.accounts.login import sign_in
from studium.accounts.secrets import fingerprint, new_token
from studium.moodle.keys import CourseKey

LIFE = timedelta(days=14)


@dataclass(frozen=True)
class Invited:
    """A person to be sent a link; `token` is its secret end and is kept nowhere."""

    email: str
    display_name: str
    token: str


@dataclass(frozen=True)
class Invitation:
    """An open invitation, as the person who holds its link may see it."""

    email: str
    display_name: str
    course_id: str
    course_name: str | None
    has_account: bool


class WrongPasswordError(ValueError):
    """The address has an account, and this is not its password."""


def invite(connection: Connection, course: CourseKey, now: datetime) -> list[Invited]:
    """Invite everyone actively enrolled in a course who has no account yet; earlier open invitations are replaced.

    Runs as the pipeline's role. People without an email address in Moodle are left out, and so are those of whom only
    an instructor's backup tells: it could name any address.
    """
    people = connection.execute(
        "select distinct u.user_id, lower(trim(u.email)), coalesce(nullif(trim(concat_ws(' ', u.first_name, "
        "u.last_name)), ''), u.username) from raw.users u join raw.enrolments e using (site_id, user_id) "
        "where e.site_id = %s and e.course_id = %s and e.status = 0 and e.method_status = 0 and not u.is_deleted "
        "and (u.site_id, u.user_id) not in (select site_id, user_id from raw.unvouched_people) "
        "and u.email like '%%_@_%%' and not exists (select from app.moodle_links l "
        "where l.site_id = u.site_id and l.moodle_user_id = u.user_id) order by 2",
        [course.site_id, course.course_id],
    ).fetchall()
    invited = []
    for user_id, email, name in people:
        token = new_token()
        connection.execute(
            "delete from app.invitations where course_id = %s and site_id = %s and moodle_user_id = %s "
            "and accepted_at is null",
            [str(course), course.site_id, user_id],
        )
        connection.execute(
            "insert into app.invitations (token_hash, course_id, site_id, moodle_user_id, email, display_name, "
            "created_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [fingerprint(token), str(course), course.site_id, user_id, email, name, now, now + LIFE],
        )
        invited.append(Invited(email, name, token))
    audit.note(connection, None, "people_invited", course_id=str(course), people=len(invited))
    return invited


def find(connection: Connection, token: str) -> Invitation | None:
    """The open invitation of a link."""
    with connection.cursor(row_factory=class_row(Invitation)) as cursor:
        return cursor.execute("select * from app.find_invitation(%s)", [fingerprint(token)]).fetchone()


def accept(connection: Connection, token: str, password: str, display_name: str | None, now: datetime) -> UUID | None:
    """Accept an invitation and return the account; `None` when the link is used, replaced, over or made up.

    Raises:
        WeakPasswordError: the account would be new, and the password is not acceptable.
        WrongPasswordError: the address has an account, and this is not its password.
    """
    invitation = find(connection, token)
    if invitation is None:
        return None
    if invitation.has_account:
        if sign_in(connection, invitation.email, password, now) is None:
            raise WrongPasswordError("This address has an account already; enter its password.")
        kept = None
    else:
        kept = passwords.hash_password(password, email=invitation.email)
    row = connection.execute(
        "select app.accept_invitation(%s, %s, %s)",
        [fingerprint(token), display_name or invitation.display_name, kept],
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return sign_in(connection, invitation.email, password, now)
