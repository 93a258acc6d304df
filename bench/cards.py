"""Cards that the rules propose: how many, and how long it takes; drawn for readers with BACKUP.mbz OUT.json [seed].

The backup goes the way it goes in an installation, to passages in the database. What the readers answer of each card
says docs/cards.md; nothing here judges.
"""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from bench.support.installation import new_home
from bench.support.report import show, table
from studium.content.ingest import ingest
from studium.content.intake import sync_course, waiting
from studium.content.sandbox import warm_sandbox
from studium.database.pool import Role, connect
from studium.learning.making.candidate import GAP, Candidate
from studium.learning.making.candidates import candidates
from studium.learning.making.reading import course_bank, course_sources
from studium.moodle.backup.archive import unpack
from studium.moodle.backup.reader import read_backup
from studium.moodle.harvest import CourseRecords
from studium.storage import open_store, put

ROOT = Path(__file__).parents[1]
SHIPPED = [
    ROOT / "examples/cvs201/backup-moodle2-course-2-cvs201-20261122-0135.mbz",
    ROOT / "tests/data/moodle/backup-moodle2-course-4-pha203-20261122-0136.mbz",
]
RULES_SHOWN = ("glossary", "definition", "reason", "cloze", "table", "question")
DRAWN = 100
TABLES = ("courses", "sections", "modules", "materials", "questions", "question_answers")
JSON = {"availability", "settings"}


def land(connection: Connection, records: CourseRecords) -> None:
    """The course's material and questions, into `raw`."""
    for name in TABLES:
        for row in records.tables[name].rows(named=True):
            values = [Jsonb(json.loads(v)) if key in JSON and v else v for key, v in row.items()]
            columns = sql.SQL(", ").join(map(sql.Identifier, row))
            places = sql.SQL(", ").join(sql.Placeholder() * len(row))
            connection.execute(
                sql.SQL("insert into raw.{} ({}) values ({}) on conflict do nothing").format(
                    sql.Identifier(name), columns, places
                ),
                values,
            )


def proposed(backup: Path) -> tuple[list[Candidate], float]:
    """All cards the rules propose for the course in a backup, and the seconds that took once it was read."""
    settings = new_home()
    store = open_store(settings)
    with tempfile.TemporaryDirectory() as folder, connect(settings, Role.ADMIN) as connection:
        unpack(backup, Path(folder))
        records = read_backup(Path(folder), "bench", "sha256")
        land(connection, records)
        for path, data in records.contents.items():
            put(store, path, data if isinstance(data, bytes) else data.read_bytes())
        sync_course(connection, records.course)
        documents = waiting(connection, str(records.course))
    ingest(lambda: connect(settings, Role.PIPELINE), store, settings, documents)
    with connect(settings, Role.PIPELINE) as connection:
        course = str(records.course)
        started = time.perf_counter()
        found = candidates(course_sources(connection, course), course_bank(connection, course))
        return found, time.perf_counter() - started


def told(number: int, card: Candidate) -> dict[str, Any]:
    """A card as a reader gets it, as it looks on a page."""
    source = card.source
    where = " > ".join(dict.fromkeys(part for part in (source.title, source.chapter, source.heading) if part))
    front = GAP.sub("[…]", card.front) if card.kind == "cloze" else card.front
    return {
        "number": number, "kind": card.kind, "rule": card.rule, "front": _shown(front),
        "back": _shown(card.answer), "place": f"{source.kind}: {where}", "passage": card.quote,
    }  # fmt: skip


def _shown(text: str) -> str:
    """Without the backslashes that keep Markdown from acting, and without its marks."""
    marks = text.replace("\\*", "\0").replace("*", "").replace("\0", "*")
    return "".join(after for before, after in zip(" " + marks, marks, strict=False) if after != "\\" or before == "\\")


def drawn_to(out: Path, found: list[Candidate], seed: int) -> None:
    """Write what readers get."""
    drawn = random.Random(seed).sample(found, min(DRAWN, len(found)))
    cards = [told(number, card) for number, card in enumerate(drawn, start=1)]
    out.write_text(json.dumps({"seed": seed, "proposed": len(found), "cards": cards}, ensure_ascii=False, indent=1))


def main(backups: list[Path], out: Path | None, seed: int) -> None:
    made = table("Cards proposed by rule", "course", "cards", "seconds", *RULES_SHOWN, "quote stands in the passage")
    for backup in backups:
        found, seconds = proposed(backup)
        by_rule = Counter(card.rule for card in found)
        tied = [card for card in found if card.rule == "question" or card.quote in card.source.text]
        course = backup.name.split("-")[4]
        figures = [str(by_rule[rule]) for rule in RULES_SHOWN]
        made.add_row(course, str(len(found)), f"{seconds:.1f}", *figures, f"{len(tied) / len(found):.0%}")
        if out is not None:
            drawn_to(out, found, seed)
    warm_sandbox().close()
    show(made)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main([Path(sys.argv[1])], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    else:
        main(SHIPPED, None, 1)
