"""The functions a token should have, and what Studium lacks without each. The order is that of how much is lost."""

from collections.abc import Iterable, Mapping

from studium.moodle.webservice.client import SITE_INFO
from studium.moodle.webservice.plan import (
    ATTEMPTS,
    CHECK,
    COMPLETION,
    COURSE_COMPLETION,
    COURSES,
    GRADEBOOK,
    REVIEW,
    UPDATES,
)
from studium.moodle.webservice.reader.course import STATE
from studium.moodle.webservice.reader.people import ENROLLED, PROFILES
from studium.moodle.webservice.reader.read import CONTENTS

ESSENTIAL: Mapping[str, str] = {
    SITE_INFO: "everything: the token cannot even be looked at",
    COURSES: "everything: no course is known",
    CONTENTS: "everything: no course can be read",
    ENROLLED: "everybody: no learner sees anything, because nobody is known to be enrolled",
    STATE: "all sections: which of them are restricted is told nowhere else, and what may be is closed",
}
"""Without these a sync gives learners nothing."""
USEFUL: Mapping[str, str] = {
    "mod_page_get_pages_by_courses": "the text of pages",
    "mod_book_get_books_by_courses": "books",
    "mod_resource_get_resources_by_courses": "files",
    "mod_folder_get_folders_by_courses": "folders",
    "mod_label_get_labels_by_courses": "texts on the course page",
    "mod_url_get_urls_by_courses": "links",
    "mod_glossary_get_glossaries_by_courses": "glossaries",
    "mod_glossary_get_entries_by_letter": "the entries of glossaries",
    "mod_forum_get_forums_by_courses": "forums",
    "mod_forum_get_forum_discussions": "discussions",
    "mod_forum_get_discussion_posts": "what is said in discussions",
    "mod_choice_get_choices_by_courses": "choices",
    "mod_quiz_get_quizzes_by_courses": "quizzes and their dates",
    ATTEMPTS: "attempts at quizzes",
    REVIEW: "answers to questions, and so what a learner does not know",
    "mod_assign_get_assignments": "assignments and their dates",
    "mod_assign_get_submissions": "what was handed in",
    "mod_assign_get_grades": "how it was marked",
    GRADEBOOK: "grades",
    COMPLETION: "what each learner has completed",
    COURSE_COMPLETION: "who has completed the course",
    PROFILES: "people's time zones, languages and institutions",
    "core_group_get_course_groups": "groups nobody is in",
    "core_group_get_course_groupings": "groupings, so that what is for one is closed",
    "core_group_get_groupings": "the groups of groupings, so that what is for one is closed",
    UPDATES: "nothing, but every sync asks for all texts of a course anew",
    CHECK: "nothing, but every sync asks for all texts of a course with random questions anew",
}
"""Without these a part is missing."""


def missing(functions: Iterable[str]) -> dict[str, str]:
    """What a token with these functions lacks, with what is missing without it."""
    granted = set(functions)
    return {name: lost for name, lost in {**ESSENTIAL, **USEFUL}.items() if name not in granted}
