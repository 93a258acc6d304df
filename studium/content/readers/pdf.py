"""PDF: text by page through pdfium, pages without any through tesseract."""

import itertools
from bisect import bisect_right
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from studium.content.readers import ocr, pdf_layout
from studium.content.readers.clean import clean_line
from studium.content.readers.detect import MEDIA_TYPES, Family
from studium.content.readers.pdf_lines import Line, lines_of
from studium.content.records import Element, Limits, Parsed, Reason, UnreadableError

RENDERED_PIXELS = 12_000_000
DOTS_PER_POINT = 200 / 72


def read(data: bytes, limits: Limits) -> Parsed:
    """All pages; a page that is a picture is read by tesseract where installed."""
    with _open(data) as document:
        count = len(document)
        if count > limits.pages:
            message = f"The file has {count:,} pages; at most {limits.pages:,} are read. Bring it in parts."
            raise UnreadableError(Reason.TOO_MANY_PAGES, message)
        pages, pictures, lost = _texts(document, limits)
        elements, notes = _with_pictures(document, _elements(pages), pictures, limits)
        if lost:
            notes.append(f"Pages that are damaged and were left out: {_ranges(lost)}.")
        chapters = _bookmarks(document)
    if not elements and lost:
        raise UnreadableError(Reason.BROKEN, "The file is damaged or incomplete.")
    elements = [replace(e, chapter=_chapter(chapters, e.page or 0)) for e in elements]
    return Parsed(MEDIA_TYPES[Family.PDF], elements, count, "page", notes)


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}:
            message = "The file is protected by a password; bring it without one."
            raise UnreadableError(Reason.ENCRYPTED, message) from error
        raise UnreadableError(Reason.BROKEN, "The file is damaged or incomplete.") from error
    if len(document) == 0:
        raise UnreadableError(Reason.BROKEN, "The file is damaged: it has no pages.")
    return document


def _texts(document: pdfium.PdfDocument, limits: Limits) -> tuple[list[list[Line]], list[int], list[int]]:
    """Lines of every page, and the numbers of pages without text: those with something on them, and the broken."""
    pages: list[list[Line]] = []
    pictures, lost = [], []
    characters = 0
    for index in range(len(document)):
        lines: list[Line] = []
        try:
            page = document[index]
            lines = lines_of(page)
            if not lines and next(iter(page.get_objects(max_depth=1)), None) is not None:
                pictures.append(index + 1)
            page.close()
        except pdfium.PdfiumError:
            lost.append(index + 1)
        characters += sum(len(line.text) for line in lines)
        if characters > limits.characters:
            raise UnreadableError(Reason.TOO_LARGE, f"The file holds more than {limits.characters:,} characters.")
        pages.append(lines)
    return pages, pictures, lost


def _elements(pages: list[list[Line]]) -> list[Element]:
    body = pdf_layout.body_size(pages)
    pages = pdf_layout.drop_running_heads(pages, body)
    sizes = pdf_layout.heading_sizes(pages, body)
    found = (pdf_layout.elements_of(page, number, body, sizes) for number, page in enumerate(pages, start=1))
    return list(itertools.chain.from_iterable(pdf_layout.merge_titles(elements) for elements in found))


def _with_pictures(
    document: pdfium.PdfDocument, elements: list[Element], pictures: list[int], limits: Limits
) -> tuple[list[Element], list[str]]:
    """Elements of the pages that are pictures, put in their places."""
    if not pictures:
        return elements, []
    if not ocr.is_installed():
        if not elements:
            message = "The pages are pictures, and no text recognition (tesseract) is installed to read them."
            raise UnreadableError(Reason.NO_TEXT, message)
        return elements, [f"Pages without text that were not read: {_ranges(pictures)}."]
    if len(pictures) > limits.scanned_pages and not elements:
        message = f"The file has {len(pictures)} scanned pages; at most {limits.scanned_pages} are read at once."
        raise UnreadableError(Reason.TOO_MANY_PAGES, message)
    read_now, left = pictures[: limits.scanned_pages], pictures[limits.scanned_pages :]
    read = [e for number in read_now for e in ocr.elements(_render(document[number - 1]), number)]
    notes = [f"Scanned pages that were not read: {_ranges(left)}."] if left else []
    return sorted([*elements, *read], key=lambda e: e.page or 0), notes


def _render(page: pdfium.PdfPage) -> ocr.Picture:
    width, height = page.get_size()
    scale = min(DOTS_PER_POINT, (RENDERED_PIXELS / max(width * height, 1)) ** 0.5)
    picture: ocr.Picture = page.render(scale=scale, grayscale=True).to_pil()
    return picture


def _bookmarks(document: pdfium.PdfDocument) -> list[tuple[int, str]]:
    """Page number and name of the outline's chapters, by page; empty when there is none worth the name."""
    found = []
    try:
        for bookmark in itertools.islice(document.get_toc(max_depth=2), 5000):
            destination, name = bookmark.get_dest(), clean_line(bookmark.get_title() or "")
            if bookmark.level == 0 and destination is not None and name:
                found.append(((destination.get_index() or 0) + 1, name))
    except (pdfium.PdfiumError, ValueError, RecursionError):
        return []
    return sorted(found, key=lambda chapter: chapter[0])


def _chapter(chapters: list[tuple[int, str]], page: int) -> str | None:
    before = bisect_right(chapters, page, key=lambda chapter: chapter[0])
    return chapters[before - 1][1] if before else None


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
