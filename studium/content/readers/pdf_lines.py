"""A PDF's pages as lines with their place and size, through pdfium. What the lines mean belongs to `pdf_layout`."""

from collections.abc import Iterator
from ctypes import c_int, create_string_buffer
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_PRIVATE = range(0xE000, 0xF900)
_BOLD = 600


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; coordinates in points, upwards from the page's lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    bold: bool = False

    @property
    def size(self) -> float:
        """Height of its font's box, which stands for the font size whatever matrix the text was drawn with."""
        return self.top - self.bottom


def lines_of(page: pdfium.PdfPage) -> list[Line]:
    """The page's lines in the file's own order."""
    textpage = page.get_textpage()
    try:
        return list(_lines(textpage))
    finally:
        textpage.close()


def _lines(textpage: pdfium.PdfTextPage) -> Iterator[Line]:
    offset = 0
    text = textpage.get_text_range()
    for raw in text.split("\r\n"):
        shown = raw.strip()
        if shown and not _is_garbage(shown):
            start = offset + _width(raw[: len(raw) - len(raw.lstrip())])
            end = start + _width(shown) - 1
            yield _line(textpage, shown, _char_index(textpage, start), _char_index(textpage, end))
        offset += _width(raw) + 2


def _line(textpage: pdfium.PdfTextPage, text: str, first: int, last: int) -> Line:
    left, bottom, _, top = textpage.get_charbox(max(first, 0), loose=True)
    _, _, right, _ = textpage.get_charbox(max(last, first, 0), loose=True)
    bold = _is_bold(textpage, first) and _is_bold(textpage, last)
    return Line(text, left, max(right, left), bottom, top, bold)


def _width(text: str) -> int:
    """Length as pdfium counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _char_index(textpage: pdfium.PdfTextPage, text_index: int) -> int:
    index: int = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage.raw, text_index)
    return index


def _is_bold(textpage: pdfium.PdfTextPage, index: int) -> bool:
    if index < 0:
        return False
    if pdfium_c.FPDFText_GetFontWeight(textpage.raw, index) >= _BOLD:
        return True
    name = create_string_buffer(128)
    pdfium_c.FPDFText_GetFontInfo(textpage.raw, index, name, len(name), c_int())
    return b"bold" in name.value.lower()


def _is_garbage(text: str) -> bool:
    """Fonts without a map to Unicode give private or replacement characters: no text for anyone."""
    unknown = sum(ord(character) in _PRIVATE or character == "\ufffd" for character in text)
    return unknown * 2 > len(text)
