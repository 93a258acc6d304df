"""Cards as files: to Anki and back without loss, with Anki's own library as the judge; tables; the calendar."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anki_judge
import pytest
from api_world import BIOLOGY, World
from icalendar import Calendar
from psycopg import Connection
from psycopg.types.json import Jsonb
from starlette.testclient import TestClient

from studium.client import ApiError, Client, NotFound, NotSignedIn, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.learning import scheduling
from studium.learning.cards import NewCard, add_cards
from studium.wire.cards import CardChange, SettingsChange

As = Callable[[str], Client]
NOW = datetime.now(UTC)
REVIEW = """
insert into app.card_reviews (account_id, card_id, idempotency_key, rating, reviewed_at, duration_ms, scheduler,
                              scheduler_version, memory_before, memory_after, due_before, due_after)
values (%s, %s, %s, %s, %s, %s, %s, 'v', %s, %s, %s, %s)
"""
STATE = """
update app.cards set memory = %s, due_at = %s, scheduler = %s, reps = %s, lapses = %s, last_reviewed_at = %s,
                     suspended_at = %s
where card_id = %s
"""
KEPT = """
select c.front, c.back, c.markup, c.cloze_number, c.tags, d.name, c.scheduler, c.memory, c.due_at, c.reps, c.lapses,
    c.last_reviewed_at, c.suspended_at is not null, array(
        select row(floor(extract(epoch from r.reviewed_at) * 1000), r.rating, coalesce(r.duration_ms, 0))::text
        from app.card_reviews as r where r.card_id = c.card_id and r.undone_at is null order by r.reviewed_at
    )
from app.cards as c inner join app.decks as d on c.deck_id = d.deck_id
where c.account_id = %s and d.name like %s and c.deleted_at is null
order by c.front, c.cloze_number
"""


def kept(world: World, name: str, deck: str) -> list[tuple[Any, ...]]:
    """All that is known of somebody's cards."""
    with connect(world.settings, Role.ADMIN) as connection:
        return connection.execute(KEPT, [world.accounts[name], f"{deck}%"]).fetchall()


def deck_id(client: Client, name: str) -> UUID:
    return next(deck.deck_id for deck in client.cards.decks() if deck.name == name)


@pytest.fixture
def deck(world: World) -> str:
    """A deck of Ann's with forty cards of both kinds and schedulers, each reviewed up to eleven times."""
    name, chance, account_id = f"Cells {uuid4()}", random.Random(5), world.accounts["ann"]
    with connect(world.settings, Role.API) as connection, acting_as(connection, account_id):
        new = [
            NewCard(f"The {{{{c1::cell {n}}}}} has a {{{{c2::wall::hint}}}} & *more*", "extra", "cloze", 1 + n % 3 % 2,
                    tags=["a", "b::c"], deck=name)
            if n % 4 == 0
            else NewCard(f"What *is* {n} < 3?\n\n- a\n- b\u2028", f"**It** is\n{n}", tags=[f"t{n % 3}"], deck=name,
                         quote="so")
            for n in range(40)
        ]  # fmt: skip
        for number, card_id in enumerate(add_cards(connection, account_id, new, NOW - timedelta(days=200))):
            _review(connection, account_id, card_id, number, chance)
    return name


def _review(connection: Connection, account_id: UUID, card_id: UUID, number: int, chance: random.Random) -> None:
    scheduler: scheduling.SchedulerName = "sm2" if number % 5 == 1 else "fsrs"
    memory, due, at, lapses = None, None, NOW - timedelta(days=180, seconds=chance.random() * 1e5), 0
    times = [at]
    for _ in range(chance.randrange(12)):
        rating, before, due_before = chance.choice([1, 2, 3, 3, 3, 4]), memory, due
        memory = scheduling.review(memory, rating, at, scheduler=scheduler)
        due = scheduling.due_of(memory)
        values = (str(uuid4()), rating, at, chance.choice([None, 1234, 60_000]), scheduler)
        states = (before and Jsonb(before), Jsonb(memory), due_before, due)
        connection.execute(REVIEW, [account_id, card_id, *values, *states])
        times.append(at)
        lapses += rating == 1
        at = max(at + timedelta(seconds=chance.random() * 30), due + timedelta(hours=chance.random() * 30))
        if at > NOW:
            break
    aside = NOW if number % 7 == 0 else None
    if memory is not None:
        state = (Jsonb(memory), due, scheduler, len(times) - 1, lapses, times[-1], aside)
        connection.execute(STATE, [*state, card_id])


@pytest.mark.parametrize("legacy", [True, False], ids=["anki21", "anki21b"])
def test_out_into_anki_out_of_anki_and_in_again_loses_nothing(
    client: As, world: World, deck: str, tmp_path: Path, legacy: bool
) -> None:
    ann, ben = client("ann"), client("ben")
    package = tmp_path / "out.apkg"
    package.write_bytes(ann.card_files.export("anki", deck_id=deck_id(ann, deck)))
    with anki_judge.collection(tmp_path / "judge.anki2") as judge:
        anki_judge.take_in(judge, package)
        counted = (judge.card_count(), judge.db.scalar("select count(*) from revlog"))  # type: ignore[union-attr]
        anki_judge.take_in(judge, package)
        again = (judge.card_count(), judge.db.scalar("select count(*) from revlog"))  # type: ignore[union-attr]
        back = anki_judge.write(judge, tmp_path / "back.apkg", legacy=legacy)
    mine = kept(world, "ann", deck)
    reviews = sum(len(card[-1]) for card in mine)
    assert counted == again == (40, reviews)
    assert reviews > 100, "or little is shown"
    same = ann.card_files.take_in("back.apkg", back)
    assert (same.cards_added, same.cards_changed, same.cards_known, same.reviews_added) == (0, 0, 40, 0)
    assert kept(world, "ann", deck) == mine
    first = ben.card_files.take_in("back.apkg", back)
    second = ben.card_files.take_in("back.apkg", back)
    assert (first.cards_added, first.reviews_added, first.left_out) == (40, reviews, [])
    assert (second.cards_added, second.cards_changed, second.reviews_added) == (0, 0, 0)
    assert kept(world, "ben", deck) == mine, "fields, tags, states and logs"


MEDIA = {"cell ü&.png": anki_judge.picture(9), "beat.mp3": b"ID3 a beat"}


@pytest.mark.parametrize("fsrs", [True, False], ids=["fsrs", "sm2"])
@pytest.mark.parametrize("legacy", [True, False], ids=["anki21", "anki21b"])
def test_what_anki_has_comes_in_and_goes_back_as_it_was(
    client: As, world: World, tmp_path: Path, legacy: bool, fsrs: bool
) -> None:
    ann, name = client("ann"), f"Heart {uuid4()}::Valves"
    with anki_judge.collection(tmp_path / "theirs.anki2", fsrs=fsrs) as theirs:
        anki_judge.fill(theirs, name, MEDIA)
        wanted = anki_judge.state(theirs, name)
        data = anki_judge.write(theirs, tmp_path / "in.apkg", legacy=legacy)
    told = ann.card_files.take_in("in.apkg", data, course_id=BIOLOGY)
    assert (told.cards_added, told.decks, told.left_out) == (33, [name], [])
    assert told.reviews_added == 18
    again = ann.card_files.take_in("in.apkg", data)
    assert (again.cards_added, again.cards_changed, again.reviews_added, again.media_added) == (0, 0, 0, 0)
    package = tmp_path / "out.apkg"
    package.write_bytes(ann.card_files.export("anki", deck_id=deck_id(ann, name)))
    with anki_judge.collection(tmp_path / "again.anki2", fsrs=fsrs) as judge:
        anki_judge.take_in(judge, package)
        assert anki_judge.state(judge, name) == wanted
        assert {one.name for one in Path(judge.media.dir()).iterdir()} == set(MEDIA)


def test_pictures_are_ones_own_and_nothing_acts(client: As, world: World, tmp_path: Path) -> None:
    ann, name = client("ann"), f"Heart {uuid4()}"
    with anki_judge.collection(tmp_path / "theirs.anki2") as theirs:
        anki_judge.fill(theirs, name, MEDIA)
        data = anki_judge.write(theirs, tmp_path / "in.apkg", legacy=True)
    ann.card_files.take_in("in.apkg", data)
    page = ann.cards.list(deck_id=deck_id(ann, name), limit=200).items
    shown = " ".join(card.question_html + card.answer_html for card in page)
    assert "alert" not in shown
    assert "onerror" not in shown
    media = {part.partition('"')[0] for part in shown.split("/card-media/")[1:]}
    assert {ann.card_files.medium(UUID(one)) for one in media} == set(MEDIA.values())
    with pytest.raises(NotFound):
        client("ben").card_files.medium(UUID(media.pop()))
    assert [card.cloze_number for card in page if card.kind == "cloze"].count(2) == 6
    other = {"cell ü&.png": anki_judge.picture(77), "beat.mp3": MEDIA["beat.mp3"]}
    with anki_judge.collection(tmp_path / "other.anki2") as theirs:
        anki_judge.fill(theirs, f"{name} 2", other)
        data = anki_judge.write(theirs, tmp_path / "in2.apkg", legacy=True)
    assert ann.card_files.take_in("in2.apkg", data).media_added <= 1, "the sound is known"
    page = ann.cards.list(deck_id=deck_id(ann, f"{name} 2"), limit=200).items
    shown = " ".join(card.question_html + card.answer_html for card in page)
    media = {part.partition('"')[0] for part in shown.split("/card-media/")[1:]}
    assert {ann.card_files.medium(UUID(one)) for one in media} == set(other.values()), "a picture of the same name"


def test_what_is_learnt_and_changed_on_either_side_reaches_the_other(client: As, world: World, tmp_path: Path) -> None:
    ann, name = client("ann"), f"Both {uuid4()}"
    with anki_judge.collection(tmp_path / "theirs.anki2") as theirs:
        anki_judge.fill(theirs, name, MEDIA)
        ann.card_files.take_in("in.apkg", anki_judge.write(theirs, tmp_path / "in.apkg", legacy=True))
        cards = ann.cards.list(deck_id=deck_id(ann, name), limit=200).items
        plain = [card for card in cards if card.front.startswith("Basic 5")]
        asked = next(card for card in cards if not card.is_suspended)
        ann.cards.change(plain[0].card_id, CardChange(front="Asked <b>otherwise</b>", tags=["mine"]))
        ann.cards.review(asked.card_id, 3)
        package = tmp_path / "out.apkg"
        package.write_bytes(ann.card_files.export("anki", deck_id=deck_id(ann, name)))
        anki_judge.take_in(theirs, package)
        assert theirs.card_count() == 33
        [note_id] = theirs.find_notes('tag:mine "Asked <b>otherwise</b>"')
        assert theirs.get_note(note_id)["Front"] == "Asked <b>otherwise</b>"
        changed = theirs.find_notes("note:Cloze b3")
        note = theirs.get_note(changed[0])
        note["Text"] = note["Text"].replace("d</i>", "changed in Anki</i>")
        theirs.update_note(note)
        theirs.db.execute("update notes set mod = mod + 60 where id = ?", note.id)  # type: ignore[union-attr]
        told = ann.card_files.take_in("in.apkg", anki_judge.write(theirs, tmp_path / "in2.apkg", legacy=False))
    assert (told.cards_added, told.cards_changed, told.reviews_added) == (0, 2, 0)
    with anki_judge.collection(tmp_path / "new.anki2") as judge:
        anki_judge.take_in(judge, package)
        assert judge.db.scalar("select count(*) from revlog where ease > 0") == 19  # type: ignore[union-attr]
    fronts = [card.front for card in ann.cards.list(deck_id=deck_id(ann, name), limit=200).items]
    assert sum("changed in Anki" in front for front in fronts) == 2
    assert "Asked <b>otherwise</b>" in fronts


def test_a_deleted_card_comes_back_with_its_file(client: As, deck: str) -> None:
    ann = client("ann")
    data = ann.card_files.export("anki", deck_id=deck_id(ann, deck))
    card = ann.cards.list(deck_id=deck_id(ann, deck), limit=1).items[0]
    ann.cards.delete(card.card_id)
    assert ann.card_files.take_in("x.apkg", data).cards_added == 1
    assert ann.cards.read(card.card_id).reps == card.reps


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_table_goes_out_and_comes_in(client: As, world: World, deck: str, kind: Any) -> None:
    ann, ben = client("ann"), client("ben")
    data = ann.card_files.export(kind, deck_id=deck_id(ann, deck))
    assert ann.card_files.take_in(f"x.{kind}", data).cards_added == 0
    told = ben.card_files.take_in(f"x.{kind}", data)
    assert (told.kind, told.left_out, told.decks) == ("table", [], [deck])
    assert ben.card_files.take_in(f"x.{kind}", data).cards_added == 0
    mine, theirs = ({(*card[:2], tuple(card[4])) for card in kept(world, name, deck)} for name in ("ann", "ben"))
    assert {(front, back, tags) for front, back, tags in theirs} == {(card[0].strip(), *card[1:]) for card in mine}


def test_quizlets_text_comes_in_and_goes_out(client: As) -> None:
    ben, name = client("ben"), f"Set {uuid4()}"
    told = ben.card_files.take_in("set.txt", b"mitosis\tdivision of a nucleus\nosmosis\t\n", deck=name)
    assert (told.cards_added, told.left_out) == (1, ["Row 2 has no back."])
    assert ben.card_files.export("quizlet", deck_id=deck_id(ben, name)) == b"mitosis\tdivision of a nucleus\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04 and no more", "no Anki package"),
        (b"\x00\x01\x02\xff" * 50, "no text file"),
        (b"one column\nand no more\n", "No row of the file"),
    ],
)
def test_what_is_no_file_of_cards_is_refused_in_words(client: As, data: bytes, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        client("ben").card_files.take_in("x", data)


def test_cards_of_others_are_not_in_the_file(client: As, deck: str) -> None:
    with pytest.raises(NotFound):
        client("ben").card_files.export("csv", deck_id=deck_id(client("ann"), deck))
    assert deck not in client("tom").send("GET", "/calendar/feeds").text
    for who in ("tom", "root"):
        with pytest.raises(ApiError):
            client(who).card_files.export("csv", deck_id=deck_id(client("ann"), deck))


def test_a_calendar_is_read_by_its_secret_until_that_is_ended(
    client: As, api: TestClient, world: World, deck: str
) -> None:
    ann = client("ann")
    exam = NOW.date() + timedelta(days=30)
    ann.cards.change_settings(SettingsChange(target_exam_date=exam), BIOLOGY)
    feed = ann.card_files.begin_feed()
    path = feed.url.partition("/api")[2]
    answer = api.get(f"/api{path}")
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.text)
    titles = [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]
    assert any("to review" in title for title in titles)
    exams = [event["DTSTART"].dt for event in calendar.walk("VEVENT") if str(event["SUMMARY"]).startswith("Exam: ")]
    assert exams == [exam]
    assert not any(word in answer.text for word in ("Ann", "ann@", deck, str(world.accounts["ann"])))
    with pytest.raises(NotFound):
        client("ben").card_files.end_feed(feed.feed_id)
    assert feed.feed_id in {one.feed_id for one in ann.card_files.feeds()}
    assert client("ben").card_files.feeds() == []
    ann.card_files.end_feed(feed.feed_id)
    assert api.get(f"/api{path}").status_code == 404
    assert api.get("/api/v1/calendar/feed.ics?key=guessed").status_code == 404
    with pytest.raises(NotSignedIn):
        Client(http=api).card_files.feeds()


def test_there_are_no_more_addresses_than_one_can_keep_track_of(client: As) -> None:
    ben = client("ben")
    made = [ben.card_files.begin_feed() for _ in range(5)]
    with pytest.raises(Rejected, match="5 calendar addresses"):
        ben.card_files.begin_feed()
    for one in made:
        ben.card_files.end_feed(one.feed_id)
