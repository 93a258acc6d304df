"""Collections with relevance judgements as they are handed around: BEIR's JSON lines, SMART's `.I .T .W`, NPL's.

Which of them a folder holds is told by its files' names.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

Judgements = dict[str, dict[str, float]]
_FIELD = re.compile(r"^\.([A-Z])(?:[ \t]+(\S+))?[ \t]*$")
_TEXT_FIELDS = {"T": "title", "W": "text"}


@dataclass(frozen=True)
class Collection:
    """Documents (title and text) and questions by id, and how relevant a document is to a question."""

    name: str
    documents: dict[str, tuple[str, str]]
    questions: dict[str, str]
    judgements: Judgements


def read_collection(folder: Path) -> Collection:
    """The collection in `folder`; `SystemExit` says what is missing."""
    files = {path.name.lower(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    if "corpus.jsonl" in files:
        documents = {
            row["_id"]: (row.get("title") or "", row.get("text") or "") for row in _json_lines(files["corpus.jsonl"])
        }
        questions = {row["_id"]: row["text"] for row in _json_lines(_one(folder, files, r"queries\.jsonl"))}
        judgements = _columns(_one(folder, files, r"test\.tsv|qrels\.tsv", r".*\.tsv"))
    elif "doc-text" in files:
        documents = {name: ("", text) for name, text in _slashed(files["doc-text"])}
        questions = {name: text.lower() for name, text in _slashed(_one(folder, files, r"query-text"))}
        judgements = {q: dict.fromkeys(text.split(), 1.0) for q, text in _slashed(_one(folder, files, r"rlv-ass"))}
    else:
        documents = dict(_smart(_one(folder, files, r"cran\.all\.1400", r".*\.all", r".*\.all[.\d]*")))
        asked = _smart(_one(folder, files, r".*\.qry", r"query\.text"))
        questions = {name: f"{title} {text}".strip() for name, (title, text) in asked}
        judgements = _columns(_one(folder, files, r"cranqrel.*", r".*\.rel", r"qrels\.text"))
        if not judgements.keys() <= questions.keys():
            # Cranfield's judgements number the questions in order, whatever their .I says
            questions = {str(number): text for number, text in enumerate(questions.values(), 1)}
    return _whole(Collection(folder.name, documents, questions, judgements))


def _whole(read: Collection) -> Collection:
    """Judged questions alone, and judgements of documents that are there."""
    judgements = {
        question: {name: grade for name, grade in graded.items() if name in read.documents and grade > 0}
        for question, graded in read.judgements.items()
        if question in read.questions
    }
    judged = {question: graded for question, graded in judgements.items() if graded}
    if not judged:
        raise SystemExit(f"{read.name}: no question has a judged document")
    return Collection(read.name, read.documents, {name: read.questions[name] for name in judged}, judged)


def _one(folder: Path, files: dict[str, Path], *patterns: str) -> Path:
    for pattern in patterns:
        for name, path in files.items():
            if re.fullmatch(pattern, name):
                return path
    raise SystemExit(f"{folder} has no file called like {patterns[0]}")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _json_lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _smart(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Records of `.I` with their title and text."""
    name, field, parts = "", "", {"title": [], "text": []}
    for line in [*_text(path).splitlines(), ".I end"]:
        mark = _FIELD.match(line)
        if mark and mark[1] == "I":
            if name:
                title, text = (" ".join(" ".join(parts[part]).split()) for part in ("title", "text"))
                # Cranfield's abstracts begin with their titles once more
                yield name.lstrip("0") or "0", (title, text.removeprefix(title).strip() if title else text)
            name, field, parts = mark[2] or "", "", {"title": [], "text": []}
        elif mark:
            field = _TEXT_FIELDS.get(mark[1], "")
        elif field:
            parts[field].append(line)


def _slashed(path: Path) -> Iterator[tuple[str, str]]:
    for record in re.split(r"^\s*/\s*$", _text(path), flags=re.MULTILINE):
        name, _, text = record.strip().partition("\n")
        if name.strip():
            yield name.strip(), " ".join(text.split())


def _columns(path: Path) -> Judgements:
    """Question, document and grade; TREC's second of four columns is always 0, and SMART's grade means nothing."""
    rows = [line.split() for line in _text(path).splitlines()]
    rows = [row for row in rows if len(row) > 1 and row[0].lower() not in ("query-id", "query_id")]
    is_trec = all(len(row) == 4 and row[1] in ("0", "Q0") for row in rows)
    is_beir = path.suffix == ".tsv"
    return _judgements(
        (row[0], row[2], float(row[3]))
        if is_trec
        else (row[0], row[1], float(row[2]))
        if is_beir
        else (row[0].lstrip("0"), row[1].lstrip("0"), float(len(row) < 3 or row[2] != "-1"))
        for row in rows
    )


def _judgements(rows: Iterable[tuple[str, str, float]]) -> Judgements:
    made: Judgements = {}
    for question, document, grade in rows:
        made.setdefault(question, {})[document] = grade
    return made
