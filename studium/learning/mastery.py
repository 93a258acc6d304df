"""How well each topic of a course is known: read from marts.mastery_by_topic, and put into one of four words.

How evidence is weighed and added up, dbt says (fct_mastery_evidence, mastery_by_topic); here no number is made.
"""

from psycopg import Connection
from psycopg.rows import dict_row

from studium.learning.topics import read_topics
from studium.wire.mastery import Level, Mastery, TopicMastery

TOO_WIDE = 50.0
"""Points between the ends of a range that leaves everything open."""
WEAK_BELOW = 50.0
STRONG_FROM = 70.0
"""Weak looks at the middle, so that it is told early; strong at the lower end, so that it is sure."""

BY_TOPIC = """
select topic_id, mastery_pct::float8, mastery_low_pct::float8 as low_pct, mastery_high_pct::float8 as high_pct,
    card_reviews, practice_attempts, quiz_responses, contested, last_evidence_at
from marts.mastery_by_topic
where account_id = app.current_account() and course_id = %s
"""
NOTHING = {
    **dict.fromkeys(("mastery_pct", "low_pct", "high_pct", "last_evidence_at")),
    **dict.fromkeys(("card_reviews", "practice_attempts", "quiz_responses", "contested"), 0),
}


def level(mastery_pct: float | None, low_pct: float | None, high_pct: float | None) -> Level:
    """A word for a topic's mastery."""
    if mastery_pct is None or low_pct is None or high_pct is None or high_pct - low_pct > TOO_WIDE:
        return "unknown"
    if low_pct >= STRONG_FROM:
        return "strong"
    return "weak" if mastery_pct < WEAK_BELOW else "building"


def read_mastery(connection: Connection, course_id: str) -> Mastery:
    """The bound account's own mastery of the topics it may see, those without evidence too."""
    with connection.cursor(row_factory=dict_row) as cursor:
        known = {row.pop("topic_id"): row for row in cursor.execute(BY_TOPIC, [course_id]).fetchall()}
    topics = []
    for topic in read_topics(connection, course_id):
        numbers = known.get(topic.topic_id, NOTHING)
        word = level(numbers["mastery_pct"], numbers["low_pct"], numbers["high_pct"])
        named = {"topic_id": topic.topic_id, "name": topic.name, "position": topic.position}
        topics.append(TopicMastery(**named, level=word, **numbers))
    return Mastery(course_id=course_id, topics=topics)
