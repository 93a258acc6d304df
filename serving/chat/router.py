"""Conversations over HTTP: kept, found again, exported, deleted; questions answered whole or as they are written."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from serving.chat.answering import EVENTS, Answering, Wanted
from serving.chat.export import as_markdown
from serving.dependencies import After, Db, Limit, MaybeCourseId, SignedIn, require_member
from studium.tutor import conversation
from studium.wire.base import Page, Words
from studium.wire.chat import ChatChange, ChatExport, ChatMessage, ChatSession, ChatTurn, NewChat

router = APIRouter(prefix="/chat/sessions", tags=["chat"])
Searched = Annotated[Words, Query(max_length=200, description="Stands in the title, a question or an answer.")]
Format = Annotated[Literal["md", "json"], Query()]
Accept = Annotated[str, Header(description=f"`{EVENTS}`: the answer as it is written.")]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=40, description="Go on after this event.")]
FILES = {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}, "description": "The conversation."}}
ANSWERS = {200: {"content": {EVENTS: {"schema": {"type": "string"}}}}, 202: {"model": ChatTurn}, 404: {}, 409: {}}


@router.post("", status_code=201, responses={404: {}})
def create_chat(body: NewChat, who: SignedIn, connection: Db) -> ChatSession:
    """Begin a conversation with the tutor of a course one is in."""
    require_member(connection, body.course_id)
    return conversation.begin(connection, who.account_id, body)


@router.get("")
def list_chats(
    connection: Db,
    course_id: MaybeCourseId = None,
    q: Searched | None = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[ChatSession]:
    """One's own conversations, the one that went on last first."""
    return conversation.listed(connection, course_id=course_id, text=q, after=after, limit=limit)


@router.get("/{session_id}")
def read_chat(session_id: UUID, connection: Db) -> ChatSession:
    """One conversation."""
    return conversation.read(connection, session_id)


@router.patch("/{session_id}")
def change_chat(session_id: UUID, body: ChatChange, connection: Db) -> ChatSession:
    """Give it another name, or another mode."""
    return conversation.change(connection, session_id, body)


@router.delete("/{session_id}", status_code=204)
def delete_chat(session_id: UUID, connection: Db) -> None:
    """Remove it with all that was said."""
    conversation.delete(connection, session_id)


@router.get("/{session_id}/turns")
def list_turns(session_id: UUID, connection: Db, after: After = None, limit: Limit = 50) -> Page[ChatTurn]:
    """What was asked and answered, in order; citations say whether their source has changed since."""
    return conversation.turns(connection, session_id, after, limit)


@router.get("/{session_id}/turns/{turn_id}")
def read_turn(session_id: UUID, turn_id: UUID, connection: Db) -> ChatTurn:
    """One question and its answer."""
    return conversation.answered(connection, session_id, turn_id)


@router.post("/{session_id}/messages", response_model=ChatTurn, responses=ANSWERS)  # type: ignore[arg-type]
def send_message(
    session_id: UUID,
    body: ChatMessage,
    who: SignedIn,
    connection: Db,
    accept: Accept = "application/json",
    last_event: LastEvent = None,
) -> Response:
    """Ask. Sent again with the same `client_message_id`, the same turn is told, and nothing is asked twice.

    202: it is still being answered; send it again to go on waiting.
    """
    turn = conversation.say(connection, session_id, body)
    wanted = Wanted(session_id, turn, who.account_id)
    return Answering(wanted, stream=EVENTS in accept, after=last_event)


@router.post("/{session_id}/turns/{turn_id}/stop")
def stop_turn(session_id: UUID, turn_id: UUID, connection: Db) -> ChatTurn:
    """Say no more of it; what was said stays."""
    return conversation.stop(connection, session_id, turn_id)


@router.get("/{session_id}/export", response_class=Response, responses=FILES)  # type: ignore[arg-type]
def export_chat(session_id: UUID, connection: Db, format: Format = "md") -> Response:  # noqa: A002 - its public name
    """The whole conversation as a file: Markdown, or JSON as this API tells it."""
    session = conversation.read(connection, session_id)
    turns = conversation.turns(connection, session_id, None, conversation.MOST_TURNS).items
    exported = ChatExport(session=session, turns=turns)
    text = as_markdown(exported) if format == "md" else exported.model_dump_json(indent=1)
    kind = "text/markdown" if format == "md" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="conversation-{session_id}.{format}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)
