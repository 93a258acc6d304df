"""Which sentences of a text can be understood away from it, and say something of the subject."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from studium.content.sentences import sentence_starts
from studium.learning.making.language import WORD, is_english, parsed, rarity, stems
from studium.learning.making.material import Source

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

SHORTEST, LONGEST = 4, 34
"""Words of a sentence that is worth a card."""
LONG = 16
"""Words of a sentence that says by itself what a noun at its end is of."""
_LINK = re.compile(
    r"^(?:Later|Then|However|Moreover|Furthermore|In addition|Therefore|Thus|Hence|Consequently|Similarly"
    r"|Finally|Indeed|Conversely"
    r"|In fact|In contrast|By contrast|Nevertheless|As a result|Accordingly|Likewise), "
)
_LINKED = re.compile(r" (?:therefore|thus|hence|consequently)(?= )")
_CITED = re.compile(
    r"\s?\((?:[^()]*\W)?(?:1[5-9]|20)\d\d[a-z]?(?:\W[^()]*)?\)"
    r"|\s?\((?:pronounced\b|(?:see )?(?:figs?\b|figures?|tables?|box)\b)[^()]*\)",
    re.IGNORECASE,
)
"""Who wrote it when, or lived when, and where there is a picture of it."""
_POINTING = re.compile(
    r"\b(?:this|these|those|an? (?:similar(?! to)|second|third|fourth|fifth|sixth)|"
    r"such(?! as\b)(?! an? .* that )|(?:most|some|much|all|both|many"
    r"|one) of (?:it|them)|the (?:same|latter|former|other|above|following|previous|next|rest)"
    r"|we|our|us|you|your|my|he|she|him|(?<!his or )her|his(?! or her)|here|(?:do|does|did|doing) so|herein|thereof"
    r"|aforementioned|respectively|et al|ibid"
    r"|discussed (?:later|earlier)|as (?:shown|seen|described|discussed|mentioned|noted)|see|(?:is|are) (?:(?:an?"
    r"|the) )?(?:\w+ )?examples?\b(?! of)|shown (?:in|below|above)|(?:above|below|follows)(?=[,.;:)]|$)"
    r"|(?:figures?|figs?|tables?|equations?|eqs?|boxes|chapters?|sections?|pages?|slides?|lectures?"
    r"|appendix) [\dA-Z]+\b"
    r"|(?:diagram|graph|panel|curve) \([a-z]\)"
    r"|the (?:first|second|third|fourth|last|vertical|horizontal|left|right|upper|lower)"
    r" (?:column|row|axis|panel|curve)"
    r"|this (?:figure|table|chapter|section|page)|in (?:the|our) (?:figure|table|diagram|example|picture"
    r"|image|photo|graph))(?!\w)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:now|it|its|they|their|them|that|there|both|another|others?|either|neither|one|ones|some|many|most of"
    r"|half of|all of"
    r"|none|each|every|however|therefore|thus|hence|so|but|and|or|nor|also|later|then|next|finally"
    r"|first(?:ly)?|second(?:ly)?"
    r"|third(?:ly)?|lastly|moreover|furthermore|similarly|conversely|instead|otherwise|consequently|nevertheless"
    r"|nonetheless|indeed|again|accordingly|likewise|meanwhile|for (?:example|instance|this|that)|e\.g"
    r"|i\.e|in (?:addition"
    r"|contrast|particular|other words|summary|short|turn|general|the first|the second)|as a result|on the other"
    r"|by contrast|in between|in (?:stark|sharp|marked) contrast|as such"
    r"|of (?:course|note|these|those)|to (?:do|see|this)|note|remember|recall|consider|imagine"
    r"|suppose|let"
    r"|tip|hint|warning|caution|answer|question|task|exercise|example|figure|table|note added|not|no,|yes"
    r"|which|who|whose"
    r"|where|because of this|almost|nearly|in an? (?:trial|study|survey|experiment|sample|review)"
    r"|the (?:first|second|third|two|three|four|five|six|others?|remaining|more|less)|what|how|why"
    r"|with an?|if \d|at \d+|a quick|above|below|too|only|even|just|perhaps|maybe|once (?:this|that|it)"
    r"|like|unlike)(?![\w-])",
    re.IGNORECASE,
)
_TELLING_TO_WORDS = """
mention stress explain describe draw label calculate state predict read plot take write measure list discuss compare
give use link show note remember see choose submit upload complete bring keep start stop work check name define
identify sketch estimate determine find look make try ask answer think consider recall review revise summarise
summarize outline add avoid ensure include upload download click open print prepare practise practice learn study do
don't never always please watch listen report tell record repeat select highlight emphasise emphasize point refer
cite attach hand fill tick match rank vote sign join meet contact visit follow apply solve prove derive evaluate
assess justify suggest propose design imagine classify contrast distinguish
"""
_TELLING_TO = frozenset(_TELLING_TO_WORDS.split())
_RUNNING = re.compile(
    r"\b(?:quiz(?:zes)?|deadlines?|submit(?:ted)?|submissions?|e-?mails?|tutorials?|exam(?:s|inations?)?|lecturers?"
    r"|seminars?|credits|homework|assignments?|handouts?|glossary|syllabus|textbooks?|workshops?"
    r"|semesters?|office hours"
    r"|forums?|moodle|classroom|coursework|mark scheme|staff|students?|learning outcomes?|by the end of|chapter"
    r"|wednesday|monday|tuesday|thursday|friday|january|february|september|october|november|december|note added)\b",
    re.IGNORECASE,
)
_UNREADABLE = re.compile(
    r"\b[IVX]+\.\s[A-Z]|^\d+[\u2212-]\d|[\\$?@{}|=]|https?:|www\.|\ufffd|\.\.\.|…|\[\d+\]|[^\W\d_]\d?\s[^\W\d_]\s[^\W\d_]\s"
)
SEVERAL_KINDS = re.compile(
    r"(?:the )?(?:two|three|four|five|six|several|many|some|different|various|kinds|types|forms)\b.*", re.IGNORECASE
)
"""Names of texts about more than one thing, of which `phase 4` could be any's."""
_AND_ANOTHER = re.compile(r"\b(?:and|or) (?:the|an?) ")
_NUMBERED = re.compile(r"[A-Z][a-z]+ (?:\d|[IVX]+)\b")
_PRONOUNS = frozenset({"it", "its", "itself", "they", "their", "them", "themselves"})
_ONE_OF_MANY_WORDS = """
agent algorithm amount argument author book case cell change compound condition country curve device disease drift
drug effect enzyme equation event example exchanger experiment factor figure firm force formula function gene
gradient graph group king law lesion level loop machine maximum mechanism method minimum model molecule murmur
number object organism outcome pair part particle patient person phase plot poem population problem procedure
process product program protein pump rate ratio reaction reason receptor relation relationship response result rule
sample shift signal species state step store structure student study subject substance symptom syndrome system
technique term test text theory treatment trial value variable vector virus work
"""
_ONE_OF_MANY = frozenset(_ONE_OF_MANY_WORDS.split())
"""Nouns that with "the" alone mean one that was named before."""
_COMMON = 0.25
"""Up to this rarity a noun without anything beside it says too little to begin a sentence that stands alone."""


@dataclass(frozen=True)
class Sentence:
    """A sentence that stands alone, as a card can show it."""

    text: str
    quote: str
    """As it is in the material; the text may have the name where that has a pronoun."""
    source: Source
    is_line: bool = False
    """A list's item or a slide's line, below what it is about."""
    is_first: bool = False
    """Nothing is said before it under its heading."""

    @cached_property
    def doc(self) -> "Doc":
        """Taken apart."""
        return parsed(self.text)

    @cached_property
    def root(self) -> "Token":
        """Its main verb, or what stands for it."""
        return next(token for token in self.doc if token.head == token)


def sentences(source: Source) -> Iterator[Sentence]:
    """The sentences and lines of a passage that can be understood without it."""
    if source.is_aside or not is_english(source.text):
        return
    if source.is_entry:
        yield from _said_further(source)
        return
    for number, paragraph in enumerate(source.prose):
        yield from _of_prose(paragraph, source, is_first=number == 0)
    for item in (item for items in source.items for item in items):
        for quote in _split(item):
            yield from _of_line(quote, source)


def bare(text: str) -> str:
    """A sentence without the word that only leads over to it, and without whom it cites."""
    rest = _LINKED.sub("", _LINK.sub("", _CITED.sub("", text)))
    return rest[0].upper() + rest[1:] if rest else text


def _of_line(quote: str, source: Source) -> Iterator[Sentence]:
    """A list's item or a slide's line: a sentence without its full stop, or one whose subject heads it."""
    said = bare(quote)
    text = said if said.endswith(".") else f"{said}."
    line = Sentence(_with_subject(text, source.context) or text, quote, source, is_line=True)
    if stands_alone(line) and subject_of(line.doc) is not None:
        yield line


def _with_subject(text: str, context: str) -> str | None:
    """`Raises blood pressure` below `Angiotensin` as a sentence."""
    first, named = parsed(text)[0], parsed(context)
    is_name = 0 < len(named) <= 4 and all(token.pos_ in {"NOUN", "PROPN", "ADJ"} for token in named)  # noqa: PLR2004
    if not is_name or named[-1].tag_ in {"NNS", "NNPS"}:
        return None
    lowered = text[0].lower() + text[1:]
    if first.tag_ == "VBZ" and first.dep_ == "ROOT":
        return f"{context} {lowered}"
    if _MADE.match(text):
        return f"{context} is {lowered}"
    return None


def _of_prose(paragraph: str, source: Source, *, is_first: bool) -> Iterator[Sentence]:
    before: Sentence | None = None
    for quote in _split(paragraph):
        sentence = Sentence(bare(quote), quote, source, is_first=is_first and before is None)
        named = _named(sentence, before) if before else None
        last, before = before, sentence
        if named or stands_alone(sentence):
            yield named or sentence
        elif last and _NAMES_IT.match(sentence.text) and stands_alone(last):
            yield Sentence(f"{last.text} {sentence.text}", f"{last.quote} {quote}", source)
        elif source.is_slide and not quote.endswith("."):
            yield from _of_line(quote, source)


def _said_further(source: Source) -> Iterator[Sentence]:
    """What a glossary says of a term after it has said what it is."""
    for paragraph in source.prose:
        for quote in _split(paragraph)[1:]:
            sentence = Sentence(re.sub(r"^It(?= )", source.context, quote), quote, source)
            if stands_alone(sentence):
                yield sentence


def _split(paragraph: str) -> list[str]:
    """Sentences, and the clauses of one that a semicolon keeps apart."""
    starts = [0, *sentence_starts(paragraph), len(paragraph)]
    whole = [paragraph[start:end].strip() for start, end in pairwise(starts)]
    return [part for one in whole for part in _clauses(one)]


def _clauses(sentence: str) -> list[str]:
    parts = [part.strip() for part in sentence.split(";")]
    if len(parts) == 1 or not all(map(_is_clause, parts)):
        return [sentence]
    return [part if part.endswith(".") else f"{part}." for part in (part[0].upper() + part[1:] for part in parts)]


def _is_clause(text: str) -> bool:
    doc = parsed(text)
    subject = subject_of(doc)
    return subject is not None and subject.pos_ != "PRON" and len(doc) >= SHORTEST


def has_two_clauses(text: str) -> bool:
    """Whether two things are said to be so, either of which could be asked for: a verb, or an article, after "and"."""
    if _AND_ANOTHER.search(text):
        return True
    doc = parsed(text)
    finite = [token.i for token in doc if token.tag_ in {"VBZ", "VBP", "VBD", "MD"}]
    return any(token.lower_ in {"and", "or"} and finite and finite[0] < token.i < finite[-1] for token in doc)


def subject_of(doc: "Doc") -> "Token | None":
    """The subject of the main verb."""
    root = next((token for token in doc if token.head == token), None)
    if root is None or root.pos_ not in {"VERB", "AUX"}:
        return None
    return next((child for child in root.children if child.dep_ in {"nsubj", "nsubjpass"}), None)


_NAMES_IT = re.compile(
    r"This (?:[a-z-]+ ){0,6}?(?:is|are) (?:also |sometimes |often )?(?:called|known as|termed|referred to as) (?!into)"
)
"""What was just said gets its name."""
_MADE = re.compile(
    r"(?:made|formed|produced|released|found|composed|derived|secreted|synthesi[sz]ed|stored|located"
    r"|discovered|founded)"
    r" (?:by|from|in|into|to|through|at|with|of)\b",
    re.IGNORECASE,
)
"""What a line says of what heads it, and of nothing else named below that."""
_SOME_OF_WHAT = re.compile(
    r"(?:(?:about|roughly|around|some|nearly|up to|over|under|more than"
    r"|less than) )?\d[\d.,\u2013]*\s?(?:%|per ?cent) (?!of\b)",
    re.IGNORECASE,
)


_STANDS_FOR_NOTHING = re.compile(r"It (?:is|was|has been|can be|may be) (?:\w+ ){1,3}?(?:to|that|whether|how)\b")
"""`It is difficult to ...`."""


def stands_alone(sentence: Sentence) -> bool:
    """Whether everything it speaks of is named in it, or in what heads it."""
    text = sentence.text
    words = WORD.findall(text)
    if not words or not _is_of_the_subject(text, words, is_line=sentence.is_line):
        return False
    if (
        _OPENING.match(text)
        or _SOME_OF_WHAT.match(text)
        or _POINTING.search(text)
        or text.count("(") != text.count(")")
    ):
        return False
    if _NUMBERED.match(text) and SEVERAL_KINDS.fullmatch(sentence.source.context):
        return False  # which one's phase 4?
    return text.endswith((".", "!")) and _has_a_verb(sentence) and not _points_back(sentence)


def points_away(text: str) -> bool:
    """Whether it speaks of something by pointing at it, on a page that is not there."""
    return bool(_POINTING.search(text))


def points_at(doc: "Doc") -> bool:
    """Whether "that" stands before a noun, and not before a clause."""
    return any(token.lower_ == "that" and token.dep_ == "det" for token in doc)


def _is_of_the_subject(text: str, words: list[str], *, is_line: bool) -> bool:
    shortest = 3 if is_line else SHORTEST
    return (
        shortest <= len(words) <= LONGEST
        and not _UNREADABLE.search(text)
        and not _RUNNING.search(text)
        and words[0].casefold() not in _TELLING_TO
        and text[0].isalnum()
    )


def _has_a_verb(sentence: Sentence) -> bool:
    """Whether it says something, and tells nobody to do it. Where no verb was found, the full stop is believed."""
    root, first = sentence.root, sentence.doc[0]
    if root.tag_ not in {"VB", "VBP"} or (root.i > 0 and first.pos_ in {"NOUN", "PROPN", "ADJ", "DET"}):
        return True
    return any(child.dep_ in {"nsubj", "nsubjpass", "csubj", "expl", "aux"} for child in root.children)


def _points_back(sentence: Sentence) -> bool:
    """Whether a pronoun, or a noun with "the" alone, stands for something said before."""
    doc, named = sentence.doc, stems(sentence.source.context)
    first_noun = next((token.i for token in doc if token.pos_ in {"NOUN", "PROPN"}), len(doc))
    if any(token.lower_ in _PRONOUNS and token.i < first_noun for token in doc):
        return True
    if points_at(doc) or _speaks_of_them(doc):
        return True
    subject = subject_of(doc)
    if not sentence.is_line and subject is not None and _is_alone(subject) and is_everyday(subject.text, named):
        return True
    return any(
        (len(doc) < LONG or chunk.root.dep_ in {"nsubj", "nsubjpass"})
        and not _is_explained(chunk.root) and not stems(chunk.root.text) & stems(doc[: chunk.start].text)
        and (
            (chunk.root.lemma_.casefold() in _ONE_OF_MANY and chunk.root.head.lemma_ not in {"call", "term"})
            or (chunk.start == 0 and not _is_one_thing(chunk.root, sentence))
        )
        for chunk in doc.noun_chunks
        if len(chunk) == 2 and chunk[0].lower_ == "the"  # noqa: PLR2004
    )  # fmt: skip


def _speaks_of_them(doc: "Doc") -> bool:
    """Whether "they" are nobody that was named before."""
    first = next((token for token in doc if token.lower_ in {"they", "them", "themselves"}), None)
    if first is None:
        return False
    who = [child for child in first.head.children if child.dep_ == "nsubj" and first.lower_ == "them"]
    before = [token for token in doc[: first.i] if not any(one in {token, *token.ancestors} for one in who)]
    return not any(token.tag_ in {"NNS", "NNPS"} or token.lower_ in {"and", "or"} for token in before)


def _is_alone(subject: "Token") -> bool:
    return subject.i == 0 and not list(subject.children)


def is_everyday(word: str, named: frozenset[str]) -> bool:
    """Whether a noun says too little by itself, since it is common and no part of a name above the text."""
    return word.isalpha() and rarity(word) < _COMMON and not stems(word) & named


def _is_explained(noun: "Token") -> bool:
    after = noun.i + 1
    if after < len(noun.doc) and noun.nbor(1).text == ",":
        return False
    return any(child.dep_ in {"prep", "relcl", "acl", "appos"} and child.i > noun.i for child in noun.children)


def _is_one_thing(noun: "Token", sentence: Sentence) -> bool:
    """Whether "the" before a noun at the beginning needs nothing said before: a name, or what the text is about."""
    if any(letter.isupper() or letter.isdigit() for letter in noun.text):
        return True
    return sentence.is_first and bool(stems(noun.text) & stems(sentence.source.context))


def _named(sentence: Sentence, before: Sentence) -> Sentence | None:
    """A sentence that begins with "It", with the subject of the one before in its place, where that is plain."""
    found = re.match(r"(It)(?= (?:is|has|was|can|may|became|began|took|gave|led|made|\w+(?:s|ed))\b)", sentence.text)
    subject = subject_of(before.doc)
    if not found or _STANDS_FOR_NOTHING.match(sentence.text):
        return None
    if subject is None or subject.tag_ not in {"NN", "NNP"} or not stands_alone(before):
        return None
    span = before.doc[subject.left_edge.i : subject.right_edge.i + 1]
    if span.start != 0 or len(span) > 6 or "," in span.text:  # noqa: PLR2004
        return None
    text = f"{span.text}{sentence.text[found.end() :]}"
    named = Sentence(text, f"{before.quote} {sentence.quote}", sentence.source)
    return named if stands_alone(named) else None
