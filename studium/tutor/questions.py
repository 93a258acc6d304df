"""What is asked in a course: made by the pipeline of everybody's questions, read by those who teach it.

Nothing of a question leaves this module but what `topics` makes of it. The database gives the pipeline alone the
questions, and teachers alone the digest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from studium import work
from studium.tutor.extractive import UNSURE
from studium.tutor.sentence_vectors import vectors_of
from studium.tutor.topics import Asked, Outcome, Place, askers, group, places, share
from studium.wire.answers import Reading
from studium.wire.chat import ChatAnswer, Citation
from studium.wire.questions import LEAST_ASKERS, Digest, QuestionsAsked

if TYPE_CHECKING:
    from studium.content.embed import Embedder

PERIOD = timedelta(days=28)
MOST_QUESTIONS = 5000
"""As in app.questions_asked."""
MOST_PLACES = 10
NEAREST = 3
"""Places beside a question that was not answered."""
# a place that is gone, or somebody's own, is nobody's to tell
OPEN = """
select document_id from content.documents
where document_id = any(%s) and course_id = %s and source <> 'upload' and group_id is null
"""
STEMS = "select w, (ts_lexize('english_stem', w))[1] from unnest(%s::text[]) as w"
WORDS = "select array(select distinct m[1] from regexp_matches(lower(t), '[[:alpha:]][[:alnum:]]+', 'g') as m) "
WORDS += "from unnest(%s::text[]) with ordinality as q (t, place) order by place"
READ = """
select %(course)s as course_id, d.made_at, d.digest,
    (
        select r.status from app.work_requests as r
        where r.kind = 'questions' and r.payload ->> 'course_id' = %(course)s and r.status in ('queued', 'running')
    ) as request,
    (
        select count(*) from app.reported_answers as r where r.course_id = %(course)s and r.status = 'open'
    ) as open_reports
from (values (1)) as one left join app.question_digests as d on d.course_id = %(course)s
"""


@dataclass(frozen=True)
class _Row:
    asker: UUID
    question: str
    answer: ChatAnswer
    verdict: str | None


def due(connection: Connection) -> list[str]:
    """Courses whose digest is to be made: enough people asked since, or it is a day old; as the pipeline."""
    return [row[0] for row in connection.execute("select app.digests_due() order by 1").fetchall()]


def make(connection: Connection, embedder: "Embedder", course_id: str, now: datetime, run_id: str | None) -> Digest:
    """Make a course's digest anew, unless that would tell what too few have asked since the last; as the pipeline."""
    known = connection.execute("select digest from app.question_digests where course_id = %s", [course_id]).fetchone()
    if known and course_id not in due(connection):
        return Digest.model_validate(known[0])
    found = connection.execute(
        "select asker, question, answer, verdict from app.questions_asked(%s, %s)", [course_id, now - PERIOD]
    ).fetchall()
    rows = [
        _Row(asker, question, ChatAnswer.model_validate(answer), verdict) for asker, question, answer, verdict in found
    ]
    digest = _digest(rows, _asked(connection, embedder, course_id, rows), now)
    connection.execute(
        "insert into app.question_digests (course_id, made_at, digest, run_id) values (%s, %s, %s, %s) "
        "on conflict (course_id) do update set made_at = excluded.made_at, digest = excluded.digest, "
        "run_id = excluded.run_id",
        [course_id, now, Jsonb(digest.model_dump(mode="json")), run_id],
    )
    return digest


def read(connection: Connection, course_id: str) -> QuestionsAsked:
    """A course's digest, as far as the bound account teaches it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(READ, {"course": course_id}).fetchone()
    return QuestionsAsked.model_validate(row)


def look_again(connection: Connection, course_id: str, account_id: UUID) -> UUID:
    """Ask for a new digest, or join whoever did."""
    return work.submit(connection, "questions", {"course_id": course_id}, account_id)


def _digest(rows: Sequence[_Row], asked: Sequence[Asked], now: datetime) -> Digest:
    period: dict[str, Any] = {"since": (now - PERIOD).date(), "until": now.date()}
    if askers(asked) < LEAST_ASKERS:
        return Digest(
            **period, is_withheld=True, is_cut=False, asks=0, askers=0, refused=None, unsure=None, helpful=None,
            topics=[], gaps=[], places=[], asks_in_no_topic=0,
        )  # fmt: skip
    topics = group(asked)
    rated = [row for row in rows if row.verdict]
    enough = len({row.asker for row in rated}) >= LEAST_ASKERS
    return Digest(
        **period,
        is_withheld=False,
        is_cut=len(rows) == MOST_QUESTIONS,
        asks=len(asked),
        askers=askers(asked),
        refused=share(sum(one.outcome == "refused" for one in asked), len(asked)),
        unsure=share(sum(one.outcome == "unsure" for one in asked), len(asked)),
        helpful=share(sum(row.verdict == "up" for row in rated), len(rated)) if enough else None,
        topics=topics,
        gaps=group([one for one in asked if one.outcome != "answered"]),
        places=places([one for one in asked if one.outcome != "refused"], MOST_PLACES),
        asks_in_no_topic=len(asked) - sum(topic.asks for topic in topics),
    )


def _asked(connection: Connection, embedder: "Embedder", course_id: str, rows: Iterable[_Row]) -> list[Asked]:
    """Each person's questions once, with all that putting them together takes."""
    once = list({(row.asker, " ".join(row.question.casefold().split())): row for row in rows}.values())
    if not once:
        return []
    texts = [row.question for row in once]
    named = {place.document_id for row in once for place in _places(row.answer)}
    is_open = {row[0] for row in connection.execute(OPEN, [list(named), course_id]).fetchall()}
    return [
        Asked(
            asker=row.asker,
            question=row.question,
            outcome=_outcome(row.answer),
            places=tuple(place for place in _places(row.answer) if place.document_id in is_open),
            vector=vector,
            stems=stems,
        )
        for row, vector, stems in zip(once, vectors_of(embedder, texts), _stems(connection, texts), strict=True)
    ]


def _outcome(answer: ChatAnswer) -> Outcome:
    """Whether the course was found to answer."""
    if answer.shape == "refusal":
        return "refused"
    return "unsure" if answer.statement == UNSURE else "answered"


def _places(answer: ChatAnswer) -> list[Place]:
    """Where an answer stood; of what was refused, what lay nearest."""
    found: Sequence[Citation | Reading] = answer.citations or answer.read_next[:NEAREST]
    return [
        Place(
            document_id=one.document_id,
            title=one.title,
            module_name=one.module_name,
            page=one.page,
            page_kind=one.page_kind,
            source_url=one.source_url,
            open_url=one.open_url,
        )
        for one in found
    ]


def _stems(connection: Connection, texts: Sequence[str]) -> list[dict[str, str]]:
    """The words of each text that say something, with their stems, as the search knows them."""
    said = [row[0] for row in connection.execute(WORDS, [list(texts)]).fetchall()]
    distinct = sorted({word for words in said for word in words})
    stems = {word: stem for word, stem in connection.execute(STEMS, [distinct]).fetchall() if stem}
    return [{word: stems[word] for word in words if word in stems} for words in said]
