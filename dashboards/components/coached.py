"""How one wants to be helped in a conversation, and what can be done next in each mode."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from dashboards import api
from studium.client import ChatSession, ChatTurn
from studium.wire.chat import Mode

CHOSEN = "chat-mode"
LAST_HINT = 4
LABELS: dict[Mode, str] = {
    "answer": ":material/format_quote: Answer",
    "hints": ":material/stairs: Hints",
    "socratic": ":material/psychology_alt: Ask me back",
    "quiz": ":material/quiz: Quiz me",
}
MEANS: dict[Mode, str] = {
    "answer": "You ask, the course answers.",
    "hints": "You ask, and climb: what to think about, where to look, the passage with gaps, the answer.",
    "socratic": "You ask, and try first. Your words are compared with the course's before it is quoted.",
    "quiz": "You name a topic and are asked about it. A rule compares words; nobody marks you.",
}
PROMPTS: dict[Mode, str] = {
    "answer": "Ask in your own words",
    "hints": "Ask what you want hints to",
    "socratic": "Ask what you want to think through",
    "quiz": "Name a topic, or write \u201cQuiz me\u201d",
}
REPLY = "Your reply"


@dataclass(frozen=True)
class Step:
    """Something to say by a button."""

    label: str
    icon: str
    content: str
    follows: UUID | None = None
    shortcut: str | None = None


def mode_of(session: ChatSession | None) -> Mode:
    """The conversation's mode; of one that is not begun, what was chosen for it."""
    mode: Mode = session.mode if session else st.session_state.get(CHOSEN, "answer")
    return mode


def switch(session: ChatSession | None) -> None:
    """The switch; from then on messages are met in that mode."""
    now = mode_of(session)
    # the key holds the mode, so that the switch follows when another tab turns it
    key = f"chat-mode-{session.session_id if session else 'new'}-{now}"
    chosen = st.segmented_control(
        "How to be helped", list(LABELS), format_func=LABELS.__getitem__, default=now, required=True, key=key,
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    if chosen and chosen != now:
        if session:
            api.chats().change(session.session_id, mode=chosen)
        st.session_state[CHOSEN] = chosen
        st.rerun()


def explain(session: ChatSession | None) -> None:
    """What the mode means."""
    st.html(f'<p class="studium-note">{MEANS[mode_of(session)]}</p>')


def prompt(mode: Mode, turns: list[ChatTurn]) -> str:
    """What the input says."""
    last = turns[-1] if turns else None
    is_asked = last is not None and last.mode == mode and last.answer is not None and last.answer.asks
    return REPLY if is_asked else PROMPTS[mode]


def steps(turn: ChatTurn) -> list[Step]:
    """What one can go on with after a turn, without writing."""
    if turn.answer is None:
        return []
    another = Step("Another question", ":material/skip_next:", "Another question", shortcut="Alt+N")
    if turn.answer.shape == "hint":
        is_last = (turn.rung or 1) + 1 >= LAST_HINT
        label, icon = ("Show the answer", ":material/visibility:") if is_last else ("Next hint", ":material/stairs:")
        return [Step(label, icon, label, turn.turn_id, "Alt+N")]
    if turn.answer.asks:
        told = Step("I don't know", ":material/visibility:", "I don't know", shortcut="Alt+D")
        return [told, another] if turn.mode == "quiz" else [told]
    return [another] if turn.mode == "quiz" and turn.answer.shape == "judgement" else []


def further(last: ChatTurn, say: Callable[[str, Mode, UUID | None], None]) -> None:
    """The buttons under a conversation's last turn; `say` is told the content, the mode, and the turn gone on with."""
    todo = steps(last)
    if last.status in {"failed", "stopped"}:
        todo = [Step("Ask again", ":material/refresh:", last.content, last.follows if last.mode == "hints" else None)]
    with st.container(horizontal=True, gap="small", key="chat-further"):
        for step in todo:
            st.button(
                step.label, icon=step.icon, shortcut=step.shortcut, key=f"step-{last.number}-{step.label}",
                on_click=say, args=[step.content, last.mode, step.follows],
            )  # fmt: skip
