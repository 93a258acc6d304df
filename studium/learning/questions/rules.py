"""Questions by rule about a course's material: of a topic, of a difficulty, the best first. Pure.

What makes a question right is in `making`; here, which of them are worth a set.
"""

from collections.abc import Iterable, Sequence, Set

from studium.learning.making.material import Source
from studium.learning.questions.making.alike import overlap
from studium.learning.questions.making.directions import about_directions
from studium.learning.questions.making.entries import Entry, entries
from studium.learning.questions.making.figures import about_figures
from studium.learning.questions.making.made import Difficulty, Made
from studium.learning.questions.making.tables import about_tables
from studium.learning.questions.making.terms import about_terms
from studium.learning.questions.records import problem

VERSION = 2
"""Goes up when the same material would give other questions."""
SHORTEST_NAME = 4
SAME = 0.6
"""So much of what two questions are about is shared that one is enough."""
MOST_OF_A_KIND = 0.5
"""Share of a set that one kind of question may have, while there are others."""


def questions(sources: Sequence[Source], topic_id: str | None = None) -> list[Made]:
    """All that can be asked about a topic, or about the whole course, by rule.

    Args:
        sources: the whole course, as far as whoever asks may see it: wrong answers come from anywhere in it.
        topic_id: the section; None: all of them.
    """
    known = entries(sources)
    own = [source for source in sources if topic_id is None or source.topic_id == topic_id]
    made = list(about_terms(_of_topic(known, own, topic_id), known))
    for source in own:
        made += [*about_tables(source), *about_figures(source), *about_directions(source)]
    return list({one.key: one for one in made if problem(one.record) is None}.values())


def _of_topic(known: Sequence[Entry], own: Sequence[Source], topic_id: str | None) -> list[Entry]:
    """The topic's terms; a glossary that stands elsewhere lends those the topic uses."""
    if topic_id is None:
        return list(known)
    text = "\n".join(source.text for source in own).casefold()
    return [
        entry
        for entry in known
        if entry.source.topic_id == topic_id
        or (entry.is_glossary and any(len(name) >= SHORTEST_NAME and name.casefold() in text for name in entry.names))
    ]


def chosen(made: Iterable[Made], difficulty: Difficulty, count: int, had: Set[str] = frozenset()) -> list[Made]:
    """So many of them, none that was `had` (keys), none that asks the same as another, and of different kinds."""
    fresh = [one for one in made if one.difficulty == difficulty and one.key not in had]
    ranked = sorted(fresh, key=lambda one: (-one.worth, one.key))
    picked: list[Made] = []
    for limit in (max(1, round(count * MOST_OF_A_KIND)), count):
        for one in ranked:
            alike = any(one is other or _is_same(one, other) for other in picked)
            if len(picked) < count and not alike and sum(one.maker == other.maker for other in picked) < limit:
                picked.append(one)
    return picked


def _is_same(one: Made, other: Made) -> bool:
    return one.quote == other.quote or overlap(one.about, other.about) >= SAME
