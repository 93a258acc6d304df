"""Tables: a row's name asks for what stands under a head. What are measurements is left alone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from studium.learning.making.candidate import Candidate, plain, under
from studium.learning.making.language import WORD, parsed, rarity, stems
from studium.learning.making.material import Row, Source
from studium.learning.making.standing import SEVERAL_KINDS
from studium.learning.making.vocabulary import RARE

_NUMBER = re.compile(r"[\u2212+~<>≤≥±-]?\s?\d[\d\s.,]*(?:\s?[%\u2030]|\s?[a-zA-Zµ/]{1,6})?")
_UNIT = re.compile(r"\s*[(\[](?P<unit>[^()\[\]]{1,12})[)\]]$")
_TIME = re.compile(r"(?:age|year|date|week|month|day|time|period|century|decade)s?(?: .*)?", re.IGNORECASE)
"""A row that stands for a time is no thing: much is so at that time."""
_VARIABLE = re.compile(
    r"(?:variables?|parameters?|propert(?:y|ies)|features?|quantit(?:y|ies)|measures?|characteristics?"
    r"|criteri(?:on|a)|aspects?|attributes?)",
    re.IGNORECASE,
)
_STATE = re.compile(r"(?:normal|typical|usual)(?: .*)?", re.IGNORECASE)
_HALF = re.compile(r"\w (?:by|of|in|for|to|with|at|from|on|as)$")
_NO_QUESTION = re.compile(
    r"\b(?:reasons?|notes?|comments?|remarks?|explanations?|descriptions?|details|examples?|sources?"
    r"|references?|links?|page"
    r"|values?|total|sum|id|no\.?|number|date|time|room|teacher|lecturer|marks?|points|deadline|week"
    r"|status|session)\b",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^(?:\d|[\u2212+-]?\d)|^(?:total|sum|mean|average|all|other|others|none|n/a|[-\u2013\u2014])$", re.IGNORECASE
)
_TOSSED = re.compile(
    r"(?:(?:up|down|normal|high|low|higher|lower|rises?|falls?|increased?s?|decreased?s?|unchanged|yes|no"
    r"|none|much|very|or|slightly"
    r"|a little|present|absent|positive|negative|true|false|large|small|more|less|same"
    r"|[+\u2212\u2191\u2193-]+)[\s,/]*)+",
    re.IGNORECASE,
)
"""Cells that whoever knows nothing guesses as often as not."""
_SHARED = re.compile(
    r"(?:.* )?(?:class(?:es)?|categor(?:y|ies)|groups?|famil(?:y|ies)|kinds?|types?|forms?|routes?|uses?|indications?"
    r"|symptoms?|signs?|side effects?|features?|species|products?|brands?|tools?|methods?|members?|drugs?|agents?"
    r"|instances?|cases?|treatments?|therap(?:y|ies)|remed(?:y|ies)|people|person|country|countries)(?: .*)?",
    re.IGNORECASE,
)
"""Heads of what several rows share, or of one of many that would be as right."""
_AGENT = re.compile(r"(?:.*\W)?\w+(?:onist|itor|ators?|cker|ucer|onists|itors|ckers|ucers)", re.IGNORECASE)
"""Heads of things that act on what the row names: one of many, each of which acts on that alone."""
_SEVERAL = re.compile(r"[,;/+]|\b(?:and|or|against|versus|vs)\b|\d\s?[-\u2013]\s?[A-Z]|[A-Z]\d*\s?[-\u2013]\s?[A-Z]\d")
_ON_CONDITION = re.compile(r"[,;]|\b(?:if|when|unless|only|except|but|or)\b", re.IGNORECASE)
COMPARED = 3
MOST_WORDS, MOST_COMPARED, LONGEST_HEAD = 9, 6, 4


def cells(source: Source) -> Iterator[Candidate]:
    """What a table says of each of its rows."""
    if source.is_aside:
        return
    for rows in source.tables:
        numbered = all(re.search(r"\d$|\b[IVX]+$", row.cells[0][1]) for row in rows)
        if not _is_measured(rows) and not (numbered and SEVERAL_KINDS.fullmatch(source.context)):
            yield from _asked(rows, source)


def _is_measured(rows: Sequence[Row]) -> bool:
    """Whether it holds figures of an experiment rather than facts: numbers side by side, or as names."""
    columns = list(zip(*(row.cells for row in rows), strict=True))
    numeric = [sum(bool(_NUMBER.fullmatch(value)) for _, value in column) * 2 > len(column) for column in columns]
    names = [value for _, value in columns[0]]
    if _UNIT.search(rows[0].cells[0][0]) or _TIME.fullmatch(rows[0].cells[0][0]):
        return True
    return (numeric[0] and not _are_ordinals(names)) or sum(numeric[1:]) > 1 or len(set(names)) < len(names)


def _are_ordinals(names: Sequence[str]) -> bool:
    return all(re.fullmatch(r"\d{1,2}|[IVX]+", name) for name in names)


def _asked(rows: Sequence[Row], source: Source) -> Iterator[Candidate]:
    heads = [head for head, _ in rows[0].cells]
    if _VARIABLE.fullmatch(heads[0]) and len(heads) == COMPARED:
        yield from _compared(rows, source)
        return
    for place, head in enumerate(heads[1:], start=1):
        said = Counter(row.cells[place][1].casefold() for row in rows)
        if _NO_QUESTION.search(head) or re.search(r"\w (?:by|with)$", head) or len(WORD.findall(head)) > LONGEST_HEAD:
            continue
        is_shared, is_agent = bool(_SHARED.fullmatch(head)), bool(_AGENT.fullmatch(head))
        for row in rows:
            name, value = row.cells[0][1], row.cells[place][1]
            if not is_shared and not is_agent and _can_be_asked(name, value) and _is_its_own(row, place, rows):
                yield _card(row, place, source)
            if said[value.casefold()] == 1 and is_agent and _names_one(row, place, rows):
                yield _reversed(row, place, source)


def _compared(rows: Sequence[Row], source: Source) -> Iterator[Candidate]:
    """What two things that a table sets side by side differ in."""
    for row in rows:
        (_, name), (one, first), (other, second) = row.cells
        if not _can_be_compared(first, second):
            continue
        question = f"**{plain(_opened(name))}**: how do {plain(_lowered(one))} and {plain(_lowered(other))} differ?"
        back = f"{plain(_opened(one))}: {plain(first)}; {plain(_lowered(other))}: {plain(second)}"
        quote = "; ".join(f"{head}: {cell}" for head, cell in row.cells)
        front = under(source.context, question)
        yield Candidate(front, back, "basic", "table", quote, source, 0.8, (name,))


def _can_be_compared(first: str, second: str) -> bool:
    """Whether two cells say one thing each, and of the same kind."""
    return (
        bool(first and second)
        and first.casefold() != second.casefold()
        and not re.search(r"[\\$?]", first + second)
        and not _ON_CONDITION.search(f"{first} {second}")
        and max(len(WORD.findall(first)), len(WORD.findall(second))) <= MOST_COMPARED
    )


def _can_be_asked(name: str, value: str) -> bool:
    if _NOT_A_NAME.search(name) and not re.fullmatch(r"\d{1,2}", name):
        return False
    if not value or _TOSSED.fullmatch(value) or len(WORD.findall(value)) > MOST_WORDS:
        return False
    if re.search(r"[\\$?]", value + name) or value in {"-", "\u2013", "n/a"}:
        return False
    if _SEVERAL.search(value) or re.match(r"\(|.*[-\u2013]$", value):
        return False
    return bool(WORD.search(name)) and not stems(value) & stems(name) and parsed(value)[0].tag_ != "VBZ"


def _is_its_own(row: Row, place: int, rows: Sequence[Row]) -> bool:
    """Whether no other row says the same, or the same and more."""
    value = row.cells[place][1].casefold()
    others = [other.cells[place][1].casefold() for other in rows if other is not row]
    said = stems(value)
    return value not in others and not (
        not re.search(r"\d", value)
        and any(said <= stems(other) or (stems(other) and stems(other) <= said) for other in others)
    )


def _card(row: Row, place: int, source: Source) -> Candidate:
    (kind, name), (head, value) = row.cells[0], row.cells[place]
    unit = _UNIT.search(head)
    if unit and _NUMBER.fullmatch(value):
        head, value = head[: unit.start()].strip(), f"{value} {unit['unit']}"
    quote = "; ".join(f"{one}: {cell}" for one, cell in row.cells)
    front = under(source.context, _question(kind, name, head), hiding=value)
    return Candidate(front, plain(value), "basic", "table", quote, source, 0.75, (f"{name} {head}",))


def _names_one(row: Row, place: int, rows: Sequence[Row]) -> bool:
    """Whether a cell is a thing of the kind that its row stands for, and of no other row."""
    (_, name), (head, value) = row.cells[0], row.cells[place]
    words = WORD.findall(value)
    others = [other.cells[place][1] for other in rows if other is not row]
    return (
        _is_label(name)
        and 0 < len(words) <= 2  # noqa: PLR2004
        and rarity(words[-1]) >= RARE
        and not re.search(r"[,;(/]|\bor\b", value)
        and not _HALF.search(head)
        and not any(stems(value) & stems(other) for other in others)
    )


def _reversed(row: Row, place: int, source: Source) -> Candidate:
    (kind, name), (head, value) = row.cells[0], row.cells[place]
    question = f"**{plain(_opened(value))}** ({plain(_lowered(head))}): which {plain(_lowered(kind))}?"
    quote = "; ".join(f"{one}: {cell}" for one, cell in row.cells)
    front = under(source.context, question, hiding=name)
    return Candidate(front, plain(name), "basic", "table", quote, source, 0.7, (f"{value} {head}",))


def _question(kind: str, name: str, head: str) -> str:
    of = name if stems(kind) & stems(name) else f"{kind} {name}" if _is_label(name) else f"{name} ({_lowered(kind)})"
    if _HALF.search(head):
        return f"**{plain(_opened(of))}**: {plain(_lowered(head))} what?"
    asked = (
        f"what is {plain(_lowered(head))}?"
        if _STATE.fullmatch(head)
        else f"what does the course give as its {plain(_lowered(head))}?"
    )
    return f"**{plain(_opened(of))}**: {asked}"


def _is_label(name: str) -> bool:
    """Whether it says nothing without what kind of thing it is, as "2" or "PR"."""
    return len(name) <= 3  # noqa: PLR2004


def _opened(text: str) -> str:
    return text[0].upper() + text[1:]


def _lowered(head: str) -> str:
    """A head as it stands inside a sentence."""
    return head[0].lower() + head[1:] if re.match(r"[A-Z]?[a-z]{2,}", head) else head
