"""What web services cannot tell, though a backup can: the closed list, written down before the two were compared.

A column listed here holds nothing (or what the reason says) after a sync, and a load must not take that for news.
`docs/moodle-web-services.md` says the same for people, with what follows from it.
"""

from collections.abc import Mapping

SURROGATE = "Moodle gives no id; a derived one stands for it, made of the row's natural key"
NOWHERE = "no function gives it"
TIME = "no function gives the time"

WHOLE_TABLES: Mapping[str, str] = {
    "quiz_slots": "no function gives a quiz's places; what was asked stands in the attempts",
    "questions": "the bank is not given; a question is known by what its reviews show, under a derived id",
    "question_answers": "the bank is not given",
    "choice_options": "only those who may choose are told the options",
    "choice_answers": "given as counts or names, without the ids of answers",
}
"""Tables that cannot be compared row by row."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "users": {
        "seen_at": "the moment of the reading",
    },
    "courses": {
        "backup_sha256": "what was read: a backup's hash, or that of the answers",
        "backup_at": "the moment of the reading",
    },
    "sections": {"modified_at": TIME},
    "modules": {
        "idnumber": "only for those who may change the module",
        "completion_expected_at": "only for those who may change the module",
        "added_at": TIME,
    },
    "glossary_entries": {"aliases": NOWHERE},
    "enrolments": {
        "enrolment_id": SURROGATE,
        "starts_at": "an enrolment outside its time is listed as not active",
        "ends_at": "an enrolment outside its time is listed as not active",
        "modified_at": TIME,
    },
    "role_assignments": {"assignment_id": SURROGATE, "modified_at": TIME},
    "group_members": {"added_at": TIME},
    "grade_items": {
        "grade_pass": NOWHERE,
        "position": "the report's order, which puts totals last or first by the site's setting",
    },
    "grades": {
        "grade_id": SURROGATE,
        "raw_grade": "only the final grade is given",
        "is_excluded": NOWHERE,
        "created_at": TIME,
    },
    "course_completions": {
        "enrolled_at": TIME,
        "started_at": TIME,
        "completed_at": "only whether; the last part's time",
    },
    "question_attempts": {
        "question_attempt_id": SURROGATE,
        "question_id": "derived from type and text: one for one with the bank's, under another number",
        "variant": NOWHERE,
        "question_summary": NOWHERE,
    },
    "question_attempt_steps": {
        "step_id": SURROGATE,
        "question_attempt_id": SURROGATE,
        "response": "only the summary is shown, in the question's row",
    },
    "choices": {"allows_several": "only for those who may choose"},
}
"""Columns that cannot be compared, with the reason."""

ROWS: Mapping[str, str] = {
    "grades": "cells without a grade, and those of people whose enrolment is not active, are left out of the report",
    "completions": "only of people enrolled now; what is not begun is not a row",
    "course_completions": "a row for everybody the course tracks, begun or not",
    "question_attempts": "an attempt has no review before it is finished",
    "question_attempt_steps": "an attempt has no review before it is finished",
    "assignment_submissions": "the newest attempt of a person only",
    "assignment_grades": "the newest attempt of a person only",
    "glossary_entries": "approved ones only",
    "quiz_attempts": "no previews",
}
"""Rows that are told by one side only."""

HOLDS_ITS_OWN = {
    ("users", "seen_at"),
    ("courses", "backup_sha256"),
    ("courses", "backup_at"),
    ("enrolments", "enrolment_id"),
    ("role_assignments", "assignment_id"),
    ("grade_items", "position"),
    ("grades", "grade_id"),
    ("course_completions", "completed_at"),
    ("question_attempts", "question_attempt_id"),
    ("question_attempts", "question_id"),
    ("question_attempt_steps", "step_id"),
    ("question_attempt_steps", "question_attempt_id"),
}
"""Columns on the list that hold something, though not what a backup holds there."""
UNSAID = tuple(sorted({(table, name) for table, names in COLUMNS.items() for name in names} - HOLDS_ITS_OWN))
"""Columns that hold nothing: what is known from elsewhere stays."""

MATERIAL_TIMES = ("course", "section:*", "book:*:intro", "quiz:*:intro", "choice:*:intro")
"""Keys of the materials whose time of change no function gives."""
MATERIALS = ("choice:*:options",)
"""Keys of the materials told only to who may choose; once known, they stay as long as their module."""
MATERIAL_TEXTS = ("glossary:*:entry:*",)
"""Keys of the materials whose first line lacks what is not told: an entry's other names."""
