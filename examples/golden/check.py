"""Hold golden questions against their course: `check.py QUESTIONS.jsonl BACKUP.mbz [FOLDER_OF_LOOSE_FILES]`.

Every quotation must stand in the source it names, on the page it names, and every module and asker must exist.
"""

import html
import json
import mimetypes
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studium.content.records import UnreadableError
from studium.content.sandbox import Sandbox
from studium.moodle.backup.archive import unpack
from studium.moodle.backup.reader import read_backup
from studium.moodle.harvest import CourseRecords

KINDS = ("answerable", "unanswerable", "forbidden")
KEYS = {"id", "question", "kind", "asker", "as_of", "answers", "note"}
Text = tuple[int | None, str]
"""A page or slide, where the source has them, and what stands on it."""


def flat(text: str) -> str:
    """A text with each run of white space as one space."""
    return " ".join(text.split())


class Sources:
    """The texts of a course by (module, file or chapter or name)."""

    def __init__(self, folder: Path, loose: Path | None) -> None:
        self.records: CourseRecords = read_backup(folder, "golden", "0" * 64)
        self.modules = {row["cmid"]: row for row in self.records.tables["modules"].to_dicts()}
        self.folder = folder
        self.texts: dict[tuple[int | None, str | None], list[Text]] = {}
        with Sandbox() as sandbox:
            for row in self.records.tables["materials"].to_dicts():
                content = self.records.contents[row["object_path"]]
                data = content if isinstance(content, bytes) else content.read_bytes()
                name = row["filename"] or (row["heading"] if ":chapter:" in row["material_key"] else None)
                self._read(sandbox, (row["cmid"], name if row["cmid"] else row["title"]), data, row["media_type"], row)
            for path in sorted(loose.iterdir()) if loose else ():
                self._read(sandbox, (None, path.name), path.read_bytes(), None, {"filename": path.name})

    def _read(
        self, sandbox: Sandbox, place: tuple[int | None, str | None], data: bytes, kind: str | None, row: dict[str, Any]
    ) -> None:
        name = row["filename"] or "text.html"
        try:
            parsed = sandbox.parse(data, name, kind or mimetypes.guess_type(name)[0])
        except UnreadableError:
            return
        self.texts.setdefault(place, []).extend((element.page, flat(element.text)) for element in parsed.elements)

    def beside(self, cmid: int) -> str:
        """What a module holds that is no material: options, feedback, submissions, the questions of a quiz."""
        module = self.modules[cmid]
        files = [*(self.folder / "activities" / f"{module['modname']}_{cmid}").glob("*.xml")]
        files += [self.folder / "questions.xml"] * (module["modname"] == "quiz")
        return flat(" ".join(re.sub(r"<[^>]+>", "", html.unescape(file.read_text())) for file in files))


def faults(question: dict[str, Any], sources: Sources) -> Iterator[str]:
    """What is wrong with one question."""
    if question.keys() != KEYS or question["kind"] not in KINDS:
        yield "keys or kind"
    if bool(question["answers"]) == (question["kind"] == "unanswerable"):
        yield "an unanswerable question has answers, or another has none"
    if question["kind"] != "answerable" and not question["note"]:
        yield "the note that says why is missing"
    people = {row["user_id"]: row["username"] for row in sources.records.tables["users"].to_dicts()}
    if people.get(question["asker"]["user_id"]) != question["asker"]["username"]:
        yield f"no such person: {question['asker']}"
    for answer in question["answers"]:
        module, quote = sources.modules.get(answer["module"]), flat(answer["quote"])
        if answer["module"] and (
            module is None or (module["name"], module["modname"]) != (answer["name"], answer["modname"])
        ):
            yield f"no such module: {answer}"
            continue
        place = (
            answer["module"],
            answer["file"] or answer["chapter"] or (None if answer["module"] else answer["name"]),
        )
        page = answer["page"] or answer["slide"]
        found = any(quote in text and page in {None, at} for at, text in sources.texts.get(place, []))
        is_beside = module and place[1] is None and quote in sources.beside(answer["module"])
        if not found and not is_beside:
            yield f"not in {place}, page {page}: {quote}"


def main(questions: Path, backup: Path, loose: Path | None = None) -> int:
    """Print what is wrong, or how many questions of each kind there are; returns the exit code."""
    rows = [json.loads(line) for line in questions.read_text().splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        unpack(backup, Path(folder))
        sources = Sources(Path(folder), loose)
        wrong = [f"{row['id']}: {fault}" for row in rows for fault in faults(row, sources)]
    for key in ("id", "question"):
        wrong += [f"twice: {value}" for value, times in Counter(row[key] for row in rows).items() if times > 1]
    sys.stdout.write("\n".join(wrong or [str(dict(Counter(row["kind"] for row in rows)))]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
