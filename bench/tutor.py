"""How well the tutor without a model answers the test questions: `python bench/tutor.py`."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from studium.content.embed import open_embedder
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings
from studium.tutor.extractive import answer
from tests.integration.real_courses import bring_texts
from tests.tutor import questions

SETS = {
    "CVS201": ("bench:2", questions.CVS201_ANSWERED, questions.CVS201_UNANSWERED),
    "PHA203": ("bench:4", questions.PHA203_ANSWERED, questions.PHA203_UNANSWERED),
    "PHA203, students": ("bench:4", questions.PHA203_AS_STUDENTS_ASK, questions.PHA203_CLOSE_AS_STUDENTS_ASK),
}


def main() -> None:
    table = Table("course", "answerable", "answered", "with the words", "unanswerable", "answered", "ms, median", "p95")
    notes: list[str] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings(home=Path(folder), _env_file=None)
        migrate.upgrade(settings)
        bring_texts(settings, [2, 4], "bench")
        embedder = open_embedder(settings)
        with connect(settings, Role.ADMIN) as connection:
            row = connection.execute(
                "insert into app.accounts (email, display_name) values ('a@bench.test', 'a') returning account_id"
            ).fetchone()
            connection.execute(
                "insert into app.moodle_links (site_id, moodle_user_id, account_id) "
                "select site_id, user_id, %s from raw.users where username = 's2026107'",
                [row[0]],
            )
        with connect(settings, Role.API) as connection:
            for name, (course, answerable, unanswerable) in SETS.items():
                times, answered, right, wrong = [], 0, 0, 0
                for question, words in [*answerable.items(), *((q, None) for q in unanswerable)]:
                    with acting_as(connection, row[0]):
                        started = time.perf_counter()
                        said = answer(connection, embedder, question, course_id=course)
                        times.append((time.perf_counter() - started) * 1000)
                    has_words = any(words.casefold() in q.text.casefold() for q in said.quotes) if words else False
                    answered += said.answered and words is not None
                    wrong += said.answered and words is None
                    right += has_words
                    if (words and not has_words) or (said.answered and not words):
                        best = (
                            f"{said.quotes[0].score:.2f} {said.quotes[0].text[:90]!r}" if said.quotes else "no answer"
                        )
                        notes.append(f"{'missed' if words else 'answered falsely'}: {question} -> {best}")
                middle, late = np.percentile(times, [50, 95])
                cells = [name, len(answerable), answered, right, len(unanswerable), wrong, round(middle), round(late)]
                table.add_row(*map(str, cells))
    console = Console(width=150)
    console.print(table)
    console.print(*notes, sep="\n", highlight=False)


if __name__ == "__main__":
    main()
