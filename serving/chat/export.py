"""A conversation as a file to keep: for people (Markdown) and for programs (JSON)."""

import re
from html import escape

from studium.wire.chat import UNSUPPORTED, ChatExport, ChatTurn, Citation

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!])")
"""What every Markdown lets a backslash stand before."""
UNANSWERED = {"failed": "This was not answered.", "stopped": "Stopped."}


def as_markdown(exported: ChatExport) -> str:
    """Questions, answers and where they are from. What people and the course said is text, whatever it looks like."""
    session = exported.session
    parts = [f"# {literal(session.title or 'Conversation')}", f"{session.course_id}, {session.created_at:%Y-%m-%d}"]
    for turn in exported.turns:
        parts += [f"## {literal(turn.content)}", *_answer(turn)]
    return "\n\n".join(parts) + "\n"


def _answer(turn: ChatTurn) -> list[str]:
    if turn.answer is None:
        return [part for part in (literal(turn.text), UNANSWERED.get(turn.status, "Not answered yet.")) if part]
    parts = [literal(turn.answer.statement)]
    for part in turn.answer.parts:
        numbers = "".join(f"\\[{number}\\]" for number in part.citations)
        mark = f" ({UNSUPPORTED})" if part.supported is False else ""
        parts.append("\n".join(f"> {literal(line)}" for line in f"{part.text}".splitlines()) + f" {numbers}{mark}")
    return [
        *parts,
        *map(literal, turn.answer.notices),
        "\n".join(f"{one.number}. {where(one)}" for one in turn.answer.citations),
    ]


def where(citation: Citation) -> str:
    """The place of a citation."""
    page = f"{citation.page_kind or 'page'} {citation.page}" if citation.page is not None else None
    version = f"file {citation.version[:12]}" if citation.version else None
    places = [citation.module_name or citation.title, citation.title, citation.heading, page, version]
    return ", ".join(literal(place) for place in dict.fromkeys(place for place in places if place))


def literal(text: str) -> str:
    """Text as Markdown that shows just that."""
    return escape(SPECIAL.sub(r"\\\1", " ".join(text.split())), quote=False)
