"""What reading a file of questions gives, whatever its format: the questions, and a sentence for each that is none."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import markdown  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from studium.learning.questions.records import QuestionRecord, problem

MOST_BYTES = 5 * 1024**2
MOST_QUESTIONS = 2000
LONGEST_NAME = 60
LONGEST_MARKDOWN = 20_000
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""What XML, PostgreSQL or a screen cannot hold."""
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


class UnreadableFileError(ValueError):
    """A file of which no question can be read, with a sentence for the person who brought it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a question was not read, or what of it a format cannot say."""

    name: str
    sentence: str
    line: int | None = None


@dataclass(slots=True)
class Reading:
    """What a file holds."""

    questions: list[QuestionRecord] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def add(self, record: QuestionRecord, line: int | None) -> None:
        """Keep a question if it can be asked, else say why not."""
        if found := problem(record):
            self.refuse(Trouble(record.name, found, line))
        else:
            self.questions.append(record)
            self._count()

    def refuse(self, trouble: Trouble) -> None:
        """Say why one is not read."""
        self.troubles.append(trouble)
        self._count()

    def _count(self) -> None:
        if len(self.questions) + len(self.troubles) > MOST_QUESTIONS:
            raise UnreadableFileError(f"The file holds more than {MOST_QUESTIONS} questions. Divide it.")


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what of its questions it does not say."""

    content: str
    left_out: Sequence[Trouble] = ()


def decoded(data: bytes) -> str:
    """A file's text, without what no text holds.

    Raises:
        UnreadableFileError: too large, or not text.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFileError(f"The file is larger than {MOST_BYTES // 1024**2} MB. Divide it.")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("The file is not UTF-8 text. Save it as UTF-8 and try again.") from error
    return writable(text).replace("\r\n", "\n").replace("\r", "\n")


def writable(text: str) -> str:
    """Without characters that no file of questions can hold."""
    return _UNWRITABLE.sub("", text)


def as_html(text: str, markup: str) -> str:
    """A text of one of Moodle's formats (html, moodle, plain, markdown) as HTML."""
    if markup == "html" or (markup == "moodle" and _TAG.search(text)):
        return text
    if markup == "markdown" and len(text) <= LONGEST_MARKDOWN:
        made = str(markdown.markdown(text, extensions=["tables", "fenced_code"]))
        paragraph = re.fullmatch(r"<p>(.*)</p>", made, re.DOTALL)
        return paragraph[1] if paragraph and "<p>" not in paragraph[1] else made
    return html.escape(text, quote=False).replace("\n", "<br>")


def as_plain(text: str) -> str:
    """HTML as one line of plain text."""
    spaced = re.sub(r"<(?:br|/p|/li|/div|/td|/tr|/h\d)\b[^<>]*>", " ", text, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", html.unescape(_TAG.sub("", spaced))).strip()


def name_of(text: str) -> str:
    """What a question without a name is called: how it begins."""
    plain = as_plain(text)
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1].rsplit(" ", 1)[0] + "\u2026"
