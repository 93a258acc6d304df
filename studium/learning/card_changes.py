"""What a learner changes of many cards at once, or of one. Reviews are `reviewing`'s: nothing here touches a memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection

from studium.learning import decks
from studium.learning.study_settings import terms_of
from studium.wire.cards import MOST_TAGS

CHANGE = """
update app.cards as c
set deck_id = coalesce(%(deck_id)s, c.deck_id),
    tags = case when %(add)s::text[] = '{}' and %(remove)s::text[] = '{}' then c.tags else array(
        select distinct t.tag from unnest(c.tags || %(add)s::text[]) as t (tag)
        where t.tag <> all(%(remove)s::text[]) order by t.tag limit %(most)s
    ) end,
    suspended_at = case %(suspended)s::boolean
        when true then coalesce(c.suspended_at, %(moment)s) when false then null else c.suspended_at
    end,
    buried_until = case %(buried)s::boolean when true then %(tomorrow)s when false then null else c.buried_until end,
    deleted_at = case when %(deleted)s then %(moment)s else c.deleted_at end,
    updated_at = %(moment)s
from (
    select l.card_id from app.cards as l
    where l.account_id = %(account)s and l.card_id = any(%(ids)s) and l.deleted_at is null
    order by l.card_id for update
) as locked
where c.card_id = locked.card_id
"""


def change(  # noqa: PLR0913 - each is a change
    connection: Connection,
    account_id: UUID,
    card_ids: Sequence[UUID],
    moment: datetime,
    *,
    deck: str | None = None,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
    suspended: bool | None = None,
    buried: bool | None = None,
    deleted: bool = False,
) -> int:
    """Change those of the cards that are the account's; what is not named stays. Returns how many there were.

    A deleted card is asked and listed no more; its reviews stay on record. A buried one comes back tomorrow.
    """
    today = terms_of(connection, account_id, [None])[None].today(moment)
    facts = {
        "account": account_id,
        "ids": list(card_ids),
        "moment": moment,
        "deck_id": decks.open_deck(connection, account_id, deck, moment) if deck else None,
        "add": list(add_tags),
        "remove": list(remove_tags),
        "most": MOST_TAGS,
        "suspended": suspended,
        "buried": buried,
        "tomorrow": today + timedelta(days=1),
        "deleted": deleted,
    }
    return connection.execute(CHANGE, facts).rowcount
