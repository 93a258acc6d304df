"""The page of one question in a review: recorded ones, and the ways in which a page can say less."""

import re

import pytest
import ws_help

from studium.moodle.webservice.reader.review import UNKNOWN, Review, moments, read_review


def questions(attempt: str) -> dict[int, dict[str, object]]:
    body = ws_help.one("mod_quiz_get_attempt_review", attemptid=attempt, page="-1")
    return {question["slot"]: question for question in body["questions"]}


def page(attempt: str, slot: int) -> str:
    return str(questions(attempt)[slot]["html"])


def review(attempt: str, slot: int) -> Review:
    return read_review(page(attempt, slot))


def test_a_choice_of_one() -> None:
    found = review("117", 1)
    assert (found.behaviour, found.version) == ("deferredfeedback", 1)
    assert found.right_answer == "Fast inward sodium current\n"
    assert found.answer == "Funny current\n"
    assert [step.state for step in found.steps] == ["todo", "complete", "gradedwrong"]
    assert [step.mark for step in found.steps] == [None, None, "0.00"]
    assert found.question.startswith("<p>Which ion current is responsible for phase 0")
    assert found.general_feedback is not None
    assert "Fast-response cells" in found.general_feedback


def test_a_matching_question_names_its_pairs_in_the_order_shown() -> None:
    assert review("117", 6).right_answer == (
        "Phase 2 -> L-type calcium current; Phase 4 -> Inward rectifier potassium current; "
        "Phase 0 -> Fast sodium current; Phase 3 -> Delayed rectifier potassium current"
    )


def test_an_essay_marked_by_hand() -> None:
    found = review("209", 9)
    assert found.right_answer is None
    assert found.answer is not None
    assert found.answer.startswith("At 180 beats per minute")
    last = found.steps[-1]
    assert (last.is_marking, last.marker_id, last.mark, last.answer) == (True, 43, "0.40", None)


def test_the_times_of_steps_are_the_sites_own() -> None:
    """A summer's clock, an hour before UTC: the first and the last time are known without it."""
    question = questions("117")[1]
    times = moments(review("117", 1).steps, 1792254675, int(str(question["lastactiontime"])))
    assert times == [1792254675, 1792254835, 1792255256]


def test_a_marking_weeks_later_does_not_move_the_steps_before_it() -> None:
    times = moments(review("209", 9).steps, 1794384324, 1794668402)
    assert times[-1] == 1794668402
    assert times[:3] == [1794384324, 1794384905, 1794384966]


@pytest.mark.parametrize("first", [1792254676, 1792254675 + 20 * 3600])
def test_a_clock_that_fits_no_zone_is_not_believed(first: int) -> None:
    assert moments(review("117", 1).steps, first, 1792255256) == [None, None, 1792255256]


def test_a_clock_written_otherwise_is_not_read() -> None:
    american = page("117", 1).replace("17/10/26, 17:33:55", "10/17/26, 5:33:55 PM")
    assert moments(read_review(american).steps, 1792254675, 1792255256) == [1792254675, None, 1792255256]
    impossible = page("117", 1).replace("17/10/26, 17:33:55", "31/02/26, 17:33:55")
    assert moments(read_review(impossible).steps, 1792254675, 1792255256)[1] is None


def test_another_language_leaves_unsaid_what_it_says() -> None:
    german = page("117", 1).replace("Saved:", "Gespeichert:").replace("Answer saved", "Antwort gespeichert")
    german = german.replace("The correct answer is:", "Die richtige Antwort ist:")
    found = read_review(german)
    assert (found.answer, found.right_answer) == (None, None)
    assert [step.state for step in found.steps] == ["todo", UNKNOWN, "gradedwrong"]


def test_an_answer_without_a_summary_is_none() -> None:
    assert (
        read_review(page("117", 1).replace("Saved: Funny current", "Saved: {$a}").replace("{$a}\n", "{$a}")).answer
        is None
    )


def test_a_page_without_history_or_question_text() -> None:
    bare = re.sub(r'<div class="history.*', "</div></div>", page("117", 1), flags=re.DOTALL)
    assert read_review(bare).steps == ()
    assert moments((), 1, 2) == []
    gaps = read_review(
        '<div class="que gapselect deferredfeedback"><div class="formulation">The <input name="a"/> beats.</div></div>'
    )
    assert (gaps.wording.strip(), gaps.question, gaps.version) == ("The beats.", "", 1)


def test_wording_is_the_same_for_everybody() -> None:
    wordings = {
        (body["questions"][0]["slot"], read_review(body["questions"][0]["html"]).wording)
        for call in ws_help.recorded()
        if call["function"] == "mod_quiz_get_attempt_review"
        and (body := call["body"]).get("attempt", {}).get("quiz") == 1
    }
    assert len(wordings) == 1
