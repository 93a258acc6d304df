"""Sentences that say why, when or by what something is so, turned into the question for just that."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from studium.learning.making.candidate import Candidate, plain, under
from studium.learning.making.general import is_general
from studium.learning.making.language import WORD, parsed, rarity, shares_a_word, stems
from studium.learning.making.standing import Sentence, has_two_clauses, is_everyday, subject_of
from studium.learning.making.vocabulary import Vocabulary

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_BECAUSE = re.compile(r"(?P<what>[^;:]{12,160}?),? because (?P<why>(?!of\b)[^;:]{8,160})\.")
_IS_WHY = re.compile(
    r"(?P<why>[^;:]{20,200}?), (?:which (?:is|explains) why|and this is why"
    r"|so) (?P<what>(?!that\b)[^;:,]{10,120})\."
)
_WHEN = re.compile(
    r"(?P<what>[^;:,]{10,120}?)(?<!\beven) (?P<when>(?:only )?(?:when|if|as soon as|after) [^;:]{8,140})\."
)
_IF = re.compile(r"(?P<when>(?:When|If|As soon as|After) [^;:]{8,120}?), (?P<then>[^;:]{12,160})\.")
_BY = re.compile(r"(?P<what>[^;:,]{8,120}?) by (?P<by>[^;:,]{4,90})\.")
_FOUND = re.compile(
    r"(?P<what>[^;:,]{4,80}? (?:is|are) (?:estimated|calculated|computed|measured|obtained|determined"
    r"|expressed|derived))"
    r" (?P<how>(?:as|by|from|with|in|using) [^;:]{6,110}?)(?:\.$|; .*| and (?:is|are) .*)"
)
_AUXILIARY_WORDS = """
is are was were can cannot could may might must should will would has have had does do did
"""
_AUXILIARY = frozenset(_AUXILIARY_WORDS.split())
_AMOUNT = re.compile(
    r"(?:about |up to |roughly |around |between |more than |less than |at least |one |a )?\d|half\b|far\b|fac"
)
_ALSO = re.compile(r"(?<= )(?:also|too|, for example,) ")
_JOINED = re.compile(r"\b(?:and|or)\b")
"""What joins two things, where one is asked for."""
_ARTICLES, _NOUNS = frozenset({"the", "a", "an"}), frozenset({"NN", "NNS", "NNP", "NNPS"})
_OF_SOME = re.compile(r"(?:some|many|most|others?|in|at|on|for)\b", re.IGNORECASE)
"""What begins a consequence for a part of those the condition is of, or goes on with the condition's list."""
_FIGURE_OF_SPEECH = re.compile(r"\b(?:it comes to|ever)\b")
_FINITE = frozenset({"VBZ", "VBP", "VBD"})
_TELLS_WHEN = frozenset({"describe", "explain", "know", "mean", "show", "tell", "say", "ask"})
_NO_SUBJECT = frozenset({"it", "this", "these", "that", "there", "and", "or", "so", "but"})
_WANTED = re.compile(r"\b(?:is|are) to \w")
LEAST_SAID = 3
"""Words of what answers why or when."""


def reasons(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """The one question a sentence answers by the way it is built, where it asks of a term of the course."""
    if sentence.is_line or not is_general(sentence):
        return
    for rule in (_why, _therefore, _what_then, _how_found, _when, _by):
        found = rule(sentence)
        if found:
            question, answer = found
            if not vocabulary.has_a_term(question):
                return
            yield Candidate(
                under(sentence.source.context, question, hiding=answer), plain(answer), "basic", "reason",
                sentence.quote, sentence.source, 0.95,
            )  # fmt: skip
            return


def _why(sentence: Sentence) -> tuple[str, str] | None:
    found = _BECAUSE.fullmatch(sentence.text)
    asked = _asked(sentence.doc, len(found["what"])) if found else None
    if (
        not found
        or not asked
        or _says_little(found["why"])
        or _says_it_again(found["why"], asked)
        or has_two_clauses(_cut(found["why"].strip()))
        or (" than " not in asked and any(token.tag_ == "JJR" for token in sentence.root.children))
        or not _is_of_all(sentence, found.start("why") - len("because "))
    ):
        return None
    return f"Why {plain(asked)}?", f"Because {_cut(found['why'].strip())}."


def _says_it_again(why: str, asked: str) -> bool:
    """`a good friend ... because he is a friend`."""
    found = re.match(r"(?:it|they) (?:is|are) (?:(?:an?|the) )?(?P<kind>\w+)", why)
    return found is not None and shares_a_word(found["kind"], asked)


def _therefore(sentence: Sentence) -> tuple[str, str] | None:
    """What follows from something said first, where that names all it speaks of."""
    found = _IS_WHY.fullmatch(sentence.text)
    if not found or re.match(r"(?:In|On|At|For|With|During|By|From)\b", found["why"]):
        return None
    asked = _asked(parsed(f"{found['what']}."), len(found["what"]))
    if not asked or re.match(r"(?:do|does|did|is|are|can|cannot) (?:it|they|this|these|that)\b", asked):
        return None
    return f"Why {plain(asked)}?", f"{found['why'].strip()}."


def _what_then(sentence: Sentence) -> tuple[str, str] | None:
    found = _IF.fullmatch(sentence.text) or _if_without_comma(sentence)
    if (
        sentence.root.tag_ == "VBD"
        or not found
        or _says_little(found["then"])
        or re.search(r"\d", found["when"])
        or has_two_clauses(found["then"])
    ):
        return None
    then = re.sub(r"^(?:however, )?(?:then )?", "", found["then"].strip())
    if parsed(then)[0].lower_ in _NO_SUBJECT or not _is_met(found["when"], stems(sentence.source.context)):
        return None
    if _OF_SOME.match(then) or (then.startswith("they ") and not _is_of_several(found["when"])):
        return None
    return f"What happens {plain(found['when'][0].lower() + found['when'][1:])}?", f"{then[0].upper()}{then[1:]}."


def _is_met(condition: str, named: frozenset[str]) -> bool:
    """Whether something has to be so that is named there, rather than wanted: not `the guest` of a page before."""
    doc = parsed(condition)
    whose = (
        one.text
        for one in doc
        if one.pos_ == "NOUN" and one.i > 0 and one.nbor(-1).lower_ == "the"
        and any(token.dep_ in {"nsubj", "nsubjpass"} for token in [one, *one.ancestors])
    )  # fmt: skip
    return (
        not _WANTED.search(condition)
        and not _FIGURE_OF_SPEECH.search(condition)
        and any(token.tag_ in _FINITE for token in doc)
        and not any(is_everyday(noun, named) for noun in whose)
    )


def _is_of_several(condition: str) -> bool:
    """Whether several are named there whom "they" can stand for."""
    return any(one.dep_ in {"nsubj", "nsubjpass"} and one.tag_ in {"NNS", "NNPS"} for one in parsed(condition))


def _if_without_comma(sentence: Sentence) -> dict[str, str] | None:
    """`When A exceeds B the valve opens`: an article right after a noun begins the main clause."""
    doc = sentence.doc
    if doc[0].lower_ not in {"when", "if"} or re.search("[,;:]", doc.text):
        return None
    starts = [token.i for token in doc[2:] if token.lower_ in _ARTICLES and token.nbor(-1).tag_ in _NOUNS]
    if len(starts) != 1 or not any(token.tag_ in _FINITE for token in doc[: starts[0]]):
        return None
    then = doc[starts[0] :]
    if any(token.lower_ == "and" and token.nbor(-1).pos_ != "ADJ" for token in then):
        return None  # two things happen, for all that is known
    return {"when": doc[: starts[0]].text, "then": then.text.rstrip(".")}


def _when(sentence: Sentence) -> tuple[str, str] | None:
    found = _WHEN.fullmatch(sentence.text)
    asked = _asked(sentence.doc, len(found["what"])) if found else None
    if not found or not asked or _says_little(found["when"]) or _FIGURE_OF_SPEECH.search(found["when"]):
        return None
    if not _is_of_all(sentence, found.start("when")):
        return None
    if has_two_clauses(found["when"]) or sentence.root.lemma_ in _TELLS_WHEN:
        return None
    return f"When {plain(asked)}?", f"{found['when'][0].upper()}{found['when'][1:]}."


def _how_found(sentence: Sentence) -> tuple[str, str] | None:
    """How something is measured or worked out."""
    found = _FOUND.fullmatch(sentence.text)
    asked = _asked(sentence.doc, len(found["what"])) if found else None
    if not found or not asked or sentence.root.idx + len(sentence.root.text) != len(found["what"]):
        return None
    return f"How {plain(re.sub(r' ?[(][^()]*[)]', '', asked))}?", f"{found['how'][0].upper()}{found['how'][1:]}."


def _by(sentence: Sentence) -> tuple[str, str] | None:
    """By what something is done, or how somebody does it."""
    found = _BY.fullmatch(sentence.text)
    if not found or " by " in found["by"] or _AMOUNT.match(found["by"]) or _JOINED.search(found["by"]):
        return None
    asked = _asked(sentence.doc, len(found["what"]))
    if not asked:
        return None
    by = next((token for token in sentence.doc if token.idx == len(found["what"]) + 1), None)
    answer = found["by"].strip()
    if by is not None and by.dep_ == "agent" and by.head == sentence.root:
        if by.head.lemma_ == "use" or any(child.dep_ == "oprd" for child in by.head.children):
            return None
        return f"What {plain(asked)} by?", f"{answer[0].upper()}{answer[1:]}."
    if (
        by is None
        or by.head != sentence.root
        or by.dep_ not in {"prep"}
        or sentence.root.lemma_ in {"rise", "fall", "vary", "differ"}
    ):
        return None
    return f"How {plain(asked)}?", f"By {answer}."


def _is_of_all(sentence: Sentence, start: int) -> bool:
    """Whether the clause that begins there belongs to the main verb, and not to a clause inside."""
    link = next((token for token in sentence.doc if token.idx >= start and token.dep_ in {"mark", "advmod"}), None)
    if link is None or link.head.dep_ == "ccomp" or link.head.head.dep_ in {"relcl", "acl", "ccomp", "advcl"}:
        return False
    verbs = (child for child in sentence.root.children if child.dep_ == "conj" and child.pos_ in {"VERB", "AUX"})
    return all(verb.i > link.i for verb in verbs)


def _says_little(text: str) -> bool:
    return len(WORD.findall(text)) < LEAST_SAID or not stems(text)


def _cut(why: str) -> str:
    """The reason without what is set against it afterwards."""
    return re.split(r", (?:while|whereas|but|and so|although)\b", why)[0]


def _asked(doc: "Doc", end: int) -> str | None:
    """The main clause turned into a question."""
    root = next((token for token in doc if token.head == token), None)
    subject = subject_of(doc)
    if root is None or subject is None or subject.left_edge.i != 0 or root.idx >= end or subject.right_edge.i >= root.i:
        return None
    if (
        subject.pos_ == "PRON"
        or root.lemma_ == "call"
        or re.search(r"\bthem\b", doc.text[:end])
        or (root.tag_ == "VBP" and subject.tag_ in {"NN", "NNP"})
    ):
        return None
    helper = next((child for child in root.children if child.dep_ in {"aux", "auxpass"} and child.i > subject.i), None)
    verb = root if helper is None else helper
    asked = _lowered(doc[: subject.right_edge.i + 1].text, doc[0])
    rest = _ALSO.sub("", doc.text[verb.idx + len(verb.text) : end]).strip()
    if verb.lower_ in _AUXILIARY and (helper is not None or root.lemma_ == "be"):
        if verb.lower_ == "can" and rest.startswith("not"):
            rest = rest[3:].strip()
            return f"can {asked} not {rest}"
        return f"{verb.lower_} {asked} {rest}".strip()
    if root.tag_ not in {"VBZ", "VBP", "VBD"}:
        return None
    do = {"VBZ": "does", "VBP": "do", "VBD": "did"}[root.tag_]
    between = doc.text[subject.right_edge.idx + len(subject.right_edge.text) : root.idx].strip()
    return " ".join(part for part in (do, asked, between, root.lemma_, rest) if part)


def _lowered(name: str, first: "Token") -> str:
    is_name = first.pos_ == "PROPN" and rarity(first.text) < 0.4  # noqa: PLR2004
    if is_name or first.nbor(1).tag_ == "POS" or any(letter.isupper() or letter.isdigit() for letter in first.text[1:]):
        return name
    return name[0].lower() + name[1:]
