"""Answering the turns that wait in a conversation, each by one process at a time, whichever lives.

A claim is worth what its attempt is: whoever lost it (the turn was stopped, deleted, or taken over after a silence)
writes nothing more.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog
from psycopg import Connection
from psycopg.types.json import Jsonb

from studium import events
from studium.claimants import is_dead, this_process
from studium.content import in_force
from studium.events import Kind, Verb
from studium.tutor import budgets, preferences
from studium.tutor.budgets import Grant
from studium.tutor.chain import Answered, Connect, Means, Piece, Turn, respond
from studium.tutor.conversation import MINE
from studium.tutor.models import Models
from studium.wire.chat import ChatAnswer

SILENCE = timedelta(seconds=90)
"""After this long without a sign of life a claim of another machine's is over."""
MOST_ATTEMPTS = 3
TELL_SECONDS = 0.1
"""How often words are kept, and so told, at most."""
TROUBLE = "Something went wrong here while this was answered. Ask again."
LEFT = "You are in this course no longer."
log = structlog.get_logger(__name__)

OLDEST = f"""
select t.turn_id, t.status, t.attempt, t.claimed_by, t.touched_at < clock_timestamp() - %s as silent, s.course_id,
    t.content, t.mode, t.rung, t.follows, {MINE} as mine
from app.chat_turns as t join app.chat_sessions as s using (session_id)
where t.session_id = %s and t.status in ('queued', 'running') order by t.number limit 1
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn to answer, and which attempt at it this is."""

    turn: Turn
    account_id: UUID
    attempt: int


class LostError(Exception):
    """The turn is another's by now, or nobody's."""


def waits(connection: Connection, session_id: UUID) -> bool:
    """Whether the conversation has a turn to answer that no living process is at."""
    row = connection.execute(OLDEST, [SILENCE, session_id]).fetchone()
    return row is not None and _is_free(row[1], row[3], row[4])


def _is_free(status: str, claimed_by: str | None, silent: bool) -> bool:
    return status == "queued" or silent or (claimed_by is not None and is_dead(claimed_by))


def claim(connection: Connection, session_id: UUID, account_id: UUID) -> Claim | None:
    """Take the next turn of a conversation, if there is one and nobody else is at it."""
    while True:
        row = connection.execute(f"{OLDEST} for update of t", [SILENCE, session_id]).fetchone()
        if row is None:
            return None
        turn_id, status, attempt, claimed_by, silent, course_id, content, mode, rung, follows, mine = row
        if not _is_free(status, claimed_by, silent):
            return None
        if attempt >= MOST_ATTEMPTS or not mine:
            _fail(connection, turn_id, TROUBLE if mine else LEFT)
            continue
        connection.execute(
            "update app.chat_turns set status = 'running', attempt = %s, text = '', claimed_by = %s, "
            "started_at = clock_timestamp(), touched_at = clock_timestamp(), first_chunk_ms = null where turn_id = %s",
            [attempt + 1, this_process(), turn_id],
        )
        turn = Turn(session_id, turn_id, course_id, content, mode=mode, rung=rung, follows=follows)
        return Claim(turn, account_id, attempt + 1)


def answer(claimed: Claim, connect: Connect, means: Means, gone: Callable[[], bool]) -> None:
    """Answer a turn that was claimed; it ends `done` or `failed`, or is another's.

    Args:
        claimed: the turn.
        connect: opens a transaction bound to who asked.
        means: the embedder of the active space, and the models.
        gone: whether this process is about to end; then the turn is left for another.
    """
    try:
        _answer(claimed, connect, means, gone)
    except LostError:
        log.info("turn_left", turn_id=str(claimed.turn.turn_id))
    except Exception:
        log.exception("turn_failed", turn_id=str(claimed.turn.turn_id))
        with connect() as connection:
            _fail(connection, claimed.turn.turn_id, TROUBLE)


def _answer(claimed: Claim, connect: Connect, means: Means, gone: Callable[[], bool]) -> None:
    with connect() as connection:
        granted = budgets.reserve(connection, claimed.turn, _for(connection, claimed.turn, means.models))
    try:
        with closing(respond(claimed.turn, connect, replace(means, models=granted.models))) as pieces:
            said, answered = _told(claimed, connect, budgets.noticed(pieces, granted), gone)
        with connect() as connection:
            _keep(connection, claimed, said)
            _charge(connection, claimed.turn, granted)
            _finish(connection, claimed, answered)
    except Exception:
        with connect() as connection:
            _charge(connection, claimed.turn, granted)
        raise


def _for(connection: Connection, turn: Turn, models: Models | None) -> Models | None:
    """Models that know the prompt in force, and what the asker prefers."""
    if models is None:
        return None
    prompt = in_force.version(connection, "prompt", models.answer_prompt)
    return replace(models, answer_prompt=prompt, learner=preferences.told(preferences.read(connection, turn.course_id)))


def _told(claimed: Claim, connect: Connect, pieces: Iterable[Piece], gone: Callable[[], bool]) -> tuple[str, Answered]:
    """Keep words as they come; returns those not kept yet, and the answer."""
    said, kept_at = "", 0.0
    for piece in pieces:
        if gone():
            raise LostError
        if isinstance(piece, Answered):
            return said, piece
        said += piece.text
        if time.monotonic() - kept_at >= TELL_SECONDS:
            with connect() as connection:
                _keep(connection, claimed, said)
            said, kept_at = "", time.monotonic()
    raise AssertionError("an answer ends")


def _charge(connection: Connection, turn: Turn, granted: Grant) -> None:
    """What was spent was spent, also on a turn that was stopped or taken over."""
    budgets.settle(connection, turn, granted)
    spent = turn.spending
    if granted.models and spent.tokens_in:
        connection.execute(
            "update app.chat_turns set tokens_in = tokens_in + %s, tokens_out = tokens_out + %s, cost = cost + %s, "
            "currency = %s where turn_id = %s",
            [spent.tokens_in, spent.tokens_out, spent.amount, granted.models.currency, turn.turn_id],
        )


def _keep(connection: Connection, claimed: Claim, said: str) -> None:
    row = connection.execute(
        "update app.chat_turns set text = text || %s, touched_at = clock_timestamp(), first_chunk_ms = "
        "coalesce(first_chunk_ms, case when %s <> '' then extract(epoch from clock_timestamp() - created_at) * 1000 end"
        ")::integer where turn_id = %s and attempt = %s and status = 'running' returning turn_id",
        [said, said, claimed.turn.turn_id, claimed.attempt],
    ).fetchone()
    if row is None:
        raise LostError


def _finish(connection: Connection, claimed: Claim, answered: Answered) -> None:
    connection.execute(
        "update app.chat_turns set status = 'done', answer = %s, model = %s, retrieved = %s, "
        "standalone = %s, route = %s, prompt_version = %s, expects = %s, finished_at = clock_timestamp(), "
        "total_ms = extract(epoch from clock_timestamp() - created_at)::numeric * 1000 where turn_id = %s",
        [
            Jsonb(answered.answer.model_dump(mode="json")),
            answered.answer.model,
            Jsonb(answered.retrieved),
            answered.standalone,
            answered.route,
            answered.prompt_version,
            Jsonb(answered.expects.model_dump(mode="json")) if answered.expects else None,
            claimed.turn.turn_id,
        ],
    )
    _remember(connection, claimed, answered.answer)


def _remember(connection: Connection, claimed: Claim, answer: ChatAnswer) -> None:
    course = claimed.turn.course_id
    result = {"answered": answer.shape != "refusal", "quotes": len(answer.citations)}
    events.record(connection, claimed.account_id, Verb.ASKED, Kind.COURSE, course, course_id=course, result=result)


def _fail(connection: Connection, turn_id: UUID, why: str) -> None:
    connection.execute(
        "update app.chat_turns set status = 'failed', error = %s, finished_at = clock_timestamp() "
        "where turn_id = %s and status in ('queued', 'running')",
        [why, turn_id],
    )
