"""Small files of every kind, made by the libraries people's programs are made of, or byte by byte."""

import struct
import zipfile
import zlib
from io import BytesIO

import docx as python_docx
import pptx as python_pptx
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

PROSE = (
    "Photosynthesis turns light into chemical energy. In the leaf, chlorophyll absorbs blue and red light. "
    "The energy feeds a cycle that fixes carbon."
)


def pdf(pages: list[str | bytes], *, password: str = "", owner: str = "") -> bytes:
    """A PDF with a page of text, or of a picture, for each of `pages`."""
    lock = StandardEncryption(password, ownerPassword=owner or password, canPrint=0) if password or owner else None
    out = BytesIO()
    paper = canvas.Canvas(out, A4, encrypt=lock)
    for page in pages:
        if isinstance(page, bytes):
            paper.drawImage(ImageReader(BytesIO(page)), 50, 400, 500, 200)
        else:
            for number, line in enumerate(page.split(". ")):
                paper.drawString(72, 760 - 14 * number, line)
        paper.showPage()
    paper.save()
    return out.getvalue()


def raw_pdf(objects: list[str | tuple[str, bytes]]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        head, stream = body if isinstance(body, tuple) else (body, None)
        out += f"{number} 0 obj\n{head}\n".encode()
        out += b"stream\n" + stream + b"\nendstream\n" if stream is not None else b""
        out += b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def docx(text: str = PROSE) -> bytes:
    """A Word document: a heading, a paragraph, a list, a table, a header; or, without text, nothing at all."""
    document = python_docx.Document()
    if text:
        document.add_heading("Light", 1)
        document.add_paragraph(text)
        document.add_paragraph("First", style="List Bullet")
        table = document.add_table(2, 2)
        for cell, value in zip(
            [c for row in table.rows for c in row.cells], ["vessel", "carries", "xylem", "water"], strict=True
        ):
            cell.text = value
        document.sections[0].header.paragraphs[0].text = "RUNNING HEAD"
    return saved(document)


def pptx(text: str = PROSE) -> bytes:
    """Two slides with titles and notes; without text, one empty slide."""
    deck = python_pptx.Presentation()
    for number in (1, 2) if text else ():
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"Slide {number}"
        slide.placeholders[1].text = text
        slide.notes_slide.notes_text_frame.text = f"Say this on {number}."
    if not text:
        deck.slides.add_slide(deck.slide_layouts[6])
    return saved(deck)


def saved(document: object) -> bytes:
    out = BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def archive(entries: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return out.getvalue()


def with_part(name: str, text: bytes) -> bytes:
    """An Office archive with one part."""
    return archive({"[Content_Types].xml": b"<Types/>", name: text})


def page_image(text: str, image_format: str = "PNG") -> bytes:
    """A white picture with some black words."""
    image = Image.new("L", (1200, 480), "white")
    ImageDraw.Draw(image).text((60, 200), text, "black", ImageFont.load_default(64))
    out = BytesIO()
    image.save(out, image_format)
    return out.getvalue()


def png(width: int, height: int, packed: bytes) -> bytes:
    """A PNG that claims a size."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", packed) + part(b"IEND", b"")


def ole(*streams: str) -> bytes:
    """A compound file (MS-CFB, version 3) with streams of these names and a sector each."""
    end, free, fat_sector, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
    fat = [fat_sector, end, *[end] * len(streams)]
    fat += [free] * (128 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 0, end, 0, end, 0)
    head += struct.pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw) + 2, kind, 1, none, right, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    entries = [entry("Root Entry", 5, 1, none, end, 0)]
    for number, name in enumerate(streams, start=1):
        entries.append(entry(name, 2, none, number + 1 if number < len(streams) else none, number + 1, 512))
    entries += [entry("", 0, none, none, 0, 0)] * (4 - len(entries))
    return head + struct.pack("<128I", *fat) + b"".join(entries) + bytes(512 * len(streams))
