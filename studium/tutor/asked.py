"""What kind of answer a question asks for, by its words: pure rules."""

import re

LONGEST_TERM = 6
"""Words."""
_OPENING = r"^\W*(?:(?:please|can you|could you|so|and|ok(?:ay)?)\W+)*"
_DEFINITION = re.compile(
    _OPENING + r"(?:what(?:'s| is| are| does)?|whats|define|explain the term|meaning of|definition of)\s+"
    r"(?:(?:is |are )?meant by |the (?:meaning|definition) of |an? |the |by )?(?P<term>[^?.,;:]+?)"
    r"(?P<mean>\s+means?)?\W*$",
    re.IGNORECASE,
)
_NO_TERM = re.compile(
    r"\b(?:of|in|on|for|to|by|with|from|during|when|if|that|do|does|did|happens?|causes?|makes?|between|and|or|normal|best)\b",
    re.IGNORECASE,
)
"""What shows that `what is ...` asks for something about a thing rather than what the thing is."""
_STEPS = re.compile(
    r"\b(?:step by step|steps|stages|phases|sequence|in (?:what|which) order|procedure|walk me through|"
    r"how (?:do|should|can|would) (?:i|we|you|one)|"
    r"how (?:is|are) .+ (?:done|measured|taken|made|carried out|performed))\b",
    re.IGNORECASE,
)
_COMPARED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:differences?|similarit(?:y|ies)|distinction|distinguish|differentiate)\s+(?:is\s+|are\s+)?(?:there\s+)?"
        r"between\s+(?P<one>.+?)\s+(?:and|from|vs\.?)\s+(?P<other>.+?)\W*$",
        r"\bcompare\s+(?P<one>.+?)\s+(?:and|with|to|against|vs\.?)\s+(?P<other>.+?)\W*$",
        r"\bhow\s+(?:do|does|is|are)\s+(?P<one>.+?)\s+(?:differ(?:ent)?)\s+(?:from|to)\s+(?P<other>.+?)\W*$",
        r"\bhow\s+(?:do|are)\s+(?P<one>.+?)\s+and\s+(?P<other>.+?)\s+(?:differ(?:ent)?|compare)\W*$",
        _OPENING + r"(?:what is |what's )?(?P<one>[^?]{2,60}?)\s+(?:vs\.?|versus|compared (?:to|with)|or rather)\s+"
        r"(?P<other>[^?]{2,60}?)\W*$",
    )
]
_ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)


def sides_of(question: str) -> tuple[str, ...]:
    """The two things a question has compared; none: it compares nothing."""
    found = next((match for match in (pattern.search(question.strip()) for pattern in _COMPARED) if match), None)
    if found is None:
        return ()
    sides = [_ARTICLE.sub("", " ".join(found[name].split())) for name in ("one", "other")]
    fits = all(0 < len(side.split()) <= LONGEST_TERM for side in sides) and sides[0].casefold() != sides[1].casefold()
    return tuple(sides) if fits else ()


def term_of(question: str) -> str | None:
    """What a question asks the meaning of."""
    found = _DEFINITION.search(question.strip())
    if found is None:
        return None
    term = _ARTICLE.sub("", " ".join(found["term"].split()))
    is_term = 0 < len(term.split()) <= LONGEST_TERM and not _NO_TERM.search(term)
    return term if is_term else None


def asks_for_steps(question: str) -> bool:
    """Whether it asks how something goes, one thing after another."""
    return bool(_STEPS.search(question))
