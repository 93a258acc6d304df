"""What the material says a term is: glossaries' entries, sentences that define, lines that explain a name."""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from studium.content.sentences import sentence_starts
from studium.learning.making.candidate import Candidate, plain, under
from studium.learning.making.clozes import LABEL, QUANTITY
from studium.learning.making.formulas import readable
from studium.learning.making.general import is_general
from studium.learning.making.language import WORD, is_english, parsed, rarity, shares_a_word, stems
from studium.learning.making.material import Source
from studium.learning.making.standing import Sentence, bare, has_two_clauses, points_at, points_away, subject_of
from studium.learning.making.vocabulary import PLAIN, RARE

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_DEFINED = re.compile(
    r"(?P<term>[^,;:()]{2,60}?)(?: \([^()]{1,30}\))?,? (?P<be>is|are) (?:defined as|understood as|the (?:name"
    r"|term)s? (?:for|given to)) (?P<text>.+)"
)
_VERBS = re.compile(
    r"(?P<term>[^,;:()]{2,60}?)(?: \([^()]{1,30}\))? (?P<verb>describe|mean|denote|measure"
    r"|specif|impl|refer(?=\w* to ))(?:s|y|ies|es)?(?P<to> to)?"
    r" (?P<text>.+)"
)
_HOLDS = re.compile(
    r"(?P<term>[^,;:()]{4,60}?) (?P<verb>argue|assert|claim|hold|predict|propose|say|state|suggest)s"
    r" (?P<text>(?:that )?.+)"
)
_THEORIES = frozenset({"approach", "hypothesis", "law", "model", "perspective", "principle", "theory", "view"})
_WHEN = re.compile(
    r"(?P<term>[^,;:()]{2,60}?)(?: \([^()]{1,30}\))? (?P<verb>occur|arise|happen|develop|begin"
    r"|start)s? when (?P<text>.+)"
)
_CALLED = re.compile(
    r"(?P<text>[^.]{12,200}?) (?P<be>is|are) (?:called|known as|termed|named) (?P<term>[^,;:()]{2,50}?)\.?$"
)
_EMPTY_WORDS = """
example portion component factor element aspect problem reason result case way kind issue matter question fact topic
thing advantage disadvantage aim home concern
goal task part one same other key first second third most least best worst pair hours number majority half
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_NOT_SAID = re.compile(
    r"\b(?:largely|mostly|mainly|partly|often|sometimes|usually|normally|typically|generally|already|not"
    r"|never|no longer|also|therefore|thus|only|still|now|actually)\b|n['\u2019]t\b"
)
_POINTS_BACK = re.compile(r"(?:\w+ ){0,5}(?:they|it|them)\b", re.IGNORECASE)
_OF_AN_OCCASION = re.compile(r"^(?:about |approximately |around )?\d|:|\bbecause\b|-year-old\b")
"""A figure, a reason or an explanation of what was said, and no definition."""
_NO_TERM = frozenset({"JJR", "JJS", "RBR", "RBS", "CC"})
_BY_THE_WAY = re.compile(
    r"(?P<before>.+?)(?: \([A-Z]{2,6}\))?, which (?P<verb>is|are|means?|refers? to)"
    r" (?P<text>(?!(?:not|why|because|to|from)\b)[a-z][^;]+?\.)$"
)
_SET_AGAINST = re.compile(r", (?:so|but|while|whereas|although)\b.*")
_AND_MORE = re.compile(r",? and (?:(?:is|are|has|have|can|may|will|must|does|do)\b).*")
_IN_A_ROW = re.compile(r", [\w-]+(?: [\w-]+){0,2}$")
_VERB_FIRST = re.compile(r"(?:is|are|has|have|can|may|will|must|does|do)\b")
_ABBREVIATED = re.compile(r"(?P<short>[A-Z][A-Za-z0-9+-]{1,9})(?:\s*[:=\u2013-]\s*|\s+)(?P<long>[^.:;]{4,80})")
_TITLES = frozenset({"abbreviations", "glossary", "acronyms", "symbols", "terms", "list of abbreviations"})
_FORMULA = re.compile(
    r"(?P<term>(?!(?:At|In|For|With|If|When|This|It|Thus|So|Then|Here|Hence)\b)[^.\\$:;,]{3,60}?) (?:is"
    r"|equals) (?:\\\(|\$)(?P<formula>[^$]+?)(?:\\\)|\$)"
)
MOST_SIGNS = 90
_SPELT_OUT = re.compile(r"(?P<long>[A-Za-z]+(?:[\s-][A-Za-z]+){1,5}) \((?P<short>[A-Z]{2,6})\)")
_FURTHER = re.compile(
    r"(?P<first>[^;]+?)(?:;(?!\s(?:only|if|when|unless|except|but|not|or|and)\b)|,\s(?:normally|usually|typically|about)\s\S*\d"
    r"|\s\((?:normal|usual|typical)[^()]*\)\.?$).*",
    re.DOTALL,
)
_FACTORS = re.compile(
    r"(?:the )?(?P<what>product|ratio|sum|difference|quotient) (?P<of>of|between) (?P<factors>\S.*)", re.IGNORECASE
)
_ONLY_CLASSED = re.compile(r"an? (?:[^\W_][\w-]* ){0,2}[\w-]+\.?", re.IGNORECASE)
"""Of what kind something is, and not which of them."""
_FOREMOST = re.compile(r"the (?:(?:most|least|only|main|chief)|[a-z]{3,}(?<!for)(?<!inter)est) ", re.IGNORECASE)
"""What says which of all something is asks for that one, and not what it is."""
_WORKED_OUT = re.compile(r".*\b(?:divided by|multiplied by|minus|plus)\b.*")
LEAST_POINTS = 3
MOST_NAMED = 3
"""Words of a name that is explained by the way."""
LEAST_SAID, MOST_SAID = 4, 24
"""Words of a line that says what the name before it means."""
SHORTEST, LONGEST = 2, 32
"""Words of what says what a term is."""


_BOTH = re.compile(r" \((?=[A-Z]{2,6}\))|(?<=[A-Z]{2})\)$")
"""A name and what it is shortened to."""


def entries(source: Source) -> Iterator[Candidate]:
    """A glossary's entry: its term, and what it says first of it."""
    if not source.is_entry or source.heading is None:
        return
    names = [name.strip() for part in source.heading.split(";") for name in _BOTH.split(part) if name.strip()]
    body = " ".join(" ".join(lines) for lines in source.paragraphs if " ".join(lines) != source.heading).strip()
    first, *rest = _sentences(body)
    text = first if len(rest) == 0 or len(WORD.findall(first)) >= SHORTEST + 1 else body
    if not names or not body or not SHORTEST <= len(WORD.findall(text)) <= 2 * LONGEST:
        return
    if re.search(r"\b(?:see|to be completed|definition follows|tbd|tbc)\b", text, re.IGNORECASE) and len(text) < 60:  # noqa: PLR2004
        return
    text = _first_said(text)
    called = [name for name in names[1:] if not re.search(r"[/=\u00b7\u00d7<>%+]", name)]
    asked_for = [
        card for name in called for card in _other_name(name, names[0], body, source) if not _is_told(name, text)
    ]
    yield from asked_for
    others = [name for name in called if not asked_for and not _is_told(name, text)]
    also = f" (also: {', '.join(others)})" if others else ""
    term = f"**{plain(names[0])}**{plain(also)}"
    asked = f"What is meant by {term}?" if is_english(source.text) else term
    yield Candidate(asked, plain(text), "basic", "glossary", body, source, 1.0, tuple(names))


def _other_name(name: str, term: str, body: str, source: Source) -> Iterator[Candidate]:
    """What an entry's abbreviation stands for, or by what other word its thing goes."""
    initials = "".join(word[0] for word in re.split(r"[\s-]", term) if word)
    if not is_english(source.text):
        return
    if len(name) > 1 and name.isupper() and name.casefold() == initials.casefold():
        front, back = f"What does **{plain(name)}** stand for?", term
    elif name.islower() and name.isalpha() and rarity(name) >= RARE and not stems(name) & stems(term):
        front, back = f"What is another name for **{plain(term)}**?", name
    else:
        return
    yield Candidate(front, plain(back), "basic", "abbreviation", body, source, 0.85, (f"{name} for {term}",))


def _first_said(text: str) -> str:
    """What a term is, without what else is said of it; what limits it stays."""
    found = _FURTHER.match(text)
    return f"{found['first'].strip()}." if found and len(WORD.findall(found["first"])) > SHORTEST else text


def _is_told(name: str, text: str) -> bool:
    """Whether a name has a word in common with what is said of it, in whatever form."""
    said = [word.casefold() for word in WORD.findall(text)]
    return any(word.casefold()[:5] == other[:5] for word in WORD.findall(name) for other in said)


def _sentences(text: str) -> list[str]:
    starts = [0, *sentence_starts(text), len(text)]
    return [part for start, end in pairwise(starts) if (part := text[start:end].strip())] or [""]


def definitions(sentence: Sentence) -> Iterator[Candidate]:
    """A sentence that says what something is, as a question for just that."""
    if sentence.is_line or not is_general(sentence) or len(WORD.findall(sentence.text)) < 4:  # noqa: PLR2004
        return
    found = _by_words(sentence) or _by_copula(sentence)
    if found is None:
        return
    term, text, question = found
    text = _first_clause(text)
    name = re.sub(r"^(?:the|an?)\s+", "", term, flags=re.IGNORECASE)
    if not _explains_it(name, text) or any(token.tag_ in _NO_TERM for token in parsed(term)):
        return
    asked, text = _asked(question, plain(_lowered(term, sentence.doc)), text)
    front = under(sentence.source.context, asked, hiding=text)
    if front == asked and re.search(r"\d", name) and not re.search(r"[A-Z]\w*\d", name):
        return  # which phase 2, of what?
    yield Candidate(
        front, plain(_sentence(text)), "basic", "definition", sentence.quote, sentence.source, 0.92, (name,)
    )


def _explains_it(term: str, text: str) -> bool:
    """Whether what is said of a term says what it is, in words of its own."""
    return (
        _is_term(term)
        and _says_enough(text)
        and not _ONLY_CLASSED.fullmatch(text)
        and SHORTEST <= len(WORD.findall(text)) <= LONGEST
        and not _says_itself(term, text)
        and not _POINTS_BACK.match(text)
        and not _OF_AN_OCCASION.search(text)
    )


def _says_itself(term: str, text: str) -> bool:
    """Whether the name of the thing stands in what it is said to be; what only tells its kind apart may."""
    names = re.split(r" (?:of|for|to|in|per) ", term)[0]
    return shares_a_word(WORD.findall(names)[-1], text) or stems(term) <= stems(text)


def _first_clause(text: str) -> str:
    """What a term is, without what else is said of it."""
    said = _AND_MORE.sub("", _SET_AGAINST.sub("", text.rstrip(".")))
    first, _, more = said.partition(", and ")
    is_further = (
        more and not _IN_A_ROW.search(first) and (_VERB_FIRST.match(more) or subject_of(parsed(more)) is not None)
    )
    return f"{first if is_further else said}."


def _asked(question: str, term: str, text: str) -> tuple[str, str]:
    """The question, and its answer; of what is worked out from other things, how."""
    factors = _FACTORS.fullmatch(text)
    if factors and question == "What is {}?":
        return f"What is {term} the {factors['what'].casefold()} {factors['of']}?", factors["factors"]
    if _FOREMOST.match(text) and question == "What is {}?" and len(WORD.findall(text)) > LEAST_POINTS:
        return f"What is {text.rstrip('.')}?", term[0].upper() + term[1:]
    if _WORKED_OUT.fullmatch(text) and question == "What is {}?":
        return f"How is {term} calculated?", text
    return question.format(term), text


def _says_enough(text: str) -> bool:
    """Whether it explains rather than gives another name: two words that are terms, or more words."""
    own = [word for word in WORD.findall(text) if word.casefold() not in {"the", "a", "an"}]
    return len(own) > 2 or (len(own) == 2 and all(rarity(word) > PLAIN for word in own))  # noqa: PLR2004


def _by_words(sentence: Sentence) -> tuple[str, str, str] | None:
    """The term, what is said of it, and the question for that."""
    text = sentence.text
    called = _CALLED.fullmatch(text)
    if called and not _NOT_SAID.search(called["text"]) and "," not in called["text"]:
        return called["term"], called["text"], f"What {called['be']} {{}}?"
    defined = _DEFINED.fullmatch(text)
    if defined:
        return defined["term"], defined["text"], f"What {defined['be']} {{}}?"
    found = _VERBS.fullmatch(text) or _WHEN.fullmatch(text) or _held(sentence)
    if not found or len(WORD.findall(found["term"])) > 5 or _NOT_SAID.search(found["term"]):  # noqa: PLR2004
        return None
    subject = subject_of(sentence.doc)
    if subject is None or subject.left_edge.i != 0 or sentence.root.idx != found.start("verb"):
        return None
    helper = "do" if sentence.root.tag_ == "VBP" else "does"
    asks = "When" if found.re is _WHEN else "What"
    if asks == "When" and has_two_clauses(found["text"]):
        return None
    said = f"When {found['text']}" if asks == "When" else found["text"]
    verb = re.sub(r"^(specif|impl)$", r"\1y", found["verb"])
    return found["term"], said, f"{asks} {helper} {{}} {verb}{found.groupdict().get('to') or ''}?"


def asides(source: Source) -> Iterator[Candidate]:
    """What a sentence says by the way of a term in it: `..., which is the ...`."""
    if source.is_aside or source.is_entry:
        return
    for quote in (quote for paragraph in source.prose for quote in _sentences(paragraph)):
        found = _BY_THE_WAY.search(bare(quote))
        name = _last_name(parsed(found["before"])) if found else None
        if found is None or name is None:
            continue
        term, text = _lowered(name.text, name.as_doc()), _first_clause(found["text"])
        doc = parsed(text)
        is_clause = text.startswith(("that ", "when ", "how "))
        root = next(token for token in doc if token.head == token)
        is_kind = root.pos_ in {"NOUN", "PROPN"} and not doc[0].lower_.endswith("ing")
        if (is_kind or is_clause) and not points_away(text) and not points_at(doc) and _explains_it(term, text):
            if found["verb"] == "are" and text.startswith("the "):
                continue  # what part they play
            front = under(source.context, f"What is meant by {plain(term)}?", hiding=text)
            yield Candidate(front, plain(_sentence(text)), "basic", "definition", quote, source, 0.9, (term,))


def _last_name(doc: "Doc") -> "Span | None":
    """The noun phrase a text ends in, without its article."""
    chunk = next((one for one in doc.noun_chunks if one.end == len(doc)), None)
    if (
        chunk is None
        or chunk.root.pos_ == "PRON"
        or chunk.root.dep_ == "conj"
        or any(token.tag_ in _NO_TERM for token in chunk)
    ):
        return None
    start = next((token.i for token in chunk if token.pos_ in {"NOUN", "PROPN", "ADJ", "VERB"}), chunk.end)
    name = doc[start:]
    is_somebody = any(
        token.text[0].isupper() and not token.text.isupper() for token in name if token.i > start or start > 1
    )
    return None if start == chunk.end or is_somebody or len(name) > MOST_NAMED else name


def _held(sentence: Sentence) -> re.Match[str] | None:
    """What a theory says."""
    subject = subject_of(sentence.doc)
    is_theory = subject is not None and subject.lemma_.casefold() in _THEORIES and sentence.doc[0].lower_ != "a"
    return _HOLDS.fullmatch(sentence.text) if is_theory else None


def _by_copula(sentence: Sentence) -> tuple[str, str, str] | None:
    doc, root = sentence.doc, sentence.root
    subject = subject_of(doc)
    if subject is None or root.lemma_ != "be" or root.tag_ not in {"VBZ", "VBP"} or subject.left_edge.i != 0:
        return None
    what = next((child for child in root.children if child.dep_ == "attr" and child.i > root.i), None)
    if (
        what is None
        or (root.lower_ == "are" and what.tag_ in {"NN", "NNP"})
        or what.pos_ not in {"NOUN", "PROPN"}
        or (what.tag_ == "NNS" and doc[what.left_edge.i].lower_ == "the")
        or subject.lemma_.casefold() in _EMPTY
        or _is_vague(what, doc)
    ):
        return None
    said = doc[root.i + 1 :].text
    if _NOT_SAID.search(doc[root.i : what.i].text) or any(child.dep_ == "neg" for child in root.children):
        return None
    term = re.sub(r"\s?\([^()]*\)", "", doc[: root.i].text).strip()
    if QUANTITY.search(term) or any(token.pos_ == "ADV" or _is_a_place(token) for token in doc[: root.i]):
        return None
    question = f"What {root.lower_} {{}}?"
    return (term, said, question) if "," not in term and len(WORD.findall(term)) <= 6 else None  # noqa: PLR2004


def _is_a_place(token: "Token") -> bool:
    """Whether it is the name of a country or a person, which is said something of, and not what it means."""
    return token.i > 0 and len(token) > 1 and token.text.istitle() and rarity(token.text) < RARE


def _is_vague(what: "Token", doc: "Doc") -> bool:
    """Whether it is said to be one of something rather than what it is."""
    return what.lemma_.casefold() in _EMPTY or any(
        child.lower_ in {"this", "that", "its", "their", "some", "most", "one", "another"} for child in what.children
    ) or (what.tag_ == "NNS" and doc[what.left_edge.i].lower_ in {"common", "important", "typical"})  # fmt: skip


def _is_term(term: str) -> bool:
    words = WORD.findall(term)
    if not words or len(term) > 60:  # noqa: PLR2004
        return False
    return len(words) > 1 or rarity(words[0]) >= 0.1 or any(letter.isdigit() or letter.isupper() for letter in term[1:])  # noqa: PLR2004


def _lowered(term: str, doc: "Doc") -> str:
    """A term as it stands inside a sentence: its first letter small, unless it is a name or an abbreviation."""
    first, words = doc[0], WORD.findall(term)
    is_article = words[0].casefold() in {"the", "a", "an"}
    if (len(words) > 1 and not is_article and words[1][0].isupper()) or any(map(str.isupper, words[0][1:])):
        return term
    is_plain = len(words) > 1 and not is_article and len(doc) > 1 and doc[1].tag_ in {"NN", "NNS"}
    is_name = first.pos_ == "PROPN" and not is_plain and not is_article
    keeps = is_name and rarity(first.text) < 0.4  # noqa: PLR2004
    keeps = keeps or (len(doc) > 1 and doc[1].tag_ == "POS")
    if (
        any(letter.isupper() or letter.isdigit() for letter in first.text[1:])
        or keeps
        or len(first.text) == 1 != (first.lower_ == "a")
    ):
        return term
    return term[0].lower() + term[1:]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def spelt_out(sentence: Sentence) -> Iterator[Candidate]:
    """`glomerular filtration rate (GFR)`: asks what the letters stand for."""
    for found in _SPELT_OUT.finditer(sentence.text):
        words = re.split(r"[\s-]", found["long"])[-len(found["short"]) :]
        if (
            len(words) == len(found["short"])
            and not all(word[0].isupper() for word in words)
            and all(
                word[:1].casefold() == letter.casefold() for word, letter in zip(words, found["short"], strict=True)
            )
        ):
            long = found["long"][found["long"].index(words[0]) :]
            front = under(sentence.source.context, f"What does **{plain(found['short'])}** stand for?", hiding=long)
            yield Candidate(
                front,
                plain(long),
                "basic",
                "abbreviation",
                sentence.quote,
                sentence.source,
                0.85,
                (found["short"], long),
            )


def formulas(source: Source) -> Iterator[Candidate]:
    """`The half-life is (formula)`: asks for the formula."""
    if source.is_aside or source.is_entry:
        return
    for paragraph in source.prose:
        for quote in _sentences(paragraph):
            found = _FORMULA.match(quote)
            said = readable(found["formula"]) if found else None
            if found and said and len(said) <= MOST_SIGNS and "=" in said and not _NOT_SAID.search(found["term"]):
                term = found["term"][0].lower() + found["term"][1:]
                front = under(source.context, f"What is the formula of {plain(term)}?")
                yield Candidate(front, plain(said), "basic", "formula", quote, source, 0.9, (f"formula of {term}",))


def points(source: Source) -> Iterator[Candidate]:
    """Lines or sentences of one kind, `name: what is so of it`, at least three side by side."""
    if source.is_aside or not source.context:
        return
    groups = [*source.items, *(_sentences(paragraph) for paragraph in source.prose)]
    for lines in groups:
        found = [(line, match) for line in lines if (match := LABEL.fullmatch(line)) and _explains(match)]
        if len(found) < LEAST_POINTS or 3 * len(found) < 2 * len(lines):
            continue
        for line, match in found:
            label, text = _whole(match["label"].strip(), source.context), match["text"].strip()
            if label is None or stems(label) & stems(text) or len(WORD.findall(label)) > 6 or not _is_term(label):  # noqa: PLR2004
                continue
            front = under(source.context, f"What is meant by **{plain(_sentence(label))}**?")
            yield Candidate(front, plain(_sentence(text)), "basic", "point", line, source, 0.8, (label,))


def _whole(label: str, context: str) -> str | None:
    """A label that is only an adjective with the noun that heads the list; None where that is unclear."""
    last = parsed(f"It is {label}.")[-2]
    if last.pos_ not in {"ADJ", "ADV", "VERB"}:
        return label
    return f"{label} {context.casefold()}" if len(WORD.findall(context)) == 1 else None


def _explains(match: re.Match[str]) -> bool:
    said = match["text"]
    if not LEAST_SAID <= len(WORD.findall(said)) <= MOST_SAID or re.search(r"[?\\$,;\d]|\bsuch as\b", said):
        return False
    doc = parsed(said)
    root = next(token for token in doc if token.head == token)
    return root.pos_ == "NOUN" and subject_of(doc) is None and doc[0].pos_ in {"DET", "NOUN", "ADJ"}


def abbreviations(source: Source) -> Iterator[Candidate]:
    """A list of abbreviations, one a line."""
    lines = [lines[0] for lines in source.paragraphs if len(lines) == 1] + [
        line for many in source.items for line in many
    ]
    found = [match for line in lines if (match := _ABBREVIATED.fullmatch(line)) and _is_short_for(match)]
    by_start = {start: len(list(group)) for start, group in groupby(sorted(match["short"] for match in found))}
    if source.is_entry or len(found) < LEAST_POINTS or 2 * len(found) < len(lines):
        return
    for match in found:
        if by_start[match["short"]] == 1 and match["long"].strip().casefold() not in _TITLES:
            front = f"What does **{plain(match['short'])}** stand for?"
            yield Candidate(
                front,
                plain(match["long"].strip()),
                "basic",
                "abbreviation",
                match[0],
                source,
                0.85,
                (match["short"], match["long"]),
            )


def _is_short_for(match: re.Match[str]) -> bool:
    short, long = match["short"], match["long"].strip()
    signs = sum(letter.isupper() or letter.isdigit() for letter in short)
    if signs >= 2:  # noqa: PLR2004
        return not long[0].isupper() or long[1:2] == "-"
    return (
        len(short) <= 3 and rarity(short) > 0.05 and long[0].islower() and short[0].casefold() == long[0].casefold()  # noqa: PLR2004
    )
