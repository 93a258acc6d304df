"""Golden questions read, or refused with the place that is wrong."""

import json
from pathlib import Path

import pytest

from studium.tutor.golden import GoldenError, read_golden

ROOT = Path(__file__).parents[2]
PLACE = {"module": 6, "name": "A page", "modname": "page", "quote": "a rapid upstroke"}
ANSWERABLE = {"id": "a1", "question": "why?", "kind": "answerable", "answers": [PLACE]}
UNANSWERABLE = {"id": "u1", "question": "why not?", "kind": "unanswerable", "answers": []}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_questions_are_read_with_who_asks_and_where_the_answer_stands(tmp_path: Path) -> None:
    asked = ANSWERABLE | {"asker": {"role": "student", "username": "s1", "user_id": 4}, "as_of": "2026-11-22T12:00:00Z"}
    first, second = read_golden(written(tmp_path, asked, "", UNANSWERABLE))
    assert (first.asker.username, first.answers[0].module, second.kind) == ("s1", 6, "unanswerable")
    assert first.as_of is not None
    assert first.as_of.utcoffset() is not None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "this is not JSON"),
        (ANSWERABLE | {"kind": "hard"}, "kind"),
        (ANSWERABLE | {"answers": []}, "a question that is answerable has answers"),
        (UNANSWERABLE | {"answers": [PLACE]}, "a question that is unanswerable has no answers"),
        (ANSWERABLE | {"answers": [PLACE | {"quote": ""}]}, "answers.0.quote"),
        (ANSWERABLE | {"as_of": "2026-11-22T12:00:00"}, "as_of"),
        (UNANSWERABLE, "stands there twice"),
        ([], "valid dictionary"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, why: str) -> None:
    with pytest.raises(GoldenError, match=rf"questions\.jsonl, line 3: .*{why}"):
        read_golden(written(tmp_path, UNANSWERABLE, "", line))


def test_a_file_without_questions_and_one_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="has no questions"):
        read_golden(written(tmp_path, "", " "))
    (tmp_path / "questions.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(GoldenError, match="UTF-8"):
        read_golden(tmp_path / "questions.jsonl")
    with pytest.raises(GoldenError, match="cannot be read"):
        read_golden(tmp_path / "missing.jsonl")


def test_the_shipped_questions_are_of_all_kinds() -> None:
    asked = read_golden(ROOT / "examples" / "golden" / "cvs201.jsonl")
    assert len(asked) >= 110
    kinds = [golden.kind for golden in asked]
    assert kinds.count("unanswerable") >= 20
    assert kinds.count("forbidden") >= 10
