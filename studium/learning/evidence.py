"""The evidence behind a topic's mastery, and contesting a piece of it: the learner's own, at once."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from studium.analytics import keyset
from studium.content.catalogue import open_url
from studium.learning.faces import faces
from studium.tutor.open_quizzes import plain
from studium.wire.base import Page
from studium.wire.cards import CardKind, Markup
from studium.wire.mastery import Contest, ContestEvidence, Evidence

LONGEST = 300

# A text is read as the account may see it now: of a question that a quiz is asking, none.
READ = """
with found as materialized (
    select * from marts.fct_mastery_evidence as e
    where e.account_id = app.current_account() and e.course_id = %(course)s
        and (%(topic)s::text is null or e.topic_id = %(topic)s)
        and (%(at)s::timestamptz is null or (e.occurred_at, e.evidence_id) < (%(at)s, %(id)s))
    order by e.occurred_at desc, e.evidence_id desc
    limit %(limit)s
)

select f.evidence_id, f.evidence_kind as kind, f.topic_id, f.score_scaled::float8 as score, f.occurred_at,
    f.evidence_weight as weight,
    coalesce(k.front, q.text) as text, k.kind as card_kind, k.cloze_number, k.markup,
    coalesce(k.document_id, q.document_id) as document_id,
    case when m.module_name is not null then m.module_name || ', question ' || r.slot end as place,
    m.module_url as url, c.reason, c.words, c.contested_at
from found as f
left join app.cards as k
    on k.card_id = case when f.evidence_kind = 'card_review' then f.object_id::uuid end
left join app.practice_attempts as a
    on a.attempt_id = case when f.evidence_kind = 'practice_attempt' then substr(f.evidence_id, 9)::uuid end
left join app.practice_questions as q on a.question_id = q.question_id
left join marts.fct_question_responses as r
    on r.response_id = case when f.evidence_kind = 'quiz_response' then substr(f.evidence_id, 10) end
left join marts.dim_modules as m on r.module_id = m.module_id
left join app.contested_evidence as c
    on c.account_id = app.current_account() and c.evidence_id = f.evidence_id
order by f.occurred_at desc, f.evidence_id desc
"""
CONTEST = """
insert into app.contested_evidence (account_id, evidence_id, course_id, reason, words)
select e.account_id, e.evidence_id, e.course_id, %(reason)s, %(words)s
from marts.fct_mastery_evidence as e
where e.account_id = app.current_account() and e.course_id = %(course)s and e.evidence_id = %(evidence_id)s
on conflict (account_id, evidence_id) do update
set reason = excluded.reason, words = excluded.words, contested_at = clock_timestamp()
"""
ACCEPT = """
delete from app.contested_evidence
where account_id = app.current_account() and course_id = %s and evidence_id = %s
"""


class NoSuchEvidenceError(LookupError):
    """The account has no such piece of evidence."""


def read_evidence(
    connection: Connection, course_id: str, topic_id: str | None, after: str | None, limit: int
) -> Page[Evidence]:
    """What tells how well the bound account knows a topic, or all of the course, the newest first."""
    at, evidence_id = keyset.unpack(after, datetime.fromisoformat, str) or (None, None)
    where = {"course": course_id, "topic": topic_id, "at": at, "id": evidence_id, "limit": limit + 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = [_told(row) for row in cursor.execute(READ, where).fetchall()]
    return keyset.page(rows, limit, lambda one: (one.occurred_at, one.evidence_id))


def contest(connection: Connection, course_id: str, evidence_id: str, said: ContestEvidence) -> None:
    """Have a piece of evidence count for nothing; what was said against it before is replaced."""
    facts = {"course": course_id, "evidence_id": evidence_id, **said.model_dump()}
    if connection.execute(CONTEST, facts).rowcount == 0:
        raise NoSuchEvidenceError("You have no such piece of evidence.")


def accept(connection: Connection, course_id: str, evidence_id: str) -> None:
    """Have it count again."""
    connection.execute(ACCEPT, [course_id, evidence_id])


def _told(row: dict[str, Any]) -> Evidence:
    against = {name: row.pop(name) for name in ("reason", "words", "contested_at")}
    text, card = row.pop("text"), [row.pop(name) for name in ("card_kind", "cloze_number", "markup")]
    contested = Contest(**against) if against["reason"] else None
    made_of = row.pop("document_id")
    row["url"] = row["url"] or (open_url(made_of) if made_of else None)
    return Evidence(**row, text=asked(text, *card) if text else None, contest=contested)


def asked(text: str, card_kind: CardKind | None, cloze_number: int | None, markup: Markup | None) -> str:
    """What was asked, as plain words in one line: of a cloze with its gap, and never longer than a glance."""
    words = plain(faces(card_kind, cloze_number, text, "", markup)[0] if card_kind and markup else text)
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rsplit(' ', 1)[0]}\u2026"
