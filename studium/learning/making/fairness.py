"""Whether a sentence asks for one term and no other when that is left out of it."""

import re
from typing import TYPE_CHECKING

from studium.learning.making.language import UNIT, WORD, stem, stems
from studium.learning.making.standing import Sentence, subject_of
from studium.learning.making.vocabulary import LIGHT, Vocabulary

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_BRINGS_ABOUT_WORDS = """
affect aggravate cause change contribute decrease delay diminish drive elevate encourage enhance exacerbate favor
favour harm help impair improve increase induce influence lead lessen lower precipitate predispose prevent produce
promote prolong provoke raise reduce result slow speed stimulate strengthen trigger weaken worsen
"""
BRINGS_ABOUT = frozenset(_BRINGS_ABOUT_WORDS.split())
"""Verbs of what many things do: who is said to, one of them, cannot be told from what comes of it."""
_VERBS_WORDS = """
combines enters splits drives carries converts becomes joins sends turns runs lies stands keeps goes comes
passes reaches allows prevents requires provides maintains determines represents contains includes describes
occurs appears remains rises falls lowers increases decreases drops supplies causes results changes moves flows
forms produces blocks limits raises reduces starts ends acts works leaves returns shows gives takes holds uses
needs means makes follows leads opens closes binds signals controls triggers releases stores measures contracts
relaxes grows spreads costs
"""
_VERBS = frozenset(_VERBS_WORDS.split())
"""Verbs that are taken for nouns, and then belong to the name before them."""
_BECAUSE = re.compile(r"\b(?:because|since|so that)\b")
_NO_NAME = frozenset({"POS", "CD", "VBZ", "VBP", "VBD", "MD"})
_OF_SOME_KIND_WORDS = """
different various several many certain some other particular few common two three four five
"""
_OF_SOME_KIND = frozenset(_OF_SOME_KIND_WORDS.split())
_TIMES = frozenset({"through", "throughout", "during", "until", "into", "before", "after", "since"})
_TELLS_LITTLE = frozenset({"have", "contain", "need", "use", "show", "occur", "exist", "happen", "vary"})
_IS_THERE = frozenset({"appear", "exist", "find", "happen", "occur", "see"})
"""Verbs of what may be so in many."""
_GOES_ON = frozenset({"appear", "begin", "continue", "remain", "seem", "start", "tend"})
"""Verbs that say of anything that it is so."""
_LOOKS_INTO_WORDS = """
analyse analyze believe concentrate construct examine explore find focus investigate look measure observe see study
think track use view
"""
_LOOKS_INTO = frozenset(_LOOKS_INTO_WORDS.split())
"""What all who study something do."""
LITTLE = 9
"""Words of a sentence with such a verb that fits many."""
SHORT = 13
"""Words of a sentence that says too little to tell what it begins with."""
LEAST_ASKED = 6
"""Words of a sentence about several that tell of which one thing it speaks."""


def is_left_hanging(chunk: "Span", span: "Span") -> bool:
    """Whether an adjective that stays asks for any noun at all: `a full ... produces`, `an upward ...`."""
    stays = chunk.doc[chunk.start : span.start]
    before = chunk.doc[span.start - 1] if span.start else None
    return (
        (before is not None and before.tag_ == "RB" and before.text.endswith("ly"))
        or any(token.pos_ == "VERB" or token.tag_ in {"JJS", "RBS"} or token.lower_ in _OF_SOME_KIND for token in stays)
        or (
            any(token.pos_ == "ADJ" for token in stays) and (len(span) == 1 or span.root.dep_ in {"nsubj", "nsubjpass"})
        )
    )


def is_any(span: "Span", sentence: Sentence) -> bool:
    """Whether others would be as right there: one of many causes, examples or conditions."""
    doc, noun = sentence.doc, span.root
    denied = any(child.lower_ in {"no", "any", "every", "each"} for child in noun.children)
    return (
        (noun.dep_ == "pobj" and noun.head.lower_ in {"with", "without"})
        or (denied and not _BECAUSE.search(doc.text))
        or _is_told_apart(noun)
        or _is_below_a_colon(span)
        or (noun.dep_ == "pobj" and noun.head.lower_ == "in" and noun.head.head.lemma_ in _IS_THERE)
        or (noun.head.lower_ in _TIMES and len(WORD.findall(doc.text)) < SHORT)
        or (_is_of_many(span, sentence) if span.end <= sentence.root.i else _is_of_several(span, sentence))
    )


def is_of_somebody(span: "Span", sentence: Sentence, vocabulary: Vocabulary) -> bool:
    """Whether it belongs to a country, or is somebody that the sentence does not say the thought of."""
    name = span.root
    return any(vocabulary.names_a_place(token.text) for token in span[:-1]) or (
        vocabulary.names_somebody(name.text) and name.head != sentence.root and name.head.lower_ != "to"
    )


def _is_told_apart(noun: "Token") -> bool:
    """Whether a clause says which of them is meant, so that any noun will do: `those who ...`, `all that ...`."""
    if noun.i + 1 == len(noun.doc) or noun.nbor(1).text == ",":
        return False
    return noun.nbor(1).tag_ == "VBG" or any(child.dep_ in {"relcl", "acl"} for child in noun.children)


def _is_of_many(span: "Span", sentence: Sentence) -> bool:
    """Whether, before the verb, it is what brings something about, or what little is said of."""
    verb, noun, words = sentence.root.lemma_, span.root, len(WORD.findall(sentence.text))
    if noun.dep_ == "nsubj" and noun.head == sentence.root:
        return (
            verb in BRINGS_ABOUT | _GOES_ON
            or (verb in _TELLS_LITTLE and words < LITTLE)
            or (noun.tag_ in {"NNS", "NNPS"} and (verb in _LOOKS_INTO or _only_places(sentence.root)))
        )
    if noun.dep_ == "nsubjpass" and any(child.tag_ == "MD" for child in noun.head.children):
        return True
    return words < SHORT and (noun.dep_ == "pobj" or verb in BRINGS_ABOUT)


def _only_places(verb: "Token") -> bool:
    """Whether it says no more than in what something is."""
    after = [child.dep_ for child in verb.children if child.i > verb.i and child.dep_ != "punct"]
    return verb.lemma_ == "be" and bool(after) and set(after) <= {"prep", "advmod"}


def _is_of_several(span: "Span", sentence: Sentence) -> bool:
    """Whether, after the verb, it is all that is said of several, or only what kind of thing something is."""
    subject = subject_of(sentence.doc)
    if span.root.dep_ == "attr":
        return subject is None or subject.lemma_.casefold() not in LIGHT
    several = subject is not None and subject.tag_ == "NNS" and len(span) == 1
    return several and len(WORD.findall(sentence.text)) < LEAST_ASKED


def _is_below_a_colon(span: "Span") -> bool:
    """Whether it stands among several that a colon lists."""
    colon = next((token.i for token in span.doc if token.text == ":" and token.i < span.start), None)
    after = span.doc[colon + 1 :] if colon is not None else ()
    return any(token.text == "," for token in after) and not any(token.pos_ in {"VERB", "AUX"} for token in after)


def is_fair(span: "Span", doc: "Doc") -> bool:
    """Whether the sentence asks for this and nothing else, and does not tell it besides."""
    return _is_one_name(span, doc) and not _is_one_of_several(span) and not _is_told(span, doc)


def _is_one_name(span: "Span", doc: "Doc") -> bool:
    """Whether it is a term, whole and by itself, and not what was taken apart wrongly."""
    root = span.root
    if root.pos_ not in {"NOUN", "PROPN"} or (len(span) == 1 and root.lemma_.casefold() in LIGHT):
        return False
    odd = re.search(r"[/,;:()\[\]]|\b[IVX]+\b\s", span.text) or re.fullmatch(rf"[A-Z]|\d+|{UNIT}", span.text)
    kinds = any(token.pos_ == "CCONJ" or token.tag_ in _NO_NAME for token in span)
    verbs = (len(span) > 1 and span[-1].lower_ in _VERBS) or any(
        token.tag_ in {"VBN", "VBD"} and "-" not in token.nbor(-1).text for token in span[1:]
    )
    return not odd and not kinds and not verbs and 2 * len(span) <= len(doc) and not _is_followed_by_label(span)


def _is_one_of_several(span: "Span") -> bool:
    root = span.root
    return root.dep_ == "conj" or any(child.dep_ == "conj" for child in root.children) or _is_in_a_list(span)


def _is_told(span: "Span", doc: "Doc") -> bool:
    """Whether the rest of the sentence gives it away, or denies it."""
    outside = f"{doc[: span.start].text} {doc[span.end :].text}"
    said = stems(re.sub(r"[-\u2013]", " ", outside)) | stems(outside)
    return bool(re.search(r"\bnot\b[^,;]*$", doc[: span.start].text)) or any(
        stem(word) in said or _begins_alike(word, said) or _ends_alike(word, outside)
        for word in WORD.findall(f"{span.text} {span.text.replace('-', ' ')}")
        if len(word) > 2  # noqa: PLR2004
    )


def _begins_alike(word: str, said: frozenset[str]) -> bool:
    return len(word) > 5 and any(one.startswith(word.casefold()[:5]) for one in said)  # noqa: PLR2004


def _ends_alike(word: str, outside: str) -> bool:
    """Whether another word of the sentence ends in nearly all of this one, as depolarisation and repolarisation do."""
    tail = word.casefold()[-9:]
    return len(tail) == 9 and any(other.casefold().endswith(tail) for other in WORD.findall(outside))  # noqa: PLR2004


def _is_in_a_list(span: "Span") -> bool:
    """Whether what stands beside it are things of its kind, any of which could be left out."""
    text = span.doc.text
    before, after = text[: span.start_char], text[span.end_char :]
    return bool(re.match(r"\s*(?:,\s+(?:\w+[\s-]){0,3}\w+(?:,| and | or )|\s(?:and|or)\s)", after)) or bool(
        re.search(r"(?:,|\band|\bor)\s+(?:(?:by|in|of|to|for|with|from|on|at)\s+)?(?:(?:the|an?)\s+)?$", before)
    )


def _is_followed_by_label(span: "Span") -> bool:
    """Whether it is half of a name, as "phase" of "phase 2" or what an abbreviation in brackets gives away."""
    after = span.doc.text[span.end_char :]
    before = span.doc.text[: span.start_char]
    return bool(re.match(r"\s(?:\d|[IVX]+\b|[A-Z]\b)|\s*\(|[-\u2013/]", after)) or before.endswith(
        ("(", "-", "\u2013", "/")
    )
