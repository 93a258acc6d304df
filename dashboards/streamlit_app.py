"""The pages' entry: who looks, at which course, and therefore which pages there are."""

from typing import Any

import streamlit as st
from streamlit.navigation.page import Page

from dashboards import api
from dashboards.components import frame, look, sidebar
from studium.wire.accounts import MyCourse

LEARNER_PAGES = [
    "dashboard",
    "smart_study",
    "new_cards",
    "cards",
    "practice",
    "plan",
    "progress",
    "chat",
    "upload",
    "leaderboard",
    "live_sync",
]
INSTRUCTOR_PAGES = [
    "cohort",
    "learner",
    "questions",
    "question_bank",
    "chat",
    "upload",
    "leaderboard",
    "imports",
    "live_sync",
]
NO_COURSE_PAGES = {True: ["imports", "live_sync", "upload"], False: ["welcome", "cards", "upload"]}

TITLES = {
    "dashboard": ("Dashboard", ":material/space_dashboard:"),
    "progress": ("Progress", ":material/monitoring:"),
    "smart_study": ("Smart Study", ":material/style:"),
    "new_cards": ("New cards", ":material/library_add:"),
    "practice": ("Practice", ":material/quiz:"),
    "plan": ("Plan", ":material/event_note:"),
    "cards": ("Cards", ":material/stacks:"),
    "chat": ("Chat", ":material/forum:"),
    "upload": ("Upload", ":material/upload_file:"),
    "leaderboard": ("Leaderboard", ":material/leaderboard:"),
    "cohort": ("Cohort", ":material/groups:"),
    "learner": ("Learner", ":material/person_search:"),
    "question_bank": ("Question bank", ":material/quiz:"),
    "questions": ("Questions", ":material/contact_support:"),
    "imports": ("Import", ":material/move_to_inbox:"),
    "live_sync": ("Live Sync", ":material/sync:"),
    "welcome": ("Welcome", ":material/school:"),
}


def page_names(course: MyCourse | None, is_admin: bool) -> list[str]:
    """Which pages a person has, by their part in the course they look at."""
    if course is None:
        return NO_COURSE_PAGES[is_admin]
    return LEARNER_PAGES if course.role == "student" else INSTRUCTOR_PAGES


def _page(name: str, **how: Any) -> Page:
    title, icon = TITLES[name]
    return st.Page(f"app_pages/{name}.py", **{"title": title, "icon": icon, "url_path": name} | how)


def main() -> None:
    """One run of the pages."""
    look.dress()
    with frame.problems_in_words():
        person = api.me()
        course = sidebar.pick_course(person)
        names = page_names(course, person.is_admin)
        # the first is at the root; hidden, it has an address of its own besides
        home, itself = _page(names[0], default=True, url_path="home"), _page(names[0], visibility="hidden")
        pages = [home, *map(_page, names[1:]), itself]
        page = st.navigation(pages)
        look.entitle(f"{page.title} · Studium")
        sidebar.reserve()
        sidebar.foot(person)
        page.run()


main()
