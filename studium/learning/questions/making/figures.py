"""Questions about figures: a sentence that has one, with a gap in its place, to be answered with a number."""

import re
from collections.abc import Iterator
from html import escape

from studium.learning.making.material import Source
from studium.learning.making.standing import Sentence, sentences
from studium.learning.questions.files import name_of
from studium.learning.questions.making.alike import parts, placed
from studium.learning.questions.making.made import Made, cited
from studium.learning.questions.records import Answer, QuestionRecord

GAP = "____"
ASKED = "Which number belongs in the gap, in {unit}?"
TEXT = "<p>{asked}</p><blockquote><p>{shown}</p></blockquote>"
_UNITS = (
    "%|‰|°C|°F|K|[mkcnµμd]?m(?:/s|/h)?|km/h|[mkµμn]?g(?:/[mdk]?[Ll])?|[mdµμ]?[Ll](?:/min|/h)?|[mµμn]?s|min|h|[mkMµμ]?V|mA|"
    "[kMG]?Hz|[kMG]?W|k?J|kcal|[kMh]?Pa|mmHg|bar|mol|[mµμn]M|mmol/L|[kMGT]?B|bits?|bytes?|years?|days?|hours?|minutes?|"
    "seconds?|weeks?|months?|million|billion|degrees"
)
_FIGURE = re.compile(
    rf"(?<![\w.,:/\u2013\u2212+<>=^-])(\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?) ?(?P<unit>{_UNITS})(?![\w/\u00b2\u00b3^])"
)
_DIGITS = re.compile(r"(?<![A-Za-z\u0370-\u03ff_\d.,-])\d+")
_RANGE = re.compile(r"\d\s*(?:[-\u2013\u2014]|to|and)\s*\d")
_ABOUT = re.compile(
    r"\b(?:about|around|approximately|roughly|near(?:ly)?|almost|some|circa|up to|typically|usually)\s*$", re.IGNORECASE
)
_EXAMPLE = re.compile(
    r"\b(?:if|suppose|example|calculate|then|would be|given|a patient|a student|patient with)\b", re.IGNORECASE
)
_OF = re.compile(r"\bof(?: \w+)?\s*$")
"""What comes before a figure that is chosen, and not known: a loss of 10 % does something."""
_VERBS = ("VBZ", "VBP", "VBD", "VBN")
EASY_TO_HOLD = range(8, 25)
"""Words that one can hold in mind."""
LOOSE, CLOSE = 0.1, 0.01
"""How far off is still right, where the course says "about", and where it does not."""


def about_figures(source: Source) -> Iterator[Made]:
    """Questions about the figures of a passage."""
    for sentence in sentences(source):
        yield from _gap(sentence)


def _gap(sentence: Sentence) -> Iterator[Made]:
    text = sentence.text
    found = list(_FIGURE.finditer(text))
    if not (sentence.root.tag_ in _VERBS and found):
        return
    if len(found) != 1 or len(_DIGITS.findall(text)) != 1 or _RANGE.search(text) or _EXAMPLE.search(text):
        return
    figure, unit = found[0], found[0]["unit"]
    value = float(figure[1].replace(",", ""))
    is_condition = _OF.search(text[: figure.start(1)]) and figure.start(1) < sentence.root.idx
    if value in (0, 1, 100) or is_condition:
        return
    shown = f"{text[: figure.start(1)]}{GAP}{text[figure.end(1) :]}"
    asked = placed(ASKED.format(unit=unit), sentence.source.context, shown)
    off = (LOOSE if _ABOUT.search(text[: figure.start(1)]) else CLOSE) * value
    record = QuestionRecord(
        "numerical",
        f"Number: {name_of(shown)}",
        TEXT.format(asked=escape(asked, quote=False), shown=escape(shown, quote=False)),
        (Answer(f"{value:.12g}", 1.0, tolerance=round(off, 9)),),
    )
    yield Made(
        cited(record, sentence.quote), "figure", "hard", sentence.source, sentence.quote, parts(shown), _worth(sentence)
    )


def _worth(sentence: Sentence) -> float:
    return 0.7 if len(sentence.text.split()) in EASY_TO_HOLD else 0.5
