"""One's conversations in a course: the list beside the page, and what can be done with the open one."""

from functools import partial
from uuid import UUID

import streamlit as st

from dashboards import api
from dashboards.components import sidebar, words
from studium.client import ApiError, ChatSession

OPEN = "chat"
LISTED = 30
FITS, LIST_HEIGHT = 8, 320
"""More than so many are scrolled: who is signed in stays in sight."""
TITLE_LENGTH = 34
NEW = "New conversation"


def opened(course_id: str) -> ChatSession | None:
    """The conversation the address names, if it is one of this course's; none: a new one."""
    named = st.query_params.get(OPEN)
    if not named:
        return None
    try:
        session = api.chats().read(UUID(named))
    except (ValueError, ApiError):
        session = None
    if session is None or session.course_id != course_id:
        show(None)
        return None
    return session


def show(session_id: UUID | None) -> None:
    """Open a conversation, or none; the address keeps it."""
    if session_id is None:
        st.query_params.pop(OPEN, None)
    else:
        st.query_params[OPEN] = str(session_id)


def side_list(course_id: str, current: ChatSession | None) -> None:
    """Beside the page: a new one, and those there are, found again by what was said in them."""
    with sidebar.beside(), st.container(key="chat-history", gap="small"):
        st.button(NEW, icon=":material/edit_square:", key="chat-new", on_click=show, args=[None], width="stretch")
        wanted = st.text_input(
            "Search conversations", key="chat-search", placeholder="Search conversations", label_visibility="collapsed",
            type="search",
        )  # fmt: skip
        found = api.chats().list(course_id=course_id, q=(wanted or "").strip()[:200] or None, limit=LISTED).items
        with st.container(
            key="chat-list", gap=None, height=LIST_HEIGHT if len(found) > FITS else "content", border=False
        ):
            for session in found:
                is_current = current is not None and session.session_id == current.session_id
                st.button(
                    words.plain(words.shortened(session.title or NEW, TITLE_LENGTH)),
                    key=f"chat-{session.session_id}",
                    type="secondary" if is_current else "tertiary",
                    on_click=show,
                    args=[session.session_id],
                    width="stretch",
                )
        if not found:
            st.caption("Nothing was said about that." if wanted else "Your conversations appear here.")


def menu(session: ChatSession) -> None:
    """What can be done with the open conversation."""
    with st.popover("Conversation", icon=":material/more_horiz:"):
        with st.form("chat-rename", border=False):
            title = st.text_input("Name", value=session.title or "", max_chars=200)
            if st.form_submit_button("Rename", icon=":material/edit:") and title.strip():
                api.chats().change(session.session_id, title=title.strip())
                st.rerun()
        for label, kind in (("Keep as text", "md"), ("Keep as data", "json")):
            st.download_button(
                label,
                data=partial(api.chats().export, session.session_id, kind),
                file_name=f"conversation-{session.created_at:%Y-%m-%d}.{kind}",
                icon=":material/download:",
                width="stretch",
                key=f"chat-export-{kind}",
            )
        sure = st.checkbox("Delete it with all that was said", key=f"chat-sure-{session.session_id}")
        if st.button("Delete", icon=":material/delete:", disabled=not sure, key="chat-delete", width="stretch"):
            api.chats().delete(session.session_id)
            show(None)
            st.rerun()
