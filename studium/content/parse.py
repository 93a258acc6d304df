"""One file to elements: what it is, the reader for it, and what a reader that gives nothing means.

Called in the limited child alone; everybody else asks `studium.content.sandbox`.
"""

from typing import TYPE_CHECKING

from studium.content.readers.detect import Family, detect, expected_family
from studium.content.records import Limits, Parsed, Reason, UnreadableError

if TYPE_CHECKING:
    from studium.content.readers.detect import Detected

NAMES = {
    Family.PDF: "a PDF",
    Family.DOCX: "a Word document",
    Family.PPTX: "a presentation",
    Family.HTML: "a web page",
    Family.MARKDOWN: "Markdown",
    Family.TEXT: "plain text",
    Family.CSV: "a table",
    Family.IMAGE: "a picture",
}


def parse(data: bytes, filename: str, declared: str | None, limits: Limits) -> Parsed:
    """Read `data`; `UnreadableError` says why not."""
    if len(data) > limits.file_bytes:
        message = f"The file has {len(data) / 1024**2:,.0f} MB; at most {limits.file_bytes // 1024**2} are read."
        raise UnreadableError(Reason.TOO_LARGE, message)
    detected = detect(data, filename, declared, limits)
    parsed = _read(detected, data, limits)
    if not any(character.isalnum() for element in parsed.elements for character in element.text):
        raise UnreadableError(Reason.NO_TEXT, "No text was found in the file.")
    if sum(len(element.text) for element in parsed.elements) > limits.characters:
        raise UnreadableError(Reason.TOO_LARGE, f"The file holds more than {limits.characters:,} characters.")
    expected = expected_family(filename, declared)
    if expected is not None and expected is not detected.family:
        parsed.notes.insert(0, f"It is named like {NAMES[expected]} but is {NAMES[detected.family]}; read as such.")
    return parsed


def _read(detected: "Detected", data: bytes, limits: Limits) -> Parsed:
    if len(detected.text) > limits.characters:
        raise UnreadableError(Reason.TOO_LARGE, f"The file holds more than {limits.characters:,} characters.")
    if detected.family is Family.PDF:
        from studium.content.readers import pdf

        return pdf.read(data, limits)
    if detected.family is Family.IMAGE:
        from studium.content.readers import ocr

        return ocr.read(data, detected.media_type, limits)
    if detected.family is Family.CSV:
        from studium.content.readers import text

        return text.read_csv(detected.text)
    return _read_with_unstructured(detected, data)


def _read_with_unstructured(detected: "Detected", data: bytes) -> Parsed:
    from studium.content.readers import office, text

    office.use_local_model()
    if detected.family is Family.DOCX:
        return office.read_docx(data)
    if detected.family is Family.PPTX:
        return office.read_pptx(data)
    if detected.family is Family.HTML:
        return office.read_html(detected.text)
    if detected.family is Family.MARKDOWN:
        return office.read_markdown(detected.text)
    return text.read_text(detected.text)
