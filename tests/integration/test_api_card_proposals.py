"""Proposed cards over the API: seen with their passage alone, decided once, and made on asking for one learner."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from api_world import BIOLOGY, World
from model_server import Reply, model_server, says
from psycopg import Connection

from studium.client import ApiError, Client, NotFound, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.learning.making import generating
from studium.learning.making.proposing import propose
from studium.settings import Settings
from studium.tutor.models import open_models
from studium.wire.proposals import CardsWanted, EditedProposal, Proposal

As = Callable[[str], Client]
TEXT = "Mitosis\n\nTetraploid cells have 92 chromosomes. Colchicine inhibits microtubules because it binds to tubulin."
SECRET = "Exam\n\nThe exam's chromosome has 4711 genes. Prophase ends when the nuclear envelope breaks down."


def as_admin(world: World, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(world.settings, Role.ADMIN) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def passage(connection: Connection, document_id: UUID, text: str) -> UUID:
    [(chunk_id,)] = connection.execute(
        "insert into content.chunks (document_id, position, text, token_count, heading, content_sha256) "
        "values (%s, 0, %s, 90, %s, %s) returning chunk_id",
        [document_id, text, text.split("\n", maxsplit=1)[0], f"sha of {text}"],
    ).fetchall()
    return UUID(str(chunk_id))


def page(connection: Connection, module_id: str, text: str) -> UUID:
    [(document_id,)] = connection.execute(
        "insert into content.documents (source, course_id, module_id, section_id, material_key, title, status) "
        "select 'moodle', %s, %s, m.section_id, %s, %s, 'ready' from marts.dim_modules as m where m.module_id = %s "
        "returning document_id",
        [BIOLOGY, module_id, f"page:{uuid4()}", text.split("\n", maxsplit=1)[0], module_id],
    ).fetchall()
    passage(connection, document_id, text)
    return UUID(str(document_id))


def look_through(world: World) -> bool:
    with connect(world.settings, Role.PIPELINE) as connection:
        return propose(connection, BIOLOGY, datetime.now(UTC), "a run").is_new


@pytest.fixture(scope="module")
def pages(world: World, api: object) -> Iterator[dict[str, UUID]]:
    """A page everybody in biology sees, and one that is hidden; looked through."""
    older = [card_id for (card_id,) in as_admin(world, "select card_id from app.cards")]
    with connect(world.settings, Role.ADMIN) as connection:
        texts = {"page": TEXT, "hidden": SECRET}
        made = {name: page(connection, world.modules[name], text) for name, text in texts.items()}
    assert look_through(world)
    yield made
    as_admin(world, "delete from content.documents where document_id = any(%s)", list(made.values()))
    for table in ("card_proposals", "card_decisions", "card_makings"):
        as_admin(world, f"delete from app.{table} where course_id = %s", BIOLOGY)
    as_admin(world, "delete from app.cards where card_id <> all(%s)", older)
    as_admin(world, "delete from app.chat_spending where account_id = %s", world.accounts["ann"])


def proposed(client: Client, document_id: UUID) -> dict[str, Proposal]:
    return {one.front: one for one in client.card_proposals.list(BIOLOGY, document_id=document_id).items}


def test_proposals_are_seen_with_their_passage_alone(client: As, world: World, pages: dict[str, UUID]) -> None:
    found = proposed(client("ann"), pages["page"])
    assert "*Mitosis*\n\nTetraploid cells have {{c1::92}} chromosomes." in found
    one = next(one for one in found.values() if one.rule == "reason")
    assert (one.made_by, one.source and one.source.quote) == (
        "rule", "Colchicine inhibits microtubules because it binds to tubulin."
    )  # fmt: skip
    assert not proposed(client("ann"), pages["hidden"])
    hidden = proposed(client("tom"), pages["hidden"])
    assert hidden
    with pytest.raises(NotFound):
        client("ann").card_proposals.accept([one.proposal_id for one in hidden.values()])
    for name in ("dan", "out"):
        with pytest.raises(NotFound):
            client(name).card_proposals.list(BIOLOGY)
        with pytest.raises(NotFound):
            client(name).card_proposals.refuse([one.proposal_id])
    assert not look_through(world)


def test_a_decision_is_taken_once_and_outlives_a_new_reading(client: As, world: World, pages: dict[str, UUID]) -> None:
    ann = client("ann")
    one = next(one for one in proposed(ann, pages["page"]).values() if one.kind == "cloze")
    [card] = ann.card_proposals.accept([one.proposal_id])
    assert (card.kind, card.origin, card.course_id) == ("cloze", "generated", BIOLOGY)
    assert card.source
    assert card.source.status == "unchanged"
    assert ann.card_proposals.accept([one.proposal_id])[0].card_id == card.card_id
    assert one.front not in proposed(ann, pages["page"])
    assert one.front in proposed(client("tom"), pages["page"])
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("delete from content.chunks where document_id = %s", [pages["page"]])
        passage(connection, pages["page"], TEXT)
    assert not proposed(ann, pages["page"])
    assert look_through(world)
    again = proposed(ann, pages["page"])
    assert again
    assert one.front not in again


def test_a_proposal_is_taken_in_other_words_or_refused_and_proposed_again(client: As, pages: dict[str, UUID]) -> None:
    tom = client("tom")
    cloze = next(one for one in proposed(tom, pages["page"]).values() if one.kind == "cloze")
    with pytest.raises(Rejected, match="needs a gap"):
        tom.card_proposals.edit(cloze.proposal_id, EditedProposal(front="No gap."))
    two = EditedProposal(front="{{c1::Tetraploid}} cells have {{c2::92}} chromosomes.<script>x()</script>")
    first, second = tom.card_proposals.edit(cloze.proposal_id, two)
    assert first.note_id == second.note_id is not None
    assert "<script" not in first.question_html
    other = next(iter(proposed(tom, pages["page"]).values()))
    assert tom.card_proposals.refuse([other.proposal_id]) == 1
    assert other.front not in proposed(tom, pages["page"])
    refused = tom.card_proposals.list(BIOLOGY, refused=True).items
    assert [one.front for one in refused] == [other.front]
    tom.card_proposals.restore(other.proposal_id)
    assert other.front in proposed(tom, pages["page"])


def test_nothing_is_proposed_or_made_while_a_quiz_is_sat(client: As, pages: dict[str, UUID]) -> None:
    one = next(iter(proposed(client("tom"), pages["page"]).values()))
    ben = client("ben").card_proposals
    found = ben.list(BIOLOGY)
    assert not found.items
    assert "Cell quiz" in (found.notice or "")
    with pytest.raises(NotFound):
        ben.accept([one.proposal_id])
    with pytest.raises(ApiError) as refused:
        ben.make(CardsWanted(document_id=pages["page"]))
    assert refused.value.problem.status == 409


def test_cards_of_a_note_are_proposed_to_its_writer_alone(client: As, world: World, pages: dict[str, UUID]) -> None:
    ann, dan = client("ann"), client("dan")
    note = CardsWanted(course_id=BIOLOGY, text="Obsidian is formed by rapid cooling of lava.", title="Rocks")
    made = ann.card_proposals.make(note)
    assert made.made_by == "rule"
    assert [one.front for one in made.proposals] == ["*Rocks*\n\nWhat is obsidian formed by?"]
    [card] = ann.card_proposals.accept([made.proposals[0].proposal_id])
    assert (card.front, card.source) == ("*Rocks*\n\nWhat is obsidian formed by?", None)
    assert not ann.card_proposals.make(note).proposals
    with pytest.raises(NotFound):
        dan.card_proposals.accept([made.proposals[0].proposal_id])
    for wanted in (CardsWanted(document_id=pages["page"]), CardsWanted(course_id=BIOLOGY)):
        with pytest.raises(NotFound):
            dan.card_proposals.make(wanted)
    nothing = ann.card_proposals.make(CardsWanted(text="Hello there"))
    assert (nothing.proposals, nothing.made_by) == ([], None)
    assert "nothing in it" in (nothing.notice or "")
    with connect(world.settings, Role.API) as connection, acting_as(connection, world.accounts["tom"]):
        others = "account_id <> app.current_account()"
        assert not connection.execute(f"select from app.card_proposals where {others}").fetchall()
        assert not connection.execute(f"select from app.card_decisions where {others}").fetchall()


def test_a_models_cards_are_held_against_the_passage(world: World, pages: dict[str, UUID]) -> None:
    quote = "Colchicine inhibits microtubules because it binds to tubulin."
    good = {"passage": 1, "front": "To what does colchicine bind?", "back": "To tubulin", "quote": quote}
    invented = {"passage": 1, "front": "Who found colchicine?", "back": "Pelletier", "quote": quote}

    def answers(reply: Reply) -> None:
        assert "Tetraploid cells" in reply.prompt
        says(json.dumps([invented, good]))(reply)

    with model_server() as server, connect(world.settings, Role.API) as connection:
        server.does("m", answers)
        settings = Settings(chat_model="openai:m", chat_base_url=server.url, chat_answer_tokens=2000, _env_file=None)
        wanted = CardsWanted(document_id=pages["page"], course_id=BIOLOGY, count=5)
        with acting_as(connection, world.accounts["ann"]):
            made = generating.make(connection, world.accounts["ann"], wanted, open_models(settings), nullcontext)
    assert [(one.front, one.back, one.made_by) for one in made.proposals] == [
        ("To what does colchicine bind?", "To tubulin", "openai:m")
    ]
    assert made.made_by == "openai:m"
