"""Whether mastery's range holds what it says, and how long it takes to read: `python bench/mastery.py`.

Simulated learners answer questions of one topic each over sixty days. Every question has a chance of its own for every
learner; the truth is its mean over all questions of the topic at the end. Some stay as they are, some learn on the way.
"""

import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from psycopg import Connection

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.installation import new_home
from bench.support.report import judged, show, table
from studium import warehouse
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings

COURSE, SITE, DAYS, BANK, SEED = "bench:1", "bench", 60, 120, 5
LEARNERS = 300
ANSWERS = (5, 20, 80)
READERS = (1_000, 10_000, 20_000)
OTHERS, OTHERS_REVIEWS = 100, 4_000

ATTEMPT = """
insert into app.practice_attempts (account_id, course_id, question_id, idempotency_key, answer_given, is_correct,
    fraction, guess_chance, is_repeated, ability_before, ability_after, uncertainty_before, uncertainty_after,
    difficulty_before, difficulty_after, difficulty_uncertainty, p_correct, answered_at)
values (%s, 'bench:1', %s, gen_random_uuid()::text, '{}', %s, %s, 0, false, 0, 0, 1, 1, 0, 0, 1, 0.5,
    now() - %s * interval '1 day')
"""
QUESTION = """
insert into app.practice_questions (course_id, topic_id, origin, qtype, text, answers)
select 'bench:1', %s, 'teacher', 'shortanswer', 'Q', '[]' from generate_series(1, %s) returning question_id
"""
REVIEWS = """
with deck as (insert into app.decks (account_id, name) values (%(account)s, 'bench') returning deck_id),
cards as (
    insert into app.cards (account_id, deck_id, course_id, topic_id, front, back)
    select %(account)s, deck_id, 'bench:1', 't' || i %% 8, 'F', 'B' from deck, generate_series(1, %(cards)s) as i
    returning card_id
)
insert into app.card_reviews (account_id, card_id, course_id, idempotency_key, rating, reviewed_at, elapsed_days,
    scheduler, scheduler_version, memory_after, due_after)
select %(account)s, card_id, 'bench:1', gen_random_uuid()::text, 1 + (random() * 3)::int,
    now() - j * interval '9 days', 9, 'fsrs', 'bench', '{}', now()
from cards, generate_series(0, 9) as j
"""
READ = """
select mastery_pct::float8 / 100, mastery_low_pct::float8 / 100, mastery_high_pct::float8 / 100
from marts.mastery_by_topic where account_id = %s
"""


def add_learner(connection: Connection, number: int) -> UUID:
    """An account tied to a person of the site."""
    row = connection.execute(
        "insert into app.accounts (email, display_name) values (%s, 'B') returning account_id",
        [f"{uuid4().hex}@bench.test"],
    ).fetchone()
    assert row is not None
    connection.execute(
        "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)", [SITE, number, row[0]]
    )
    return UUID(str(row[0]))


def simulate(
    connection: Connection, accounts: list[UUID], answers: int, learning: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Let the learners answer, and return the truth at the end with the plain share of right answers of each."""
    bank = [row[0] for row in connection.execute(QUESTION, [f"{answers}{learning}", BANK]).fetchall()]
    truths, shares = [], []
    for account in accounts:
        level = rng.beta(3, 2)
        chances = rng.beta(6 * level, 6 * (1 - level), BANK)
        first = np.clip(chances - 0.4, 0.02, 1) if learning else chances
        asked, ago = rng.integers(0, BANK, answers), np.sort(rng.uniform(0, DAYS, answers))[::-1]
        then = chances[asked] - (chances - first)[asked] * ago / DAYS
        right = rng.random(answers) < then
        rows = [
            (account, bank[question], bool(was), float(was), float(days))
            for question, was, days in zip(asked, right, ago, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.executemany(ATTEMPT, rows)
        truths.append(chances.mean())
        shares.append(right.mean())
    return np.array(truths), np.array(shares)


def rmse(said: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(((said - truth) ** 2).mean()))


def main() -> None:
    settings = new_home()
    warehouse.build(settings, "--select", "+mastery_by_topic", "--resource-types", "model")
    rng = np.random.default_rng(SEED)
    headings = ("answers", "range holds the truth", "width, points", "error", "error, plain share", "ratio")
    held = table(f"{LEARNERS} learners each: the 95 % range of mastery, and its error", "learners who", *headings)
    numbers = iter(range(1, 1_000_000))
    for learning in (False, True):
        for answers in ANSWERS:
            with connect(settings, Role.ADMIN) as connection:
                accounts = [add_learner(connection, next(numbers)) for _ in range(LEARNERS)]
                truth, share = simulate(connection, accounts, answers, learning, rng)
            with connect(settings, Role.PIPELINE) as connection:
                found = np.array([connection.execute(READ, [account]).fetchone() for account in accounts])
            said, low, high = found.T
            within = float(((low <= truth) & (truth <= high)).mean())
            errors = rmse(said, truth), rmse(share, truth)
            held.add_row(
                "learn 40 points" if learning else "stay", str(answers),
                judged(within, ".3f", at_least=0.9),
                f"{100 * (high - low).mean():.0f}", *(f"{one:.3f}" for one in errors), f"{errors[0] / errors[1]:.2f}",
            )  # fmt: skip
    show(held)
    read(settings, next(numbers))


def read(settings: Settings, number: int) -> None:
    """How long one's own mastery takes to read, with many others' reviews beside it."""
    times = table("Reading one's own mastery of a course", "pieces of evidence", "of all", "ms, median of 9")
    with connect(settings, Role.ADMIN, autocommit=True) as connection:
        for other in range(OTHERS):
            account = add_learner(connection, number + other)
            connection.execute(REVIEWS, {"account": account, "cards": OTHERS_REVIEWS // 10})
        readers = {pieces: add_learner(connection, number + OTHERS + pieces) for pieces in READERS}
        for pieces, account in readers.items():
            connection.execute(REVIEWS, {"account": account, "cards": pieces // 10})
        connection.execute("analyze")
    total = OTHERS * OTHERS_REVIEWS + sum(READERS)
    for pieces, account in readers.items():
        with connect(settings, Role.API) as connection, acting_as(connection, account):
            taken = []
            for _ in range(9):
                started = time.perf_counter()
                rows = connection.execute(READ.replace("%s", "app.current_account()")).fetchall()
                taken.append(1000 * (time.perf_counter() - started))
            assert len(rows) == 8
        times.add_row(f"{pieces:,}", f"{total:,}", f"{np.median(taken):.0f}")
    show(times)


if __name__ == "__main__":
    main()
