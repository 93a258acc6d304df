"""Every operation of the API, asked by everybody. An operation that is new and has no row here fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from api_world import BIOLOGY, PDF, World
from starlette.testclient import TestClient

from serving.app import create_app
from serving.openapi import operations
from studium.settings import Settings

ROLES = ("anonymous", "student", "other_student", "instructor", "other_instructor", "outsider", "admin")
PEOPLE = {
    "student": "ann",
    "other_student": "dan",
    "instructor": "tom",
    "other_instructor": "una",
    "outsider": "out",
    "admin": "root",
}


def everyone(status: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, status)


def people(status: int, **others: int) -> dict[str, int]:
    """All who are signed in alike, but for some; nobody without credentials."""
    return everyone(status) | {"anonymous": 401} | others


def members(status: int = 200, **others: int) -> dict[str, int]:
    """Who is in biology; it is not there for others."""
    return people(404, student=status, instructor=status, admin=status) | others


def teachers(status: int = 200, **others: int) -> dict[str, int]:
    return people(404, instructor=status, admin=status) | others


@dataclass(frozen=True)
class Case:
    """One way to ask an operation, and what each gets."""

    expected: dict[str, int]
    path: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


def upload_of(name: str) -> dict[str, str]:
    return {"document_id": f"upload:{name}"}


NOTHING = "00000000-0000-0000-0000-000000000000"
LOG = {"files": {"file": ("log.csv", b"Time\n")}, "data": {"kind": "logs", "course_id": BIOLOGY}}
CHAT = {"session_id": "chat:ann"}
CARD = {"card_id": NOTHING}
CASES: dict[str, list[Case]] = {
    "sign_in": [Case(everyone(401), arguments={"json": {"email": "a@b.test", "password": "none"}})],
    "refresh": [Case(everyone(401), arguments={"json": {"refresh_token": "none"}})],
    "accept_invitation": [Case(everyone(404), arguments={"json": {"token": "none", "password": "none"}})],
    "sign_out": [Case(people(204))],
    "change_password": [
        Case(people(422), arguments={"json": {"current_password": "not it", "new_password": "a long new password"}})
    ],
    "me": [Case(people(200))],
    "read_moodle_link": [Case(people(200))],
    # no Moodle is connected here: there is nothing to link
    "link_moodle": [Case(people(409), arguments={"json": {"token": "0" * 32}})],
    "unlink_moodle": [Case(people(204))],
    "list_courses": [Case(people(200))],
    "read_course": [
        Case(members()),
        Case(people(404, other_student=200, other_instructor=200, admin=200), {"course_id": "test-site:2"}),
        Case(people(404), {"course_id": "test-site:99"}),
    ],
    "sync_status": [Case(people(200))],
    # no Moodle is connected here: who may sync is told so
    "sync_courses": [
        Case(people(404, instructor=409, other_instructor=409, admin=409)),
        Case(teachers(409), arguments={"json": {"course_ids": [BIOLOGY]}}),
    ],
    "change_course": [Case(teachers(409), arguments={"json": {"sync_enabled": True}})],
    "list_materials": [Case(members())],
    "search": [
        Case(people(200), arguments={"params": {"q": "needle"}}),
        Case(members(), arguments={"params": {"q": "needle", "course_id": BIOLOGY}}),
    ],
    "ask": [Case(members(), arguments={"json": {"course_id": BIOLOGY, "question": "What is life made of?"}})],
    "progress": [
        Case(members(404, student=200)),
        Case(teachers(), arguments={"params": {"learner_id": "learner:ben"}}),
        Case(members(), arguments={"params": {"learner_id": "learner:ann"}}),
        Case(people(404), arguments={"params": {"learner_id": "learner:dan"}}),
    ],
    "cohort": [Case(teachers())],
    "list_learners": [Case(teachers())],
    "leaderboard": [Case(members())],
    "choose_leaderboard": [Case(members(403, student=200), arguments={"json": {"opted_in": False}})],
    "motivation": [Case(people(200))],
    "set_goal": [Case(people(200), arguments={"json": {"kind": "daily_xp", "target": 30}})],
    "set_timezone": [Case(people(200), arguments={"json": {"timezone": "UTC"}})],
    "export": [Case(teachers(), {"name": "grades"})],
    "read_document": [
        Case(members(), {"document_id": "document:page"}),
        Case(teachers(), {"document_id": "document:hidden"}),
        Case(people(404, student=200), upload_of("ann")),
        Case(people(404), {"document_id": NOTHING}),
    ],
    "read_document_text": [
        Case(members(), {"document_id": "document:page"}),
        Case(teachers(), {"document_id": "document:hidden"}),
        Case(people(404, student=200), upload_of("ann")),
    ],
    "read_document_content": [
        Case(members(), {"document_id": "document:page"}),
        Case(teachers(), {"document_id": "document:hidden"}),
        Case(people(404, student=200), upload_of("ann")),
    ],
    "create_upload": [
        Case(people(202), arguments={"files": {"file": ("a.txt", b"text")}}),
        Case(members(202), arguments={"files": {"file": ("a.txt", b"text")}, "data": {"course_id": BIOLOGY}}),
    ],
    "list_uploads": [Case(people(200))],
    "read_upload": [Case(people(404, student=200), upload_of("ann"))],
    "delete_upload": [
        Case(people(404), upload_of("dan") | {"but": "other_student"}),
        Case(people(404), {"document_id": "document:page"}),
    ],
    "create_import": [Case(teachers(202), arguments=LOG)],
    "list_imports": [Case(people(200))],
    "read_import": [Case(people(404, instructor=200, admin=200), {"import_id": "import:tom"})],
    "create_chat": [Case(members(201), arguments={"json": {"course_id": BIOLOGY}})],
    "list_chats": [Case(people(200))],
    "read_chat": [Case(people(404, student=200), CHAT)],
    "change_chat": [Case(people(404, student=200), CHAT, {"json": {"title": "Mine"}})],
    "delete_chat": [Case(people(404), CHAT | {"but": "student"})],
    "list_turns": [Case(people(404, student=200), CHAT)],
    "read_turn": [Case(people(404), CHAT | {"turn_id": NOTHING})],
    "send_message": [Case(people(404, student=200), CHAT, {"json": {"content": "What is life made of?"}})],
    "stop_turn": [Case(people(404), CHAT | {"turn_id": NOTHING})],
    "export_chat": [Case(people(404, student=200), CHAT)],
    "list_flashcards": [Case(people(200))],
    "create_flashcard": [
        Case(members(201), arguments={"json": {"front": "a", "back": "b", "course_id": BIOLOGY}}),
        Case(people(422), arguments={"json": {"front": "a"}}),
    ],
    "read_due": [Case(people(200))],
    "change_flashcards": [Case(people(200), arguments={"json": {"card_ids": [NOTHING], "deleted": True}})],
    "list_card_tags": [Case(people(200))],
    "read_study_settings": [Case(people(200)), Case(members(), arguments={"params": {"course_id": BIOLOGY}})],
    "change_study_settings": [
        Case(members(), arguments={"params": {"course_id": BIOLOGY}, "json": {"new_per_day": 20}})
    ],
    "read_flashcard": [Case(people(404), CARD)],
    "change_flashcard": [Case(people(404), CARD, {"json": {"suspended": True}})],
    "delete_flashcard": [Case(people(404), CARD)],
    "review_flashcard": [
        Case(people(404), CARD, {"json": {"rating": 3}, "headers": {"Idempotency-Key": "k"}}),
    ],
    "list_card_reviews": [Case(people(200), CARD)],
    "undo_review": [Case(people(404), {"review_id": NOTHING})],
    "list_decks": [Case(people(200))],
    "create_deck": [Case(members(201), arguments={"json": {"name": "Mine", "course_id": BIOLOGY}})],
    "rename_deck": [Case(people(404), {"deck_id": NOTHING}, {"json": {"name": "Mine"}})],
    "delete_deck": [Case(people(404), {"deck_id": NOTHING})],
    "list_topics": [Case(members())],
    "generate_flashcards": [
        Case(people(200), arguments={"json": {"text": "Preload is the stretch of the fibres before a beat."}}),
        Case(members(), arguments={"json": {"course_id": BIOLOGY}}),
    ],
    "list_card_proposals": [Case(members(), arguments={"params": {"course_id": BIOLOGY}})],
    "accept_card_proposals": [Case(people(404), arguments={"json": {"proposal_ids": [NOTHING]}})],
    "refuse_card_proposals": [Case(people(404), arguments={"json": {"proposal_ids": [NOTHING]}})],
    "edit_card_proposal": [Case(people(404), {"proposal_id": NOTHING}, {"json": {"front": "a", "back": "b"}})],
    "restore_card_proposal": [Case(people(404), {"proposal_id": NOTHING})],
    "read_next": [Case(members())],
    "create_attempt": [
        Case(
            people(404, instructor=403, admin=403),
            arguments={"json": {"question_id": NOTHING}, "headers": {"Idempotency-Key": "k"}},
        ),
    ],
    "list_attempts": [Case(members())],
    "read_standing": [Case(members())],
    "read_calibration": [Case(members())],
    "list_study_sessions": [Case(members())],
    "read_plan": [Case(members())],
    "read_plan_today": [Case(members())],
    "change_plan": [Case(members(202), arguments={"json": {"minutes_a_day": 20}})],
    "refresh_plan": [Case(members(202))],
    "read_memory": [Case(people(200))],
    "mastery": [Case(members())],
    "list_evidence": [Case(members())],
    "contest_evidence": [Case(people(404), {"evidence_id": "review:none"}, {"json": {"reason": "slip"}})],
    "accept_evidence": [Case(members(), {"evidence_id": "review:none"})],
    "next_steps": [Case(members())],
    "study_days": [Case(members())],
    "list_feedback": [Case(people(200))],
    "give_feedback": [Case(people(404), {"turn_id": NOTHING}, {"json": {"verdict": "up"}})],
    "delete_feedback": [Case(people(204), {"turn_id": NOTHING})],
    "read_questions": [Case(teachers())],
    "refresh_questions": [Case(teachers(202))],
    "list_reports": [Case(teachers())],
    "change_report": [Case(people(404), {"report_id": NOTHING}, {"json": {"status": "dismissed"}})],
    "list_corrections": [Case(teachers())],
    # it cites what is not there: who may write is told so, and nothing is written
    "create_correction": [
        Case(teachers(422), arguments={"json": {"question": "Q", "words": "W", "cited_document_id": NOTHING}})
    ],
    "withdraw_correction": [Case(people(404), {"correction_id": NOTHING})],
    "list_golden": [Case(teachers())],
    "create_golden": [
        Case(
            teachers(422),
            arguments={"json": {"question": "Q", "kind": "answerable", "document_id": NOTHING, "quote": "W"}},
        )
    ],
    "delete_golden": [Case(people(404), {"golden_id": NOTHING})],
    "read_spending": [Case(members())],
    "read_preferences": [Case(members())],
    "keep_preferences": [Case(members(), arguments={"json": {}})],
    # what is sent is no table of cards: who may bring cards in is told so
    "import_cards": [
        Case(people(422), arguments={"files": {"file": ("a.txt", b"one")}}),
        Case(members(422), arguments={"files": {"file": ("a.txt", b"one")}, "data": {"course_id": BIOLOGY}}),
    ],
    "export_cards": [Case(people(404), arguments={"params": {"kind": "csv", "deck_id": NOTHING}})],
    "read_card_medium": [Case(people(404), {"media_id": NOTHING})],
    "list_calendar_feeds": [Case(people(200))],
    "create_calendar_feed": [Case(people(201))],
    "delete_calendar_feed": [Case(people(404), {"feed_id": NOTHING})],
    "read_calendar": [Case(everyone(404), arguments={"params": {"key": "none"}})],
    "list_bank_questions": [Case(teachers())],
    # no answer is worth the whole mark: who may add is told so
    "create_bank_question": [
        Case(
            teachers(422),
            arguments={"json": {"qtype": "shortanswer", "text": "Q", "answers": [{"text": "a", "fraction": 0.5}]}},
        )
    ],
    "read_bank_question": [Case(people(404), {"question_id": NOTHING})],
    "change_bank_question": [Case(people(404), {"question_id": NOTHING}, {"json": {"is_in_use": True}})],
    "generate_bank_questions": [Case(teachers(), arguments={"json": {}})],
    "generate_questions": [Case(members(403, student=200), arguments={"json": {}})],
    "export_questions": [Case(teachers(), arguments={"params": {"course_id": BIOLOGY, "format": "gift"}})],
    # what is sent is no text: who may bring questions in is told so
    "import_questions": [
        Case(teachers(422), arguments={"files": {"file": ("q.txt", b"\x80")}, "data": {"course_id": BIOLOGY}})
    ],
    "health": [Case(everyone(200))],
    "ready": [Case(everyone(200))],
    "metrics": [Case(people(404, admin=200))],
}
OPERATIONS = {
    operation["operationId"]: (method, path)
    for path, method, operation in operations(create_app(Settings(_env_file=None)).openapi())
}


@pytest.fixture(scope="module")
def names(api: TestClient, world: World, headers: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """What the words in a case stand for."""
    found = {f"learner:{name}": learner_id for name, learner_id in world.learners.items()}
    found |= {f"document:{name}": str(document_id) for name, document_id in world.documents.items()}
    for name in ("ann", "dan"):
        sent = api.post("/api/v1/uploads", headers=headers(name), files={"file": ("own.pdf", PDF)})
        found[f"upload:{name}"] = sent.json()["document_id"]
    chat = api.post("/api/v1/chat/sessions", headers=headers("ann"), json={"course_id": BIOLOGY})
    found["chat:ann"] = chat.json()["session_id"]
    found["import:tom"] = api.post("/api/v1/imports", headers=headers("tom"), **LOG).json()["import_id"]
    return found


def test_every_operation_has_its_row() -> None:
    assert set(OPERATIONS) == set(CASES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation_id", sorted(CASES))
def test_who_gets_what(
    api: TestClient,
    headers: Callable[[str], dict[str, str]],
    names: dict[str, str],
    operation_id: str,
    role: str,
) -> None:
    method, path = OPERATIONS[operation_id]
    for case in CASES[operation_id]:
        if case.path.get("but") == role:
            continue
        values = {"course_id": BIOLOGY} | case.path
        filled = path.format(**{name: names.get(value, value) for name, value in values.items()})
        arguments = dict(case.arguments)
        if "params" in arguments:
            arguments["params"] = {name: names.get(value, value) for name, value in arguments["params"].items()}
        sent = (headers(PEOPLE[role]) if role in PEOPLE else {}) | arguments.pop("headers", {})
        answer = api.request(method, filled, headers=sent, **arguments)
        assert answer.status_code == case.expected[role], (method, filled, answer.text[:500])
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code


def test_what_is_hidden_and_what_is_not_there_read_alike(
    api: TestClient, world: World, headers: Callable[[str], dict[str, str]]
) -> None:
    ann = headers("ann")
    for hidden, missing in [
        (f"/api/v1/documents/{world.documents['hidden']}", f"/api/v1/documents/{NOTHING}"),
        ("/api/v1/courses/test-site:2", "/api/v1/courses/test-site:99"),
        (f"/api/v1/courses/{BIOLOGY}/cohort", "/api/v1/courses/test-site:99/cohort"),
    ]:
        answers = [api.get(path, headers=ann).json() for path in (hidden, missing)]
        for answer in answers:
            del answer["instance"], answer["request_id"]
        assert answers[0] == answers[1]


def test_a_hidden_module_is_not_even_named(
    api: TestClient, world: World, headers: Callable[[str], dict[str, str]]
) -> None:
    def modules(name: str) -> set[str]:
        answer = api.get(f"/api/v1/courses/{BIOLOGY}/materials", headers=headers(name)).json()
        return {item["module_id"] for item in answer["items"] if item["module_id"]}

    assert modules("ann") == {world.modules["page"], world.modules["quiz"]}
    assert modules("tom") == modules("root") == set(world.modules.values())
    for path in (f"courses/{BIOLOGY}/progress", f"courses/{BIOLOGY}/materials", "search?q=needle&limit=50"):
        assert "Secret answers" not in api.get(f"/api/v1/{path}", headers=headers("ann")).text


def test_another_moment_is_asked_for_by_admins_alone(api: TestClient, headers: Callable[[str], dict[str, str]]) -> None:
    for name, as_of, status in [
        ("root", "2026-12-02T12:00:00Z", 200),
        ("root", "2026-12-02T12:00:00", 422),
        ("root", "soon", 422),
        ("tom", "2026-12-02T12:00:00Z", 403),
    ]:
        answer = api.get("/api/v1/courses", headers=headers(name) | {"Studium-As-Of": as_of})
        assert answer.status_code == status
