"""Questions that were made within the hour, by everything they depend on: made once, however many ask."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.learning.making.material import Source
from studium.learning.questions.making.made import Made
from studium.learning.questions.records import QuestionRecord

KEPT = timedelta(hours=1)
READ = """
select made_by, items from app.question_makings
where making_key = %(key)s and course_id = %(course)s and made_at > %(moment)s::timestamptz - %(kept)s::interval
"""
KEEP = """
insert into app.question_makings (making_key, course_id, made_by, items, made_at)
values (%(key)s, %(course)s, %(made_by)s, %(items)s, %(moment)s)
on conflict (making_key) do update
set made_by = excluded.made_by, items = excluded.items, made_at = excluded.made_at
"""
FORGET = "delete from app.question_makings where made_at <= %(moment)s::timestamptz - %(kept)s::interval"


def key_of(sources: Sequence[Source], *what: object) -> str:
    """The key of what is made of these passages: `what` is all else it depends on."""
    passages = [(str(source.chunk_id), source.sha256, source.topic_id, source.title) for source in sources]
    return sha256(dumps([passages, *what], default=str).encode()).hexdigest()


def kept(
    connection: Connection, key: str, course_id: str, sources: Sequence[Source], moment: datetime
) -> tuple[str, list[Made]] | None:
    """Who made them, and the questions; None when none were made within the hour."""
    row = connection.execute(READ, {"key": key, "course": course_id, "moment": moment, "kept": KEPT}).fetchone()
    if row is None:
        return None
    by_chunk = {source.chunk_id: source for source in sources}
    return row[0], [_made(item, by_chunk) for item in row[1] if UUID(item["chunk_id"]) in by_chunk]


def keep(
    connection: Connection, key: str, course_id: str, made_by: str, made: Sequence[Made], moment: datetime
) -> None:
    """Have them for the next who ask; what is older than an hour goes."""
    items = Jsonb([_item(one) for one in made])
    connection.execute(FORGET, {"moment": moment, "kept": KEPT})
    connection.execute(KEEP, {"key": key, "course": course_id, "made_by": made_by, "items": items, "moment": moment})


def _item(one: Made) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(one).items() if name not in ("record", "source", "about")}
    return {**plain, "record": one.record.stored(), "about": sorted(one.about), "chunk_id": str(one.source.chunk_id)}


def _made(item: dict[str, Any], by_chunk: dict[UUID | None, Source]) -> Made:
    return Made(
        record=QuestionRecord.of_stored(item["record"]),
        maker=item["maker"],
        difficulty=item["difficulty"],
        source=by_chunk[UUID(item["chunk_id"])],
        quote=item["quote"],
        about=frozenset(item["about"]),
        worth=item["worth"],
    )
