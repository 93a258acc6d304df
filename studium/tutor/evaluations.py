"""The figures of trials as they are kept, and what they say: whether something wanted is let in.

Only what was asked the same questions in the same trial is compared; what is in force is also held against what it
did the last time, since the code and the course change as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from studium.moodle.keys import CourseKey
from studium.settings import Settings
from studium.tutor import combinations
from studium.tutor.combinations import Combination
from studium.tutor.evaluation import Outcome, summarise
from studium.tutor.golden_sources import all_golden, fingerprint
from studium.tutor.models import Models
from studium.tutor.spending import Spending
from studium.tutor.verdicts import Counts, Verdict, compare, counts_of

STUDIUM = Path(__file__).parents[1]
RULES = ("content", "retrieval", "tutor", "database/migrations")
FIGURES = (
    "recall_at_5", "mrr", "ndcg_at_10", "answer_contained", "faithfulness", "refusal_precision", "refusal_recall",
    "leaks", "p50_ms", "p95_ms",
)  # fmt: skip
COLUMNS = (
    "trial_id", "course_id", "is_wanted", "space", "chunking", "prompt", "model", "code", "golden", "questions",
    *FIGURES, "outcomes", "tokens_in", "tokens_out", "cost", "currency", "run_id",
)  # fmt: skip
KEEP = f"insert into content.evaluations ({', '.join(COLUMNS)}) values ({', '.join(f'%({name})s' for name in COLUMNS)})"  # noqa: S608 - constants
OF_RUN = "select * from content.evaluations where run_id = %s order by course_id, is_wanted"
OF_TRIAL = "select course_id, is_wanted, outcomes from content.evaluations where trial_id = %s"
# one that was broken off has not asked every course of what is wanted
TRIED = """
select w.trial_id from content.evaluations as w join content.evaluations as s using (trial_id)
where w.is_wanted and (w.space, w.chunking, w.prompt) = (%s, %s, %s)
    and not s.is_wanted and (s.space, s.chunking, s.prompt) = (%s, %s, %s)
group by w.trial_id having count(distinct w.course_id) = count(distinct s.course_id)
order by max(w.evaluated_at) desc limit 1
"""
LAST_TIME = """
select distinct on (b.course_id) b.course_id, b.outcomes
from content.evaluations as b
join content.evaluations as this using (course_id, space, chunking, prompt)
where this.trial_id = %s and b.trial_id <> this.trial_id and b.evaluated_at < this.evaluated_at
    and b.model is not distinct from this.model
order by b.course_id, b.evaluated_at desc
"""
FILES = {".py", ".md", ".sql"}
UNTRIED = "it waits for its evaluation"
NOTHING = "nothing else is wanted"
UNFILLED = "it waits for the vectors of some passages"


@dataclass(frozen=True, slots=True)
class Asking:
    """Of whom questions are asked, in which trial and run."""

    trial_id: UUID
    run_id: str
    combination: Combination
    is_wanted: bool


def keep(
    connection: Connection,
    asking: Asking,
    course: CourseKey,
    outcomes: Sequence[Outcome],
    models: Models | None,
    spending: Spending,
) -> None:
    """One course's figures."""
    combination = asking.combination
    row = {
        **asdict(summarise(outcomes)),
        "trial_id": asking.trial_id,
        "run_id": asking.run_id,
        "course_id": str(course),
        "is_wanted": asking.is_wanted,
        "space": combination.space,
        "chunking": combination.chunking.version,
        "prompt": combination.prompt,
        "model": models.names if models else None,
        "code": code_version(),
        "golden": fingerprint([one.golden for one in outcomes]),
        "questions": len(outcomes),
        "outcomes": Jsonb({one.golden.id: counts_of(one) for one in outcomes}),
        "tokens_in": spending.tokens_in,
        "tokens_out": spending.tokens_out,
        "cost": spending.amount,
        "currency": models.currency if models else None,
    }
    connection.execute(KEEP, row)


def of_run(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The rows a run wrote."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(OF_RUN, [run_id]).fetchall()


def verdict(connection: Connection, trial_id: UUID) -> Verdict:
    """On what was wanted in a trial; where nothing was, on what is in force, against what it did before."""
    rows = connection.execute(OF_TRIAL, [trial_id]).fetchall()
    old = _by_question([(course, outcomes) for course, is_wanted, outcomes in rows if not is_wanted])
    new = _by_question([(course, outcomes) for course, is_wanted, outcomes in rows if is_wanted])
    if new:
        return compare(old, new)
    return compare(_by_question(connection.execute(LAST_TIME, [trial_id]).fetchall()), old)


def _by_question(rows: Sequence[tuple[str, Mapping[str, Counts]]]) -> dict[str, Counts]:
    return {f"{course}/{question}": counts for course, outcomes in rows for question, counts in outcomes.items()}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something else is in force now, and why."""

    let_in: Combination | None
    held: Combination | None
    why: str


def decide(connection: Connection, settings: Settings, *, anyway: bool = False) -> Decision:
    """Let in what is wanted, if its trial says that it is no worse, or where there are no golden questions to ask.

    Args:
        connection: as `studium_pipeline`; what is let in answers from its commit on.
        settings: of the installation.
        anyway: an operator's word against the figures.
    """
    old, new = combinations.standing(connection, settings), combinations.wanted(connection, settings)
    if old is None or new is None:
        return Decision(None, None, NOTHING)
    found = connection.execute(TRIED, [*_names(new), *_names(old)]).fetchone()
    if found is None and all_golden(connection) and not anyway:
        return Decision(None, new, UNTRIED)
    said = verdict(connection, found[0]) if found else Verdict([])
    if said.is_worse and not anyway:
        return Decision(None, new, said.why)
    if not combinations.let_in(connection, new):
        return Decision(None, new, UNFILLED)
    return Decision(new, None, f"an operator's word; {said.why}" if anyway else said.why)


def _names(combination: Combination) -> list[str]:
    return [combination.space, combination.chunking.version, combination.prompt]


@cache
def code_version() -> str:
    """Names the rules that cut, find and answer, prompts and SQL included."""
    found = sha256()
    for path in sorted(path for room in RULES for path in (STUDIUM / room).rglob("*") if path.suffix in FILES):
        found.update(path.relative_to(STUDIUM).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]
