"""Sentences with one term or one figure left out: which, by what it is and what it does in the sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studium.learning.making.candidate import Candidate, gap, plain, under
from studium.learning.making.fairness import BRINGS_ABOUT, is_any, is_fair, is_left_hanging, is_of_somebody
from studium.learning.making.general import is_general
from studium.learning.making.language import UNIT, WORD, rarity, shares_a_word, stems
from studium.learning.making.standing import Sentence, subject_of
from studium.learning.making.vocabulary import RARE, Vocabulary

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_FIGURE = r"[\u2212+-]?\d+(?:[.,]\d+|[ \u202f\u00a0]\d{3}(?!\d))*"
_FOLD = re.compile(
    r"\b(?P<figure>two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen|twenty|hundred|thousand)-fold\b"
)
QUANTITY = re.compile(
    rf"(?<![\w.,/\u2013^-])(?P<figure>{_FIGURE}(?:(?:\s?\u2013\s?|-"
    rf"|\sto\s){_FIGURE})?)(?:\s?)(?P<unit>(?:{UNIT})(?:[²³]|[/·]\S+)?)(?!\w)"
)
_LABELLED = re.compile(
    r"\b(?:phases?|types?|class(?:es)?|grades?|stages?|figures?|tables?|part|level|no\.|step|group|version"
    r"|article|week|day)\s$",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"^(?:with|if|at|by|from|for|after|once|when|suppose|say|given)\b", re.IGNORECASE)
_BETWEEN = re.compile(rf"(?<=between )(?P<figure>{_FIGURE}\s?(?:{UNIT})? and {_FIGURE})(?!\w)")
_LEANING = re.compile(
    r"\b(?:when it comes to|therefore|thus|hence|however|consequently|also|too|in turn|as well|(?:is|are) another)\b",
    re.IGNORECASE,
)
_ALMOST = re.compile(r"\b(?:such as|e\.g\.|for example|for instance|like|including|examples?)\b", re.IGNORECASE)
LABEL = re.compile(r"(?P<label>[^\W_][^:;.()\u2013]{0,40}?)(?:\s\([^()]*\))?\s?(?::|\s\u2013)\s+(?P<text>\S.*)")
"""What a line says of its first words."""
_AFTER_A_NAME = (
    r"(?:and|or|is|are|was|were|has|have|can|may|that|which|who|when|where|while|because|as|in|at|by|for|from|with"
    r"|on|to|into|during|after|before|between|through|within|among|under|over)\b"
)
_CALLED = re.compile(
    r"\b(?:called|known as|termed|named|referred to as) (?:(?:the|an?) )?[\u201c\"']?"
    rf"(?P<name>[A-Za-z][\w\u2019-]*(?: (?!{_AFTER_A_NAME})[\w\u2019-]+){{0,3}})"
    rf"(?=[.,;:\u201d\")]| {_AFTER_A_NAME})(?!,? or\b|, \w+,? or\b| and \w+[.,;])"
)
_BRACKETS = re.compile(r"(?<=\w \()(?P<name>(?!(?:or|and|like)\b)[A-Za-z][\w\u2013-]+(?: [a-z][\w-]+){0,2})(?=\))")
_SUPPOSED = re.compile(r"(?:If|When|Suppose|Say)\b[^,]*\d[^,]*,")
_ANNOUNCED = re.compile(r"\b(?:two|three|four|five|six|several|many)\b[^:]*:")
"""Several are announced, and one is left out."""
_NEVER_NAMED = frozenset({"VBZ", "VBP", "VBD", "MD", "DT", "PRP", "PRP$"})
"""Where one of these stands in what was taken for a name, the name ended before."""
SHORTEST_NAME = 5
MOST_FIGURES, EARLY = 3, 25
_CLAUSE = re.compile(
    r"[;:]|, (?:and|but|while|whereas|so|which|because|since|although)\b|\b(?:because|while|whereas)\b"
)
"""Where another clause begins, and with it another fact."""
SECOND = 0.18
"""How much better a sentence's second gap has to be."""
LEAST_OTHERS = 2
"""Words of the subject that tell which term is left out, where the course has no entry or heading for it."""
LEAST_SAID = 4
"""Words that say something in a sentence with "is"."""
LEAST = 0.52
"""A cloze below this score is not proposed."""
LEAST_BESIDE = 0.68
"""Where another card asks of the sentence already, or its best term would be one of many: a figure, as a rule."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What could be left out of a sentence, and how good a question that makes."""

    start: int
    end: int
    score: float


def clozes(sentence: Sentence, vocabulary: Vocabulary, asked: str = "") -> Iterator[Candidate]:
    """The best gaps of a sentence: one, or two where a clause begins between them.

    Args:
        sentence: that stands alone.
        vocabulary: the course's.
        asked: what another card asks of this sentence; a gap is left beside that.
    """
    text = sentence.text
    if not is_general(sentence) or _is_of_a_place(sentence, vocabulary) or _leaves_open(sentence):
        return
    found = sorted(
        [
            *_names(sentence),
            *_figures(sentence, vocabulary),
            *_terms(sentence, vocabulary),
            *_in_brackets(sentence, vocabulary),
        ],
        key=lambda one: (-one.score, one.start),
    )
    said = stems(asked)
    found = [one for one in found if not stems(text[one.start : one.end]) & said or not asked]
    least = LEAST_BESIDE if asked or _is_vague(sentence, vocabulary) else LEAST
    for number, one in enumerate(_apart(found, text)):
        score = one.score - _weakness(sentence) - (SECOND if number or asked else 0.0)
        if score >= (LEAST_BESIDE if number else least):
            yield from _card(sentence, one, score)


def _leaves_open(sentence: Sentence) -> bool:
    """Whether it gives examples, announces more than it says, or leans on what was said before."""
    text = sentence.text
    return bool(
        _ALMOST.search(text) or _LEANING.search(text) or LABEL.match(text) or _SUPPOSED.match(text)
        or _ANNOUNCED.search(text) or _is_an_example(text) or _compares_with_nothing(sentence.doc)
        or _only_names(sentence)
    )  # fmt: skip


def _apart(found: list[Gap], text: str) -> list[Gap]:
    """The best gap, and the next in another clause."""
    if not found:
        return []
    first = found[0]
    second = next(
        (one for one in found[1:] if _CLAUSE.search(text[min(one.end, first.end) : max(one.start, first.start)])), None
    )
    return [first, second] if second else [first]


def _card(sentence: Sentence, one: Gap, score: float) -> Iterator[Candidate]:
    text = sentence.text
    answer = text[one.start : one.end]
    shown = f"{plain(text[: one.start])}{gap(answer)}{plain(text[one.end :])}"
    front = under(sentence.source.context, shown, hiding=answer)
    yield Candidate(front, "", "cloze", "cloze", sentence.quote, sentence.source, score, (answer,))


def _only_names(sentence: Sentence) -> bool:
    """`Phase 0 is the upstroke`: with either left out, nothing is left to know it by."""
    if sentence.root.lemma_ != "be":
        return False
    said = [token for token in sentence.doc if token.pos_ in {"NOUN", "PROPN", "VERB", "ADJ"}]
    return len(said) < LEAST_SAID and not any(token.like_num for token in sentence.doc if token.i > sentence.root.i)


def _weakness(sentence: Sentence) -> float:
    """A long sentence asks for reading, a fragment for guessing."""
    words = len(WORD.findall(sentence.text))
    return 0.05 * sentence.is_line + 0.005 * max(0, words - 20) + 0.05 * (words < 5)  # noqa: PLR2004


def _is_an_example(text: str) -> bool:
    """Whether it works with numbers rather than tells them."""
    first = re.search(r"\d", text)
    numbers = len(re.findall(r"(?<![\w\u2013.,])\d", text))
    return (
        numbers > MOST_FIGURES
        or bool(re.search(r"\d\s?/\s?\d|=|that is \d", text))
        or bool(first and numbers > 1 and _GIVEN.match(text) and first.start() < EARLY)
    )


def _is_of_a_place(sentence: Sentence, vocabulary: Vocabulary) -> bool:
    """Whether it speaks of one country, office or person: what holds there is no part of the subject."""
    subject = subject_of(sentence.doc)
    if subject is None or sentence.root.tag_ == "VBD":
        return False  # who thought so is told by name
    return any(
        vocabulary.names_a_place(token.text)
        or (
            token.dep_ in {"nsubj", "poss", "pobj"}
            and vocabulary.names_somebody(token.text)
            and not vocabulary.is_said_all_over([token.text])
        )
        for token in subject.subtree
    )


def _names(sentence: Sentence) -> Iterator[Gap]:
    """What something is called."""
    text = sentence.text
    for found in _CALLED.finditer(text):
        name = sentence.doc.char_span(*found.span("name"))
        if name is None or any(token.tag_ in _NEVER_NAMED for token in name):
            continue
        if not shares_a_word(found["name"], text[: found.start()] + text[found.end() :]):
            yield Gap(found.start("name"), found.end("name"), 0.92)


def _figures(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    text = sentence.text
    if any(map(vocabulary.names_a_place, WORD.findall(text))) or not vocabulary.has_a_term(text):
        return
    found = [match for match in QUANTITY.finditer(text) if not _LABELLED.search(text[: match.start()])]
    found = list(_BETWEEN.finditer(text)) or found or list(_FOLD.finditer(text))
    subject, root = subject_of(sentence.doc), sentence.root
    for match in found:
        if subject is not None and root.lemma_ in BRINGS_ABOUT and match.end() < root.idx:
            continue  # how much of it: any amount does
        if re.match(r"s\b", text[match.end("figure") :]):
            continue  # the nineties, or somebody's
        if re.search(r"\([^()]{0,12}$", text[: match.start()]) and re.match(r"[^()]{0,12}\)", text[match.end() :]):
            continue  # the same in other units, or the age that goes by a name
        yield Gap(match.start("figure"), match.end("figure"), 0.92 if len(found) == 1 else 0.91)


def _compares_with_nothing(doc: "Doc") -> bool:
    """Whether something is said to be higher, and not than what; or to be there, and not of what."""
    subject = subject_of(doc)
    if " than " not in doc.text and any(
        token.tag_ in {"JJR", "RBR"}
        and token.lower_ not in {"more", "less"}
        and (token.dep_ == "acomp" or (subject is not None and subject in token.ancestors))
        for token in doc
    ):
        return True
    return (
        subject is not None
        and subject.head.lemma_ in {"appear", "occur", "follow", "happen"}
        and doc[0].lower_ in {"a", "an"}
    )


def _is_vague(sentence: Sentence, vocabulary: Vocabulary) -> bool:
    """Whether something stands in it that any of several could stand for."""
    cores = [core for chunk in sentence.doc.noun_chunks if (core := _core(chunk)) is not None]
    return any(vocabulary.is_term(WORD.findall(core.text) or [""]) and is_any(core, sentence) for core in cores)


def _terms(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    doc = sentence.doc
    if sentence.root.pos_ not in {"VERB", "AUX"}:
        return  # taken apart wrongly: what looks like a name may have swallowed the verb
    for chunk in doc.noun_chunks:
        core = _core(chunk)
        span = _widened(_named(core, vocabulary) or core, vocabulary) if core is not None else None
        if core is None or span is None or not is_fair(span, doc) or is_left_hanging(chunk, span):
            continue
        if (
            not _is_singled_out(span, vocabulary)
            or is_any(span, sentence)
            or is_of_somebody(span, sentence, vocabulary)
        ):
            continue
        worth = vocabulary.worth(span.text)
        score = 0.62 * worth + _place(span.root, doc) + (0.08 if len(span) > 1 else 0.0)
        yield Gap(span.start_char, span.end_char, min(score, 1.0))


def _is_singled_out(span: "Span", vocabulary: Vocabulary) -> bool:
    """Whether it is a term that the course names, or one whose sentence has more words of the subject to tell it by."""
    words = WORD.findall(span.text)
    if vocabulary.is_named(words):
        return True
    others = WORD.findall(f"{span.doc[: span.start].text} {span.doc[span.end :].text}")
    return vocabulary.is_own(words) and len({word for word in others if vocabulary.is_own([word])}) >= LEAST_OTHERS


def _widened(span: "Span", vocabulary: Vocabulary) -> "Span | None":
    """With what follows by a preposition, where the course says both together: `rate of change`; None if no term."""
    follows = next((child for child in span.root.children if child.dep_ == "prep" and child.i == span.end), None)
    noun = next((child for child in follows.children if child.dep_ in {"pobj", "pcomp"}), None) if follows else None
    whole = span.doc[span.start : noun.i + 1] if noun is not None else span
    if len(whole) == len(span) + 2 and vocabulary.is_said_all_over(WORD.findall(whole.text)):
        return whole
    return span if vocabulary.is_term(WORD.findall(span.text) or [""]) else None


def _in_brackets(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    """Another name of what stands before it."""
    for found in _BRACKETS.finditer(sentence.text):
        words = WORD.findall(found["name"])
        outside = stems(sentence.text[: found.start()] + sentence.text[found.end() :])
        if (
            found["name"][0].isupper()  # in small letters it is as often an explanation
            and (vocabulary.is_named(words) or vocabulary.is_own(words))
            and found["name"] not in vocabulary.bodies
            and not stems(found["name"]) & outside
            and not _is_short(found["name"], sentence.text[: found.start()])
        ):
            yield Gap(found.start("name"), found.end("name"), 0.8)


def _is_short(name: str, before: str) -> bool:
    """Whether it is an abbreviation of the words before it, which give it away."""
    first = before.rstrip().rsplit(" ", len(name))[-1][:1]
    return len(name) < SHORTEST_NAME or (name.isupper() and name[0].casefold() == first.casefold())


def _named(span: "Span", vocabulary: Vocabulary) -> "Span | None":
    """The term in a noun phrase, without what only describes it; None when there is none."""
    start = span.start
    while start < span.end - 1 and span.doc[start].pos_ in {"ADJ", "VERB", "ADV"}:
        words = WORD.findall(span.doc[start : span.end].text)
        if rarity(span.doc[start].text) >= RARE or vocabulary.is_phrase(words):
            break
        start += 1
    found = span.doc[start : span.end]
    words = WORD.findall(found.text)
    return found if words and vocabulary.is_term(words) else None


def _core(chunk: "Span") -> "Span | None":
    """A noun phrase without its article and the words that only measure it."""
    start = max((token.i + 1 for token in chunk if token.tag_ == "POS"), default=chunk.start)
    while start < chunk.end and (
        chunk.doc[start].pos_ in {"DET", "PRON", "NUM", "PUNCT", "ADV", "SYM", "CCONJ", "PART"}
        or (
            (_only_measures(chunk.doc[start]) or chunk.doc[start].tag_ == "JJS")
            and chunk.doc[start + 1 : start + 2].text != "-"
        )
    ):
        start += 1
    end = chunk.end
    while end > start and chunk.doc[end - 1].is_punct:
        end -= 1
    span = chunk.doc[start:end]
    return span if 0 < len(span) <= 5 and not span.root.is_stop else None  # noqa: PLR2004


def _only_measures(token: "Token") -> bool:
    return token.pos_ == "ADJ" and token.lower_ in {
        "large", "small", "big", "great", "little", "many", "much", "more", "most", "less", "least", "few", "fewer",
        "several", "some", "other", "important", "main", "major", "minor", "common", "certain", "various", "different",
        "own", "first", "second", "third", "last", "new", "old", "good", "bad", "long", "short", "whole", "half",
        "higher", "lower", "larger", "smaller", "greater", "longer", "shorter", "better", "worse", "overall", "further",
        "such", "similar", "specific", "particular", "possible", "likely", "brief", "full", "entire", "typical",
    }  # fmt: skip


_PLACES = {"dobj": 0.24, "pobj": 0.2, "attr": 0.26, "nsubjpass": 0.12, "nsubj": 0.08, "appos": 0.05, "oprd": 0.2}


def _place(root: "Token", doc: "Doc") -> float:
    """How well the rest of the sentence asks for what stands here."""
    worth = _PLACES.get(root.dep_, 0.05)
    if root.dep_ == "pobj" and root.head.lower_ == "of":
        worth -= 0.06
    rest = [token for token in doc if token.pos_ in {"NOUN", "PROPN", "VERB", "NUM"} and token.i != root.i]
    return worth - (0.12 if len(rest) < 3 else 0.0)  # noqa: PLR2004
