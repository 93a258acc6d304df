"""`studium evaluate`: a course's golden questions, asked and counted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg import Connection
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from studium.content.spaces import LiveSpace, open_spaces
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.operations.courses import find_course
from studium.retrieval.shelf import write
from studium.settings import Settings
from studium.tutor.distractors import RECORDED, distractors, kept_vectors
from studium.tutor.evaluation import Metrics, Outcome, summarise
from studium.tutor.examination import Asked, examine, speaking_as
from studium.tutor.golden import Golden, read_golden
from studium.tutor.golden_sources import golden_of, shipped

OF_COURSE = Path("course")
"""Stands for what a course has: the questions that come with Studium, and those its teachers keep."""
TARGETS = {
    "recall_at_5": 0.9,
    "answer_contained": 0.7,
    "faithfulness": 1.0,
    "refusal_precision": 0.85,
    "refusal_recall": 0.85,
}
OWN = "select p.text from content.passages as p join content.documents as d using (document_id) where d.course_id = %s"


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found."""

    course: CourseKey
    metrics: Metrics
    counts: dict[str, int]
    outcomes: list[Outcome]

    def to_json(self) -> str:
        """The figures, by name."""
        return json.dumps({**asdict(self.metrics), "counts": self.counts, "course": str(self.course)})


def evaluate(
    settings: Settings,
    name: str,
    questions: Path | None,
    count: int,
    sources: Sequence[Path] | None,
    console: Console,
) -> Evaluation:
    """Ask a course its golden questions, with `count` passages of other subjects beside it; nothing of it stays."""
    course = find_course(settings, name)
    golden = (
        _of_course(settings, course) if questions == OF_COURSE else read_golden(questions or _shipped(settings, course))
    )
    with (
        Progress(console=console, transient=True) as progress,
        connect(settings, Role.ADMIN) as connection,
        connection.transaction(force_rollback=True),
    ):
        with speaking_as(connection, Role.PIPELINE):
            space = next(one for one in open_spaces(connection, settings) if one.is_active)
            beside = _stand_beside(settings, connection, space, course, count, sources) if count else 0
        task = progress.add_task("Asking", total=len(golden))
        outcomes = examine(
            connection, Asked(space.embedder), course, golden, lambda done: progress.update(task, completed=done)
        )
    return Evaluation(course, summarise(outcomes), _counts(golden, beside), outcomes)


def _of_course(settings: Settings, course: CourseKey) -> list[Golden]:
    with connect(settings, Role.PIPELINE) as connection:
        found = golden_of(connection, course)
    if not found:
        raise ValueError(f"{course} has no golden questions; its teachers keep some on the page Questions.")
    return found


def _shipped(settings: Settings, course: CourseKey) -> Path:
    with connect(settings, Role.PIPELINE) as connection:
        path = shipped(connection, course)
    if path is None:
        raise ValueError(f"No golden questions of {course} are here; name a file with --questions.")
    return path


def _stand_beside(
    settings: Settings,
    connection: Connection,
    space: LiveSpace,
    course: CourseKey,
    count: int,
    sources: Sequence[Path] | None,
) -> int:
    own = [row[0] for row in connection.execute(OWN, [str(course)])]
    texts = distractors(count, own, sources or RECORDED)
    vectors = kept_vectors(settings.home / "evaluation" / f"{space.embedder.space.version}.npz", space, texts)
    write(connection, space, str(course), texts, vectors)
    connection.execute("select content.refresh_terms()")
    return sum(len(text.pages) for text in texts)


def _counts(golden: Sequence[Golden], beside: int) -> dict[str, int]:
    kinds = {kind: sum(one.kind == kind for one in golden) for kind in ("answerable", "unanswerable", "forbidden")}
    return {"questions": len(golden), **kinds, "distractors": beside}


def as_table(found: Evaluation) -> Table:
    """For eyes: every figure, beside the least it should be."""
    counts = ", ".join(f"{number:,} {name}" for name, number in found.counts.items())
    made = Table("figure", "value", "at least", title=f"{found.course}: {counts}", title_justify="left")
    for name, value in asdict(found.metrics).items():
        least = TARGETS.get(name)
        shown = "none" if value is None else str(value) if isinstance(value, int) else f"{value:.{_digits(name)}f}"
        is_low = value is not None and least is not None and value < least
        made.add_row(name, f"[red]{shown}[/red]" if is_low or (name == "leaks" and value) else shown, f"{least or ''}")
    return made


def _digits(name: str) -> int:
    return 0 if name.endswith("_ms") else 3


def failures(outcomes: Sequence[Outcome], say: Callable[[str], None]) -> None:
    """One line for each question that was not answered, or refused, as it should be."""
    for one in outcomes:
        if one.kind != "answerable" and not one.is_refused:
            say(f"answered, {one.kind}: {one.golden.id} {one.golden.question}")
        elif one.kind == "answerable" and not one.is_contained:
            found = f"rank {one.ranks[0]}" if one.ranks else "not found"
            said = "refused" if one.is_refused else "answered otherwise"
            say(f"{said}, {found}: {one.golden.id} {one.golden.question}")
        if one.leaks:
            say(f"LEAK: {one.golden.id} {one.golden.question}")
