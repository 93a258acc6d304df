"""What may be chosen in a choice, as text: from a backup as far as it was shown then, from services where it is told.

No account's call of `mod_choice_get_choice_options` was recorded. What is answered here has the shape Moodle's
documentation of the function gives, with the options of the recorded backup.
"""

from pathlib import Path

import pytest
import ws_help
from backup_help import CVS201, edit, opened, texts
from backup_help import read as read_opened

from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.plan import tidy, wanted
from studium.moodle.webservice.reader.activities import OPTIONS

KEY = "choice:29:options"
PAGE = "<ul><li>Monday 10:00</li><li>Wednesday 14:00</li><li>Friday 09:00</li></ul>"
CHOICE = "activities/choice_29/choice.xml"
EARLIER, LATER = 1_700_000_000, 1_900_000_000
KIND = "mod_choice_get_choices_by_courses"


@pytest.mark.parametrize(
    ("opens", "closes", "preview", "is_shown"),
    [
        (0, 0, 0, True),
        (EARLIER, LATER, 0, True),
        (LATER, 0, 0, False),
        (LATER, 0, 1, True),
        (0, EARLIER, 0, False),
        (0, EARLIER, 1, False),
    ],
)
def test_a_backup_tells_what_learners_were_shown(
    tmp_path: Path, opens: int, closes: int, preview: int, *, is_shown: bool
) -> None:
    folder = opened(CVS201, tmp_path)
    for name, value in {"timeopen": opens, "timeclose": closes, "showpreview": preview}.items():
        edit(folder, CHOICE, f"<{name}>0</{name}>", f"<{name}>{value}</{name}>")
    assert texts(read_opened(folder)).get(KEY) == (PAGE if is_shown else None)


def test_an_option_is_text_and_no_markup(tmp_path: Path) -> None:
    folder = opened(CVS201, tmp_path)
    edit(folder, CHOICE, "Monday 10:00", "&lt;b&gt; before 10 &amp;amp; c")
    assert "<li>&lt;b&gt; before 10 &amp;amp; c</li>" in texts(read_opened(folder))[KEY]


@pytest.fixture
def as_student() -> Answers:
    """CVS201's answers, with what a student is told of the choice."""
    answers = ws_help.answers_of(ws_help.CVS)
    told = answers.get(KIND, courseids=[2])
    answers.put({"choices": [{**told["choices"][0], "allowmultiple": False}]}, KIND, courseids=[2])
    return answers


def asked(answers: Answers) -> list[dict[str, object]]:
    return [dict(one.parameters) for one in wanted(answers, ws_help.CVS) if one.function == OPTIONS]


def test_only_who_may_choose_is_asked_for(as_student: Answers) -> None:
    assert asked(ws_help.answers_of(ws_help.CVS)) == []
    assert asked(as_student) == [{"choiceid": 1}]


def test_told_by_services_it_is_the_same_text(as_student: Answers, tmp_path: Path) -> None:
    words = {2: "Wednesday 14:00", 1: "Monday 10:00", 3: "Friday 09:00"}
    told = [{"id": number, "text": text, "countanswers": 12, "checked": False} for number, text in words.items()]
    as_student.put(tidy(OPTIONS, {"options": told, "warnings": []}), OPTIONS, choiceid=1)
    assert texts(ws_help.read(ws_help.CVS, as_student))[KEY] == PAGE
    assert texts(read_opened(opened(CVS201, tmp_path)))[KEY] == PAGE
    assert "countanswers" not in str(as_student.get(OPTIONS, choiceid=1))


def test_a_choice_that_shows_none_has_none(as_student: Answers) -> None:
    as_student.put({"options": []}, OPTIONS, choiceid=1)
    assert KEY not in texts(ws_help.read(ws_help.CVS, as_student))
