"""Cards that the rules propose for a course, drawn for readers: `python bench/cards.py BACKUP.mbz OUT.json [seed]`.

The backup goes the way it goes in an installation, to passages in the database. What the readers answer of each card
says docs/cards.md; nothing here judges.
"""

import json
import random
import sys
import tempfile
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
from studium.moodle.backup.reader import CourseRecords, read_backup
from studium.storage import open_store, put

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


def proposed(backup: Path) -> list[Candidate]:
    """All cards the rules propose for the course in a backup."""
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
    warm_sandbox().close()
    with connect(settings, Role.PIPELINE) as connection:
        course = str(records.course)
        return candidates(course_sources(connection, course), course_bank(connection, course))


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


def main(backup: Path, out: Path, seed: int) -> None:
    found = proposed(backup)
    drawn = random.Random(seed).sample(found, min(DRAWN, len(found)))
    cards = [told(number, card) for number, card in enumerate(drawn, start=1)]
    out.write_text(json.dumps({"seed": seed, "proposed": len(found), "cards": cards}, ensure_ascii=False, indent=1))
    made = table(
        f"{backup.name}: {len(found)} cards proposed, {len(cards)} drawn (seed {seed})", "rule", "proposed", "drawn"
    )
    in_draw = Counter(card["rule"] for card in cards)
    for rule, count in Counter(card.rule for card in found).most_common():
        made.add_row(rule, str(count), str(in_draw[rule]))
    show(made)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
