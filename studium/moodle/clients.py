"""The client for a course: the service account's, or a learner's own link where the course is of their own view."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from studium.accounts.sealing import SealBrokenError, open_seal
from studium.moodle.keys import is_own, site_asked, site_id_of
from studium.moodle.own_view import Learner, OwnView
from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import AddressRefused, AuthenticationError
from studium.settings import Settings

LINK = "learner's link"


@dataclass(frozen=True)
class Link:
    """A learner's living link, as it was when it was looked up."""

    account_id: UUID
    own_site_id: str
    moodle_user_id: int
    username: str
    full_name: str
    token_sealed: bytes
    linked_at: datetime


@contextmanager
def open_client(settings: Settings, connection: Connection, site_id: str) -> Iterator[MoodleClient]:
    """Ask a site, or what one learner sees of it. `connection` is the pipeline's, in autocommit.

    Raises:
        AuthenticationError: the learner's link is no more, or no longer taken, which is then written down.
    """
    if not is_own(site_id):
        with MoodleClient.of_site(settings) as client:
            sites_to_look_at(settings, connection)  # from the first question on, what links showed is closed
            yield client
        return
    link = _living_link(connection, site_id)
    # one that was made anew while this one was asked by is another, of which nothing is known yet
    same = "where own_site_id = %s and linked_at = %s"
    try:
        with _own_view(settings, connection, link) as client:
            yield client
    except AuthenticationError as error:
        connection.execute(
            f"update app.moodle_tokens set refused_because = %s {same}",  # noqa: S608 - a constant
            [error.message, site_id, link.linked_at],
        )
        raise
    connection.execute(
        f"update app.moodle_tokens set last_used_at = now(), reads_courses = true {same}",  # noqa: S608 - a constant
        [site_id, link.linked_at],
    )


def owner_of(connection: Connection, site_id: str) -> UUID | None:
    """The account whose own view of a Moodle this is, if it is one."""
    row = connection.execute("select account_id from app.moodle_tokens where own_site_id = %s", [site_id]).fetchone()
    return row[0] if row else None


def _living_link(connection: Connection, site_id: str) -> Link:
    with connection.cursor(row_factory=class_row(Link)) as cursor:
        link = cursor.execute(
            "select account_id, own_site_id, moodle_user_id, username, full_name, token_sealed, linked_at "
            "from app.moodle_tokens where own_site_id = %s and refused_because is null",
            [site_id],
        ).fetchone()
    if link is None:
        raise AuthenticationError(LINK, "there is no link with this learner's Moodle any more")
    return link


def _own_view(settings: Settings, connection: Connection, link: Link) -> OwnView:
    if not settings.moodle_url:
        raise AddressRefused(LINK, "no Moodle is connected")
    if settings.has_service_account:
        raise AddressRefused(LINK, "a service account reads this Moodle, and no learner's link")
    try:
        token = open_seal(settings).open(link.account_id, link.token_sealed)
    except SealBrokenError as error:
        raise AuthenticationError(LINK, str(error)) from error
    # in what only they see, the account is this person; whose courses these are is decided by nothing else
    connection.execute(
        "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s) on conflict do nothing",
        [link.own_site_id, link.moodle_user_id, link.account_id],
    )
    address = check_address(settings.moodle_url, allow_private=settings.moodle_allow_private)
    if site_asked(link.own_site_id) != site_id_of(address.wwwroot):
        raise AddressRefused(LINK, "this link is with another Moodle than the one that is connected")
    learner = Learner(link.own_site_id, link.moodle_user_id, link.username, link.full_name)
    return OwnView(address, token, learner, concurrency=settings.moodle_concurrency)


def sites_to_look_at(settings: Settings, connection: Connection) -> list[str]:
    """The site itself where a service account reads it, else what each learner with a living link sees of it.

    What was read through other links is shown no more from here on; its rows stay.
    """
    site_id = site_id_of(settings.moodle_url) if settings.moodle_url else None
    through_links = None if settings.has_service_account else site_id
    connection.execute(
        "update app.moodle_tokens set reads_courses = coalesce(site_id = %(site)s, false) "
        "where reads_courses is distinct from coalesce(site_id = %(site)s, false)",
        {"site": through_links},
    )
    if settings.has_service_account and site_id:
        return [site_id]
    rows = connection.execute(
        "select own_site_id from app.moodle_tokens where reads_courses and refused_because is null order by linked_at"
    ).fetchall()
    return [own_site_id for (own_site_id,) in rows]
