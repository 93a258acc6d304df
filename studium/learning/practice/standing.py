"""How able somebody is, topic by topic, and how sure that is."""

from uuid import UUID

from psycopg import Connection

from studium.learning.practice import bank, knowing
from studium.learning.practice.bank import WHOLE_COURSE
from studium.learning.topics import read_topics
from studium.wire.practice import Standing


def read(connection: Connection, account_id: UUID, course_id: str) -> list[Standing]:
    """The bound account, in every topic that has questions for it or that it answered any on; in the course's order."""
    questions = bank.read(connection, course_id)
    known = knowing.read(connection, account_id, course_id, questions)
    places = {one.topic_id: (one.position, one.name) for one in read_topics(connection, course_id)}
    shown = {one.topic for one in questions} | {topic for topic, answers in known.answers.items() if answers}
    made = []
    for topic in sorted(shown, key=lambda one: places.get(one, (len(places) + 1, ""))[0]):
        guess = known.ability.of(topic)
        made.append(
            Standing(
                topic_id=None if topic == WHOLE_COURSE else topic,
                topic_name=places[topic][1] if topic in places else None,
                level=guess.mean,
                uncertainty=guess.spread,
                answers=known.answers[topic],
                questions=sum(one.topic == topic for one in questions),
            )
        )
    return made
