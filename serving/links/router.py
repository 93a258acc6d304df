"""One's own link with the university's Moodle: made once, looked at, taken back."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request

from serving.dependencies import Db, Held, SignedIn, limit_sign_in, outside
from studium.accounts import audit
from studium.moodle import links
from studium.wire.links import LinkMoodle, MoodleLink

router = APIRouter(prefix="/me/moodle", tags=["auth"])


async def moodle_slot() -> AsyncIterator[None]:
    """A place to ask Moodle in."""
    yield


MOODLE_WORK = Depends(moodle_slot, max_concurrency=4, scope="function")
"""Asked for first: a Moodle may take its time, and whoever waits for a place holds neither thread nor connection."""


@router.get("")
def read_moodle_link(connection: Db, held: Held) -> MoodleLink:
    """Which Moodle there is to link, and how one's own link with it stands."""
    return links.read(connection, held.settings)


@router.put("", dependencies=[MOODLE_WORK], responses={409: {}})
def link_moodle(body: LinkMoodle, request: Request, who: SignedIn, connection: Db, held: Held) -> MoodleLink:
    """Prove who one is on the university's Moodle, by user name and password or by a token.

    The password goes to that Moodle once, for a token, and is not kept; the token is kept encrypted. From then on the
    account is that person in every course of the site.
    """
    if body.username is not None:
        limit_sign_in(request, held, f"moodle {body.username}")
    with outside(connection, who):
        proved = links.prove(held.settings, body)
    links.keep(connection, held.seal, who.account_id, proved)
    audit.note(connection, who.account_id, "moodle_linked", learner_id=proved.learner_id)
    return links.read(connection, held.settings)


@router.delete("", status_code=204)
def unlink_moodle(who: SignedIn, connection: Db) -> None:
    """Forget the token at once. What was read through it is shown no more; who one is in one's courses stays."""
    if links.end(connection):
        audit.note(connection, who.account_id, "moodle_unlinked")
