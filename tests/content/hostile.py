"""Hostile and odd files, made when they are needed, each with what must become of it."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from files import (
    PROSE,
    archive,
    docx,
    ole,
    page_image,
    pdf,
    png,
    pptx,
    raw_pdf,
    with_part,
)

READY = "ready"


@dataclass(frozen=True)
class Hostile:
    """A file as somebody might bring it."""

    filename: str
    build: Callable[[], bytes]
    expected: str | set[str]
    """`ready`, or the reason it fails; several where the libraries may see it either way."""
    shows: str = ""
    """Words its text must hold."""
    says: str = ""
    """What people are told."""


def truncated(data: bytes, share: float = 0.5) -> bytes:
    return data[: int(len(data) * share)]


def many_pages(count: int) -> bytes:
    kids = " ".join(f"{number} 0 R" for number in range(3, 3 + count))
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    return raw_pdf(
        ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>", *[page] * count]
    )


def deep_arrays() -> bytes:
    nested = "[" * 200_000 + "]" * 200_000
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return raw_pdf(["<< /Type /Catalog /Pages 2 0 R >>", pages, f"<< /Type /Page /Parent 2 0 R /Contents {nested} >>"])


def cyclic_pages() -> bytes:
    return raw_pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2000 >>"])


def stream_bomb() -> bytes:
    stream = zlib.compress(b"BT (x) Tj ET " * 20_000_000, 1)
    return raw_pdf(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
            (f"<< /Length {len(stream)} /Filter /FlateDecode >>", stream),
        ]
    )


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return with_part(
        "word/document.xml", f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{entities}]><d>&l9;</d>'.encode()
    )


def utf16_laughs() -> bytes:
    return with_part(
        "word/document.xml",
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'.encode("utf-16"),
    )


def entity_of_a_file() -> bytes:
    return with_part(
        "word/document.xml", b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY p SYSTEM "file:///etc/passwd">]><d>&p;</d>'
    )


def locked_zip() -> bytes:
    data = bytearray(docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def lying_zip() -> bytes:
    """Says its document is ten bytes long; it unpacks to 30 MB."""
    data = bytearray(with_part("word/document.xml", b" " * 30_000_000))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(mark, data.find(mark) + 4)
        data[at + offset : at + offset + 4] = struct.pack("<I", 10)
    return bytes(data)


def matryoshka() -> bytes:
    inner = archive({f"{n}.bin": b"\0" * 1_000_000 for n in range(16)})
    return archive({f"{n}.zip": inner for n in range(16)})


def pixel_bomb() -> bytes:
    return png(60_000, 60_000, zlib.compress(b"\0" * 100))


def wide_text(encoding: str, mark: bytes = b"") -> bytes:
    return mark + PROSE.encode(encoding)


EMPTY = [
    Hostile(f"empty.{suffix}", lambda: b"", "empty", says="empty")
    for suffix in ("pdf", "docx", "pptx", "html", "md", "txt", "csv", "png")
]
PDFS = [
    Hostile("good.pdf", lambda: pdf([PROSE]), READY, "chlorophyll"),
    Hostile("encrypted.pdf", lambda: pdf([PROSE], password="secret"), "encrypted", says="password"),
    Hostile("owner password.pdf", lambda: pdf([PROSE], owner="secret"), READY, "chlorophyll"),
    Hostile("truncated.pdf", lambda: truncated(pdf([PROSE] * 4)), "broken"),
    Hostile("head only.pdf", lambda: b"%PDF-1.7\n", "broken"),
    Hostile("junk.pdf", lambda: b"%PDF-1.4\n" + bytes(range(256)) * 200, "broken"),
    Hostile("10000 pages.pdf", lambda: many_pages(10_000), "too_many_pages", says="10,000"),
    Hostile("deep arrays.pdf", deep_arrays, {"broken", "no_text"}),
    Hostile("its own parent.pdf", cyclic_pages, {"broken", "no_text"}),
    Hostile("stream bomb.pdf", stream_bomb, {"memory", "broken", "no_text", "timeout", "too_large"}),
    Hostile("blank pages.pdf", lambda: pdf(["", ""]), "no_text"),
    Hostile("scanned.pdf", lambda: pdf([page_image("Stomata open by day")]), READY, "Stomata"),
    Hostile("picture of nothing.pdf", lambda: pdf([page_image("")]), "no_text"),
]
OFFICE = [
    Hostile("good.docx", docx, READY, "chlorophyll"),
    Hostile("good.pptx", pptx, READY, "chlorophyll"),
    Hostile("truncated.docx", lambda: truncated(docx()), "broken"),
    Hostile("truncated.pptx", lambda: truncated(pptx(), 0.9), "broken"),
    Hostile("encrypted.docx", lambda: ole("EncryptionInfo", "EncryptedPackage"), "encrypted", says="password"),
    Hostile("locked zip.docx", locked_zip, "encrypted", says="password"),
    Hostile("old.doc", lambda: ole("WordDocument"), "unsupported_type", says="DOCX"),
    Hostile("broken ole.doc", lambda: ole("WordDocument")[:600], {"broken", "unsupported_type"}),
    Hostile("bomb.docx", lambda: with_part("word/document.xml", b" " * 60_000_000), "bomb", says="unpack"),
    Hostile("many entries.docx", lambda: archive({f"{n}": b"" for n in range(10_001)}), "bomb", says="10,001"),
    Hostile("laughs.docx", laughs, "bomb", says="entities"),
    Hostile("wide laughs.docx", utf16_laughs, "bomb", says="entities"),
    Hostile("reads files.docx", entity_of_a_file, "bomb", says="entities"),
    Hostile("lies about its size.docx", lying_zip, "broken"),
    Hostile("zip in zip.zip", matryoshka, "unsupported_type", says="archive"),
    Hostile("not xml.docx", lambda: with_part("word/document.xml", b"<w:document"), "broken"),
    Hostile("no document.docx", lambda: with_part("word/styles.xml", b"<w/>"), "broken"),
    Hostile("deep.docx", lambda: with_part("word/document.xml", b"<a>" * 100_000 + b"</a>" * 100_000), "broken"),
    Hostile("no words.docx", lambda: docx(""), "no_text"),
    Hostile("no words.pptx", lambda: pptx(""), "no_text"),
    Hostile("sheet.xlsx", lambda: with_part("xl/workbook.xml", b"<workbook/>"), "unsupported_type", says="CSV"),
]
TEXTS = [
    Hostile("utf-16 mark.txt", lambda: PROSE.encode("utf-16"), READY, "chlorophyll"),
    Hostile("utf-16be mark.txt", lambda: wide_text("utf-16-be", b"\xfe\xff"), READY, "chlorophyll"),
    Hostile("utf-16 bare.txt", lambda: wide_text("utf-16-le"), READY, "chlorophyll"),
    Hostile("utf-32.txt", lambda: PROSE.encode("utf-32"), READY, "chlorophyll"),
    Hostile("odd utf-16.txt", lambda: PROSE.encode("utf-16") + b"x", READY, "chlorophyll"),
    Hostile("mark only.txt", lambda: b"\xff\xfe", "empty"),
    Hostile(
        "cp1252.txt",
        lambda: "Die Prüfung über Größe: “Röhre”.".encode("cp1252"),
        READY,
        "Prüfung über Größe: “Röhre”",
    ),
    Hostile("latin-1.html", lambda: "<p>caf\xe9 cr\xe8me</p>".encode("latin-1"), READY, "café crème"),
    Hostile("shift-jis.txt", lambda: ("光合成は植物が光を変える過程です。" * 4).encode("cp932"), READY, "光合成は植物"),
    Hostile("null bytes.txt", lambda: b"Xylem\x00 carries\x00 water.", READY, "Xylem carries water"),
    Hostile("whitespace.txt", lambda: b" \n\t\r\n" * 100_000, "empty"),
    Hostile("blanks.txt", ("\u00a0\u2003" * 1000).encode, "empty"),
    Hostile("one line.txt", lambda: b"word " * 100_000, READY, "word word"),
    Hostile("one word.txt", lambda: b"a" * 200_000, READY),
    Hostile("too long.txt", lambda: b"All work and no play. " * 1_000_000, "too_large", says="characters"),
    Hostile("reversed\u202etxt.exe.txt", "\u202eesrever\u202c text".encode, READY, "esrever text"),
    Hostile("מבוא לפיזיולוגיה 🌱.txt", "הצמח 🌱 גדל".encode, READY, "הצמח 🌱"),
    Hostile("../../../etc/cron.d/job", PROSE.encode, READY, "chlorophyll"),
    Hostile(
        "ragged.csv",
        lambda: b'name,role\nxylem\nphloem,sugar,extra\n"=HYPERLINK(""http://x"")",@SUM(1)\n',
        READY,
        "role: sugar; extra",
    ),
    Hostile("unclosed.csv", lambda: b'a,b\n"' + b"x,y\n" * 50_000, {READY, "broken"}),
]
MARKUP = [
    Hostile(
        "scripts.html",
        lambda: b"<script>alert(1)</script><style>p{}</style><p onclick=x()>Only this.</p>",
        READY,
        "Only this.",
    ),
    Hostile("only scripts.html", lambda: b"<html><script>alert('hello')</script></html>", "no_text"),
    Hostile("deep.html", lambda: b"<div>" * 100_000 + b"bottom" + b"</div>" * 100_000, {READY, "no_text", "broken"}),
    Hostile("unclosed.html", lambda: b"<p>" * 50_000 + b"end", {READY, "broken"}),
    Hostile("deep quotes.md", lambda: b">" * 20_000 + b" quote", {READY, "no_text", "broken", "timeout"}),
    Hostile(
        "drawing.svg",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><text>hi</text></svg>",
        "unsupported_type",
        says="SVG",
    ),
]
OTHERS = [
    Hostile("pixel bomb.png", pixel_bomb, "bomb", says="60,000"),
    Hostile("truncated.png", lambda: truncated(page_image("Stomata")), "broken"),
    Hostile("no words.png", lambda: page_image(""), "no_text"),
    Hostile("words.png", lambda: page_image("Phloem carries sugar"), READY, "Phloem carries sugar"),
    Hostile("program.exe", lambda: b"MZ\x90\x00\x03\x00\x00\x00" + bytes(500), "unsupported_type"),
    Hostile("program", lambda: b"\x7fELF\x02\x01\x01" + bytes(500), "unsupported_type"),
    Hostile(
        "noise.txt",
        lambda: b"".join(struct.pack("<I", n * 2_654_435_761 % 2**32) for n in range(5000)),
        "unsupported_type",
    ),
    Hostile("sound.mp3", lambda: b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(500), "unsupported_type", says="audio"),
    Hostile("rich.rtf", lambda: b"{\\rtf1 Hello}", "unsupported_type", says="RTF"),
    Hostile("pdf named.docx", lambda: pdf([PROSE]), READY, "chlorophyll", "is a PDF"),
    Hostile("text named.pdf", PROSE.encode, READY, "chlorophyll", "is plain text"),
    Hostile("page named.txt", lambda: b"<!DOCTYPE html><p>Only this.</p>", READY, "Only this."),
    Hostile("slides named.docx", pptx, READY, "chlorophyll", "is a presentation"),
    Hostile("picture named.pdf", lambda: page_image("Phloem carries sugar"), READY, "Phloem", "is a picture"),
]
# the last, since the child that reads it is ended, and another one takes seconds to get warm
SLOW = [Hostile("brackets.md", lambda: b"[" * 20_000 + b"x", {READY, "broken", "timeout"})]
FILES = EMPTY + PDFS + OFFICE + TEXTS + MARKUP + OTHERS + SLOW
