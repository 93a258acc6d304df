"""A learner's own link with the university's Moodle: proved by the site, kept sealed, looked after.

The address is the installation's (`STUDIUM_MOODLE_URL`), never the learner's: nobody can have Studium call another
server, or be asked for a password on behalf of one. A password is exchanged for a token and forgotten.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import SecretStr

from studium import work
from studium.accounts.sealing import Seal, SealBrokenError
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.own_view import OWN_COURSES
from studium.moodle.webservice.address import Address, check_address
from studium.moodle.webservice.client import SITE_INFO, MoodleClient
from studium.moodle.webservice.errors import AuthenticationError, LoginRefused, WebServiceError
from studium.moodle.webservice.exchange import Patience
from studium.moodle.webservice.login import login
from studium.moodle.webservice.reader.reading import SURPRISES
from studium.settings import Settings
from studium.wire.links import LinkedMoodle, LinkMoodle, MoodleLink

WHILE_SOMEBODY_WAITS = Patience(attempts=2, connect=5.0, read=10.0, total=15.0, longest_wait=1.0, longest_pause=1.0)
WRONG_LOGIN = "Moodle does not accept this user name and password."
WRONG_TOKEN = "Moodle does not accept this token."  # noqa: S105 - a sentence
WRONG_SITE = "This token is of another Moodle site."
NO_ANSWER = "Your Moodle cannot be asked right now."
NO_SITE = "No Moodle is connected."
REFUSED = {
    "nobody": "This account cannot be linked.",
    "somebody_else": "Your account here is another person's on this Moodle. If that is wrong, ask an administrator.",
    "taken": "This Moodle account belongs to another account here. If that is wrong, ask an administrator.",
}

Field = Literal["password", "token"]


class ProofRefusedError(Exception):
    """The site does not say that this is who it is said to be; `field` is what to look at."""

    def __init__(self, field: Field, message: str) -> None:
        super().__init__(message)
        self.field = field


class LinkRefusedError(Exception):
    """There is nothing to link with, or the person is not free; the message says what to do."""


class SiteSilentError(Exception):
    """The site could not be asked; later it may be."""


@dataclass(frozen=True)
class Proved:
    """Who somebody is on a site, in the site's own words."""

    site_id: str
    user_id: int
    username: str
    full_name: str
    token: SecretStr
    courses: list[int]
    """Those the person is in, where they are to be read through the link."""

    @property
    def learner_id(self) -> str:
        """The person, as they are known everywhere here."""
        return f"{self.site_id}:{self.user_id}"


def prove(settings: Settings, said: LinkMoodle) -> Proved:
    """Ask the university's Moodle who this is.

    Raises:
        LinkRefusedError: no Moodle is connected.
        ProofRefusedError: the site does not accept what was said.
        SiteSilentError: the site gives no usable answer.
    """
    if not settings.moodle_url:
        raise LinkRefusedError(NO_SITE)
    try:
        address = check_address(settings.moodle_url, allow_private=settings.moodle_allow_private)
        token = said.token or _exchange(address, settings, said)
        with MoodleClient(address, token, concurrency=1, patience=WHILE_SOMEBODY_WAITS) as client:
            info = client.call(SITE_INFO)
            listed = [] if settings.has_service_account else client.call(OWN_COURSES, userid=int(info["userid"]))
        told, courses = site_id_of(str(info["siteurl"])), [int(course["id"]) for course in listed]
        who = (int(info["userid"]), str(info["username"]), str(info["fullname"]))
        proved = Proved(client.site_id, *who, token, courses)
    except LoginRefused as error:
        wrong = error.errorcode == "invalidlogin"
        raise ProofRefusedError("password", WRONG_LOGIN if wrong else f"Moodle says: {error.message}") from error
    except AuthenticationError as error:
        raise ProofRefusedError("token", WRONG_TOKEN) from error
    except (WebServiceError, *SURPRISES) as error:
        raise SiteSilentError(NO_ANSWER) from error
    if told != proved.site_id:
        raise ProofRefusedError("token", WRONG_SITE)
    return proved


def _exchange(address: Address, settings: Settings, said: LinkMoodle) -> SecretStr:
    assert said.username  # noqa: S101 - the message was checked
    assert said.password  # noqa: S101
    return login(address, said.username, said.password, settings.moodle_service, patience=WHILE_SOMEBODY_WAITS)


def keep(connection: Connection, seal: Seal, account_id: UUID, proved: Proved) -> None:
    """Let the bound account be this person from now on, and keep the token; one that was kept before goes.

    Courses that are to be read through the link are asked for at once.

    The site's own word is enough: it says who holds the id, which no file of an instructor's can
    (`raw.unvouched_people`), and it is asked for nobody's mail address.

    Raises:
        LinkRefusedError: the account is another person of the site already, or the person another account.
    """
    row = connection.execute(
        "select app.link_moodle(%s, %s, %s, %s, %s)",
        [proved.site_id, proved.user_id, proved.username, proved.full_name, seal.seal(account_id, proved.token)],
    ).fetchone()
    outcome = row[0] if row else "nobody"
    if outcome != "linked":
        raise LinkRefusedError(REFUSED[outcome])
    [(own,)] = connection.execute("select own_site_id from app.moodle_tokens where account_id = %s", [account_id])
    for course in proved.courses:
        work.submit(connection, "sync", {"course_id": str(CourseKey(own, course))}, account_id)


def read(connection: Connection, settings: Settings) -> MoodleLink:
    """Whether there is a Moodle to link, and how the bound account's link with it stands."""
    if not settings.moodle_url:
        return MoodleLink(site_url=None, reads_courses=False, linked=None)
    with connection.cursor(row_factory=class_row(LinkedMoodle)) as cursor:
        linked = cursor.execute(
            "select username, full_name, linked_at, last_used_at, refused_because from app.moodle_tokens "
            "where account_id = app.current_account() and site_id = %s",
            [site_id_of(settings.moodle_url)],
        ).fetchone()
    reads = not settings.has_service_account
    return MoodleLink(site_url=settings.moodle_url.rstrip("/"), reads_courses=reads, linked=linked)


def end(connection: Connection) -> bool:
    """Forget the bound account's token at once; returns whether there was one.

    Who the account is stays known: what one did in one's courses does not become nobody's, and the same Moodle
    account cannot be taken by somebody else meanwhile.
    """
    ended = connection.execute("delete from app.moodle_tokens where account_id = app.current_account()")
    return ended.rowcount > 0


@dataclass(frozen=True)
class Rotated:
    """What a rotation found."""

    renewed: int
    newest: int
    """Sealed with the newest key already."""
    lost: list[str]
    """Whose token no known key opens: they link anew."""


def rotate(connection: Connection, seal: Seal) -> Rotated:
    """Seal every token with the newest key, row by row, beside whoever links or reads.

    `connection` is the pipeline's; in autocommit a row that is done stays so, and holds up nobody.
    """
    rows = connection.execute("select account_id from app.moodle_tokens order by linked_at").fetchall()
    renewed, newest, lost = 0, 0, []
    for (account_id,) in rows:
        with connection.transaction():
            row = connection.execute(
                "select token_sealed, full_name, username from app.moodle_tokens where account_id = %s for update",
                [account_id],
            ).fetchone()
            if row is None:
                continue
            try:
                token = seal.open(account_id, row[0])
            except SealBrokenError:
                lost.append(f"{row[1]} ({row[2]})")
                continue
            if seal.is_newest(row[0]):
                newest += 1
                continue
            connection.execute(
                "update app.moodle_tokens set token_sealed = %s where account_id = %s",
                [seal.seal(account_id, token), account_id],
            )
            renewed += 1
    return Rotated(renewed, newest, lost)
