"""Conversations of the small API in memory: kept, streamed in pieces, and told to break off when a test wants it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from studium.wire import chat
from studium.wire.answers import Quote, Reading
from studium.wire.base import Page, Problem
from tests.dashboards.examples import AS_OF

FREE = chat.Cost(tokens_in=0, tokens_out=0, amount=0, currency=None)


@dataclass
class FakeChats:
    """What the API knows of conversations."""

    quotes: list[Quote]
    reading: Reading
    answers_questions: bool = True
    fails: bool = False
    changed: bool = False
    breaks: int = 0
    """How often a stream breaks off after its first piece."""
    sessions: dict[UUID, chat.ChatSession] = field(default_factory=dict)
    turns: dict[UUID, list[chat.ChatTurn]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    coached: list[tuple[chat.Mode, UUID | None]] = field(default_factory=list)
    """In which mode each message was met, and the turn it named."""
    said: chat.ChatAnswer | None = None
    """What is answered, in place of the usual."""
    stopped: list[UUID] = field(default_factory=list)

    def begin(self, course_id: str, title: str | None = None, mode: chat.Mode = "answer") -> chat.ChatSession:
        made = chat.ChatSession(
            session_id=uuid4(), course_id=course_id, title=title, mode=mode, turns=0, created_at=AS_OF,
            updated_at=AS_OF,
        )  # fmt: skip
        self.sessions[made.session_id], self.turns[made.session_id] = made, []
        return made

    def say(self, session_id: UUID, message: chat.ChatMessage, status: chat.TurnStatus = "done") -> chat.ChatTurn:
        known = [t for t in self.turns[session_id] if t.client_message_id == message.client_message_id]
        if known and known[0].status != "running":
            return known[0]
        self.turns[session_id] = [turn for turn in self.turns[session_id] if turn not in known]
        if not known:
            self.asked.append(message.content)
            self.coached.append((message.mode or self.sessions[session_id].mode, message.follows))
        if self.fails:
            status = "failed"
        answer = self.answer() if status == "done" else None
        made = chat.ChatTurn(
            turn_id=known[0].turn_id if known else uuid4(),
            number=len(self.turns[session_id]) + 1,
            client_message_id=message.client_message_id,
            content=message.content,
            mode=message.mode or self.sessions[session_id].mode,
            rung=self._rung(session_id, message),
            follows=message.follows,
            status=status,
            text="\n\n".join([answer.statement, *(part.text for part in answer.parts)]) if answer else "",
            answer=answer,
            cost=FREE,
            error="Something went wrong here." if self.fails else None,
            created_at=AS_OF,
            finished_at=None if status == "running" else AS_OF,
        )
        self.turns[session_id].append(made)
        session = self.sessions[session_id]
        title = session.title or message.content
        self.sessions[session_id] = session.model_copy(update={"title": title, "turns": made.number})
        return made

    def _rung(self, session_id: UUID, message: chat.ChatMessage) -> int | None:
        """Of a hint: one more than of the turn it goes on with."""
        if (message.mode or self.sessions[session_id].mode) != "hints":
            return None
        before = [turn.rung for turn in self.turns[session_id] if turn.turn_id == message.follows]
        return 1 + (before[0] or 0) if before else 1

    def answer(self) -> chat.ChatAnswer:
        if self.said:
            return self.said
        if not self.answers_questions:
            return chat.ChatAnswer(
                statement="The course does not say anything about this.", shape="refusal", parts=[], citations=[],
                read_next=[self.reading], model=None,
            )  # fmt: skip
        citations = [
            chat.Citation(
                number=number, quote=quote.text, version="a" * 64, changed_since=self.changed,
                **quote.model_dump(exclude={"text", "score"}),
            )
            for number, quote in enumerate(self.quotes, start=1)
        ]  # fmt: skip
        return chat.ChatAnswer(
            statement="The course answers this in two places.",
            shape="passages",
            parts=[
                chat.AnswerPart(text=one.quote, citations=[one.number], supported=True, made_by="course")
                for one in citations
            ],
            citations=citations,
            read_next=[self.reading],
            model=None,
        )

    def stream(self, turn: chat.ChatTurn, after: str | None) -> Iterator[str]:
        common = {"turn_id": turn.turn_id}
        frames: list[chat.Asked | chat.Streaming | chat.Done] = [
            chat.Asked(
                position=f"{turn.number}.0.0", client_message_id=turn.client_message_id, content=turn.content, **common
            )
        ]
        offset = 0
        for piece in turn.text.split("\n\n"):
            chunk = piece if offset + len(piece) == len(turn.text) else f"{piece}\n\n"
            position = f"{turn.number}.1.{offset + len(chunk)}"
            frames.append(chat.Streaming(position=position, offset=offset, chunk=chunk, **common))
            offset += len(chunk)
        cited = turn.answer.citations if turn.answer else []
        frames.append(
            chat.Done(
                position=str(turn.number),
                status=turn.status,
                answer=turn.answer,
                citations=cited,
                cost=FREE,
                error=turn.error,
                **common,
            )
        )
        known = [frame.position for frame in frames].index(after) + 1 if after else 0
        for number, frame in enumerate(frames[known:]):
            if self.breaks and number == 2:
                self.breaks -= 1
                return
            yield f"id: {frame.position}\nevent: {frame.kind}\ndata: {frame.model_dump_json()}\n\n"


def add_chats(app: FastAPI, known: FakeChats) -> None:
    _add_sessions(app, known)
    _add_turns(app, known)


PREFIX = "/api/v1/chat/sessions"


def _add_sessions(app: FastAPI, known: FakeChats) -> None:
    @app.post(PREFIX, status_code=201)
    def create(body: chat.NewChat) -> chat.ChatSession:
        return known.begin(body.course_id, body.title, body.mode)

    @app.get(PREFIX)
    def listed(course_id: str, q: str | None = None) -> Page[chat.ChatSession]:
        found = [session for session in known.sessions.values() if session.course_id == course_id]
        if q:
            found = [session for session in found if q.casefold() in (session.title or "").casefold()]
        return Page[chat.ChatSession](items=found[::-1])

    @app.get(PREFIX + "/{session_id}", response_model=chat.ChatSession)
    def read(session_id: UUID) -> chat.ChatSession | Response:
        if session_id not in known.sessions:
            return JSONResponse(Problem(title="Not Found", status=404).model_dump(), 404)
        return known.sessions[session_id]

    @app.patch(PREFIX + "/{session_id}")
    def change(session_id: UUID, body: chat.ChatChange) -> chat.ChatSession:
        known.sessions[session_id] = known.sessions[session_id].model_copy(update=body.model_dump(exclude_none=True))
        return known.sessions[session_id]

    @app.delete(PREFIX + "/{session_id}", status_code=204)
    def delete(session_id: UUID) -> None:
        del known.sessions[session_id]


def _add_turns(app: FastAPI, known: FakeChats) -> None:
    @app.get(PREFIX + "/{session_id}/turns")
    def turns(session_id: UUID) -> Page[chat.ChatTurn]:
        return Page[chat.ChatTurn](items=known.turns[session_id])

    @app.post(PREFIX + "/{session_id}/messages")
    def send(session_id: UUID, body: chat.ChatMessage, request: Request) -> Response:
        turn = known.say(session_id, body)
        events = known.stream(turn, request.headers.get("last-event-id"))
        return StreamingResponse(events, media_type="text/event-stream")

    @app.post(PREFIX + "/{session_id}/turns/{turn_id}/stop")
    def stop(session_id: UUID, turn_id: UUID) -> chat.ChatTurn:
        known.stopped.append(turn_id)
        over = {"status": "stopped", "finished_at": AS_OF, "answer": None}
        known.turns[session_id] = [
            turn.model_copy(update=over) if turn.turn_id == turn_id else turn for turn in known.turns[session_id]
        ]
        return next(turn for turn in known.turns[session_id] if turn.turn_id == turn_id)

    @app.get(PREFIX + "/{session_id}/export")
    def export(session_id: UUID, format: str) -> Response:  # noqa: A002 - as the API calls it
        return Response(f"{known.sessions[session_id].title} as {format}")
