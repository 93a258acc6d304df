"""The frame every page shares: its heading with the data's own date, empty states, and problems said in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import api
from dashboards.components import words
from studium.client import ApiError, Forbidden, MyCourse, NotFound, NotSignedIn, TooManyRequests, Unavailable

COURSE_KEY = "course_id"


def current_course() -> MyCourse:
    """The course the person has picked; without one the page says so and stops."""
    picked = st.session_state.get(COURSE_KEY)
    found = next((course for course in api.me().courses if course.course_id == picked), None)
    if found is None:
        empty(
            "menu_book", "No course yet", "Your account is not tied to a course. Ask your instructor for an invitation."
        )
        st.stop()
    return found


def heading(title: str, as_of: datetime | None = None, note: str | None = None) -> None:
    """A page's title, the date its data tells of, and a sentence on what it is for."""
    st.title(title, anchor=False)
    parts = []
    if as_of is not None:
        parts.append(f"Data as of <b>{words.day(as_of, words.zone(api.me().timezone))}</b>")
    if note:
        parts.append(escape(note))
    if parts:
        st.html(f'<p class="studium-asof">{" · ".join(parts)}</p>')


def card(name: str, *, stretch: bool = False) -> DeltaGenerator:
    """A framed surface; `name` is unique on its page. `stretch` makes it as tall as its neighbours."""
    return st.container(border=True, key=f"card-{name}", height="stretch" if stretch else "content")


def file_row(title: str, facts: list[str], why: str | None) -> None:
    """What is said of a file: its name, plain facts, and what is or was being done with it."""
    reason = f'<span class="small why">{escape(why)}</span>' if why else ""
    st.html(
        f'<p class="studium-file">{escape(title)}<span class="small">{escape(" · ".join(facts))}</span>{reason}</p>'
    )


def card_title(title: str, note: str | None = None) -> None:
    """The heading of a card, with a sentence under it where the chart needs one."""
    st.header(title, anchor=False)
    if note:
        st.html(f'<p class="studium-note">{escape(note)}</p>')


def empty(icon: str, title: str, text: str) -> None:
    """Says that there is nothing here yet and what to do about it; `icon` is a Material name."""
    with st.container(key=f"empty-{title}", horizontal_alignment="center", gap=None):
        st.markdown(f":material/{icon}:", width="content")
        st.html(f'<div class="studium-empty"><p class="title">{escape(title)}</p><p>{escape(text)}</p></div>')


def sign_in_link(text: str) -> None:
    """A way to the sign-in, in this tab."""
    st.html(f'<p style="text-align:center"><a href="/sign-in" target="_self">{escape(text)}</a></p>')


@contextmanager
def problems_in_words() -> Iterator[None]:
    """Say what went wrong when the API does not answer as asked; the rest of the page stays."""
    try:
        yield
    except ApiError as error:
        _tell(error)


def _tell(error: ApiError) -> None:
    """The words for each kind of trouble, and what to do."""
    problem = error.problem
    if isinstance(error, NotSignedIn):
        api.client.clear()
        empty("door_open", "You are signed out", "Your session has ended. Sign in again to go on where you were.")
        sign_in_link("Sign in")
        st.stop()
    elif isinstance(error, TooManyRequests):
        wait = words.count(error.retry_after, "second")
        st.warning(f"That was a lot at once. Try again in {wait}.", icon=":material/hourglass_top:")
    elif isinstance(error, (Forbidden, NotFound)):
        st.info(words.plain(problem.detail or problem.title), icon=":material/lock:")
    elif isinstance(error, Unavailable):
        # Only the API's own sentence is for people; a broken connection tells addresses and error numbers.
        why = problem.detail if problem.request_id and problem.detail else "Studium does not answer right now."
        st.error(f"{words.plain(why)} Nothing of yours is lost; try again in a moment.", icon=":material/cloud_off:")
        st.button("Try again", key="retry")
    else:
        said = [problem.detail or problem.title, *(field.message for field in problem.errors)]
        st.error(words.plain(" ".join(dict.fromkeys(said))), icon=":material/error:")
    if problem.request_id and not isinstance(error, TooManyRequests):
        st.caption(f"If you ask for help, quote request {problem.request_id}.")
