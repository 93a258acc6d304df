"""What does the course say about my question, and about the next one?"""

from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

import streamlit as st

from dashboards import api
from dashboards.components import chat_answers, chat_history, coached, frame, tutoring, words
from studium.client import ApiError, ChatSession, ChatTurn, every
from studium.wire.chat import Asked, Done, Mode, Streaming

PENDING = "chat-pending"
OVER = {"done", "failed", "stopped"}


@dataclass
class Pending:
    """A question on its way; with its id it can be asked for again without being asked twice."""

    session_id: UUID
    content: str
    client_message_id: UUID = field(default_factory=uuid4)
    turn_id: UUID | None = None
    mode: Mode | None = None
    follows: UUID | None = None


def ask(course_id: str, session: ChatSession | None, content: str) -> None:
    """Have a question answered; the first one begins the conversation."""
    mode = coached.mode_of(session)
    session_id = session.session_id if session else api.chats().create(course_id, mode=mode).session_id
    st.session_state[PENDING] = Pending(session_id, content)
    st.session_state.pop(chat_answers.SHOWN, None)
    chat_history.show(session_id)


def go_on(session_id: UUID, content: str, mode: Mode, follows: UUID | None) -> None:
    """Say what a button says: the next hint, another question, or the same once more."""
    st.session_state[PENDING] = Pending(session_id, content, mode=mode, follows=follows)
    st.session_state.pop(chat_answers.SHOWN, None)


def stop() -> None:
    """Have no more written; what there is stays."""
    pending: Pending | None = st.session_state.pop(PENDING, None)
    if pending and pending.turn_id:
        try:
            api.chats().stop(pending.session_id, pending.turn_id)
        except ApiError:
            return  # it is over, or gone: what the page shows next says so


def pending_of(session: ChatSession | None, turns: list[ChatTurn]) -> Pending | None:
    """The question on its way in this conversation: from this page, or one that another page or visit left open."""
    mine: Pending | None = st.session_state.get(PENDING)
    if session is None or (mine and mine.session_id != session.session_id):
        return None
    if mine and not any(turn.client_message_id == mine.client_message_id and turn.status in OVER for turn in turns):
        return mine
    st.session_state.pop(PENDING, None)
    unended = next((turn for turn in turns if turn.status not in OVER), None)
    if unended is None:
        return None
    return Pending(session.session_id, unended.content, unended.client_message_id, unended.turn_id)


def write(pending: Pending) -> None:
    """Show an answer as it is written, to its end."""
    st.session_state[PENDING] = pending
    chat_answers.question(pending.content)
    with st.chat_message("assistant", avatar=chat_answers.ICONS["assistant"]):
        place = st.empty()
        place.html('<p class="studium-note" role="status">Looking through the course</p>')
        st.button("Stop", key="chat-stop", icon=":material/stop_circle:", on_click=stop, type="tertiary")
        text = ""
        frames = api.chats().stream(
            pending.session_id, pending.content, pending.client_message_id, mode=pending.mode, follows=pending.follows
        )
        for frame_ in frames:
            if isinstance(frame_, Asked):
                pending.turn_id = frame_.turn_id
            elif isinstance(frame_, Streaming):
                text = text[: frame_.offset] + frame_.chunk
                place.html(chat_answers.so_far(text))
            elif isinstance(frame_, Done):
                st.session_state.pop(PENDING, None)
    st.rerun()


def nothing_yet() -> None:
    """Says what to do."""
    readable = sum(len(material.documents) for material in api.materials(course.course_id))
    frame.empty(
        "forum",
        f"Ask {course.shortname} anything it covers",
        f"Studium looks through {words.count(readable, 'document')} of {course.fullname} and your own uploads, and "
        "quotes the passages that answer, each with its page. Write your question below.",
    )


def talk(session: ChatSession, turns: list[ChatTurn], pending: Pending | None) -> None:
    """The conversation, and beside it the sources of one of its answers."""
    shown = chat_answers.shown(turns)
    left, right = st.columns([3, 2], gap="large") if shown else (st.container(), None)
    with left:
        for turn in turns:
            if turn.status not in OVER:
                continue
            chat_answers.question(turn.content)
            chat_answers.answer(turn, is_shown=shown is turn)
        if turns and pending is None:
            coached.further(turns[-1], partial(go_on, session.session_id))
    if right and shown:
        with right, st.container(key="chat-sources"):
            chat_answers.sources(shown)
    if pending:
        with left:
            write(pending)


course = frame.current_course()
with frame.problems_in_words():
    current = chat_history.opened(course.course_id)
    said = list(every(api.chats().turns, current.session_id, limit=100)) if current else []
    frame.heading("Chat", course.as_of, chat_answers.made_by(said))
    with st.container(horizontal=True, horizontal_alignment="distribute", key="chat-bar"):
        coached.switch(current)
        tutoring.wishes(course.course_id)
        if current:
            chat_history.menu(current)
    coached.explain(current)
    prompt = coached.prompt(coached.mode_of(current), said)
    content = st.chat_input(prompt, max_chars=2000, key="chat-question")
    if content and content.strip():
        ask(course.course_id, current, content.strip())
        st.rerun()
    chat_history.side_list(course.course_id, current)
    waiting = pending_of(current, said)
    if current and (said or waiting):
        talk(current, said, waiting)
    else:
        nothing_yet()
