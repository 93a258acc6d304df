"""What readers make of files of each kind, in process: the limits around them are tested with the sandbox."""

from io import BytesIO

import docx as python_docx
import pytest
from files import PROSE, docx, page_image, pdf, pptx, saved
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from studium.content.parse import parse
from studium.content.readers.clean import clean
from studium.content.readers.encoding import declared_charset, decode
from studium.content.readers.pdf_layout import drop_running_heads, join
from studium.content.readers.pdf_lines import Line
from studium.content.readers.table import label_rows, table_rows
from studium.content.records import Element, Limits, Parsed, Reason, UnreadableError
from studium.content.sentences import sentence_starts

LONG = f"{PROSE} Water is split, oxygen leaves the leaf, and electrons move through a chain of carriers."


def read(data: bytes | str, name: str, declared: str | None = None) -> Parsed:
    return parse(data.encode() if isinstance(data, str) else data, name, declared, Limits())


def texts(parsed: Parsed, kind: str) -> list[str]:
    return [element.text for element in parsed.elements if element.kind == kind]


def handout() -> bytes:
    """Three pages of paragraphs under headings, with a running head, page numbers and bookmarks."""
    styles, out = getSampleStyleSheet(), BytesIO()

    def edges(paper: Canvas, document: SimpleDocTemplate) -> None:
        paper.drawString(72, 810, "Plant physiology, autumn")
        paper.drawString(280, 30, f"Page {document.page}")
        if document.page != 2:
            paper.bookmarkPage(f"p{document.page}")
            paper.addOutlineEntry(f"Part {document.page}", f"p{document.page}", 0)

    story = []
    for number in (1, 2, 3):
        story += [Paragraph(f"Light {number}", styles["h1"]), Paragraph(LONG, styles["BodyText"])]
        story += [Paragraph("In the dark", styles["h2"]), Paragraph(f"Second on {number}. {LONG}", styles["BodyText"])]
        story += [Paragraph("Stroma", styles["Bullet"], bulletText="\u2022"), PageBreak()]
    SimpleDocTemplate(out).build(story, onFirstPage=edges, onLaterPages=edges)
    return out.getvalue()


def test_pdf() -> None:
    parsed = read(handout(), "handout.pdf")
    assert (parsed.page_count, parsed.page_kind, parsed.notes) == (3, "page", [])
    assert [(e.text, e.level, e.page) for e in parsed.elements if e.kind == "title"] == [
        (text, level, page) for page in (1, 2, 3) for text, level in ((f"Light {page}", 0), ("In the dark", 1))
    ]
    assert texts(parsed, "text") == [text for page in (1, 2, 3) for text in (LONG, f"Second on {page}. {LONG}")]
    assert texts(parsed, "list_item") == ["Stroma"] * 3
    assert [e.chapter for e in parsed.elements if e.kind == "list_item"] == ["Part 1", "Part 1", "Part 3"]


def line(text: str, top: float, left: float = 72, width: float = 400, height: float = 12) -> Line:
    return Line(text, left, left + width, top - height, top)


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("photosyn-", "thesis", "photosynthesis"),
        ("photosyn\u00ad", "thesis", "photosynthesis"),
        ("the alpha-", "Beta ratio", "the alpha- Beta ratio"),
        ("10-", "fold", "10- fold"),
        ("plain", "words", "plain words"),
    ],
)
def test_words_broken_at_a_lines_end(first: str, second: str, joined: str) -> None:
    assert join([line(first, 100), line(second, 88)]) == joined


def test_running_heads_go_and_body_lines_stay() -> None:
    pages = [[line("A course", 800), line(f"Unlike anything {'x' * n}", 700), line(f"{n}", 30)] for n in range(1, 7)]
    assert [[kept.text for kept in page] for page in drop_running_heads(pages, 12)] == [
        [f"Unlike anything {'x' * n}"] for n in range(1, 7)
    ]
    assert drop_running_heads(pages[:2], 12) == pages[:2]


def test_docx() -> None:
    parsed = read(docx(), "a.docx")
    assert parsed.elements == [
        Element("title", "Light"),
        Element("text", PROSE),
        Element("list_item", "First"),
        Element("row", "vessel | carries"),
        Element("row", "vessel: xylem; carries: water"),
    ]


def test_title_of_a_docx_stands_above_its_headings() -> None:
    document = python_docx.Document()
    for text, level in (("Practical", 0), ("Aim", 1), ("Why", 2)):
        document.add_heading(text, level)
    assert [(e.text, e.level) for e in read(saved(document), "a.docx").elements] == [
        ("Practical", 0),
        ("Aim", 1),
        ("Why", 2),
    ]


def test_pptx() -> None:
    parsed = read(pptx(), "a.pptx")
    assert (parsed.page_count, parsed.page_kind) == (2, "slide")
    assert [(e.kind, e.text, e.page) for e in parsed.elements] == [
        entry
        for number in (1, 2)
        for entry in (
            ("title", f"Slide {number}", number),
            ("text", PROSE, number),
            ("text", f"Say this on {number}.", number),
        )
    ]


def test_html() -> None:
    parsed = read(
        "<html><head><title>no</title></head><body><h1>Light</h1><p>One <b>two</b>\nthree.</p><h3>Dark</h3>"
        "<ul><li>a</li><li>b</li></ul><pre>x = 1\ny = 2</pre>"
        "<table><tr><th>n</th><th>v</th></tr><tr><td>a</td><td>1</td></tr></table></body></html>",
        "a.html",
    )
    assert parsed.elements == [
        Element("title", "Light", 0),
        Element("text", "One two three."),
        Element("title", "Dark", 2),
        Element("list_item", "a"),
        Element("list_item", "b"),
        Element("code", "x = 1\ny = 2"),
        Element("row", "n | v"),
        Element("row", "n: a; v: 1"),
    ]


def test_markdown() -> None:
    parsed = read("# Light\n\nOne\ntwo.\n\n## Dark\n\n- a\n- b\n", "a.md")
    assert [(e.kind, e.text, e.level) for e in parsed.elements] == [
        ("title", "Light", 0),
        ("text", "One two.", 0),
        ("title", "Dark", 1),
        ("list_item", "a", 0),
        ("list_item", "b", 0),
    ]


def test_text() -> None:
    parsed = read(
        f"Objectives\n==========\n1. First\n2. Second,\nwrapped\n\nLight\n\n{LONG}\n\n-----\n\nThe end.", "a.txt"
    )
    assert [(e.kind, e.text) for e in parsed.elements] == [
        ("title", "Objectives"),
        ("list_item", "1. First"),
        ("list_item", "2. Second, wrapped"),
        ("title", "Light"),
        ("text", LONG),
        ("text", "The end."),
    ]


def test_short_lines_in_a_row_are_no_headings() -> None:
    parsed = read("Roses\n\nViolets\n\nSugar\n\nYou\n", "poem.txt")
    assert texts(parsed, "title") == []


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("a;b\n1;2\n\n3;4;5\n", ["a | b", "a: 1; b: 2", "a: 3; b: 4; 5"]),
        ('name,note\nx,"two\nlines"\n', ["name | note", "name: x; note: two lines"]),
        ("1,2\n3,4\n", ["1 | 2", "3 | 4"]),
        ("a\tb\nx\ty\n", ["a | b", "a: x; b: y"]),
        ("only\none\n", ["only", "one"]),
        ("a,a\n1,2\n", ["a | a", "1 | 2"]),
    ],
)
def test_csv(table: str, rows: list[str]) -> None:
    assert texts(read(table, "a.csv"), "row") == rows


def test_table_rows_of_markup() -> None:
    assert table_rows("<table><tr><td>a<br>b</td><td></td></tr></table>") == ["a b | "]
    assert label_rows([]) == []


def test_picture_of_text() -> None:
    assert read(page_image("Phloem carries sugar"), "a.png").elements == [Element("text", "Phloem carries sugar")]


def test_scan_is_read_page_by_page_beside_text() -> None:
    parsed = read(pdf([PROSE, page_image("Stomata open by day")]), "a.pdf")
    assert [(e.page, e.text) for e in parsed.elements][-1] == (2, "Stomata open by day")
    assert {e.page for e in parsed.elements} == {1, 2}


def test_without_tesseract_pictures_have_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    for data, name in ((page_image("words"), "a.png"), (pdf([page_image("words")]), "a.pdf")):
        with pytest.raises(UnreadableError, match=r"[Nn]o text recognition") as caught:
            read(data, name)
        assert caught.value.reason is Reason.NO_TEXT
    assert read(pdf([PROSE, page_image("words")]), "a.pdf").notes == ["Pages without text that were not read: 2."]


def test_limits_of_size() -> None:
    with pytest.raises(UnreadableError, match="at most 0 are read") as caught:
        parse(b"x" * 100, "a.txt", None, Limits(file_bytes=99))
    assert caught.value.reason is Reason.TOO_LARGE


def test_what_was_said_of_a_file_is_compared_with_what_it_is() -> None:
    assert read(pdf([PROSE]), "a.docx").notes == ["It is named like a Word document but is a PDF; read as such."]
    assert read("<p>Text.</p>", "index", "text/html; charset=utf-8").media_type == "text/html"
    assert read("BM is short for something.", "a.txt").media_type == "text/plain"


SAMPLES = {
    "cp1252": "Über die Prüfung: “Größe” kostet 5 €. Señor, naïve façade.",
    "latin-1": "Les élèves étudient la photosynthèse à l'école; c'est très intéressant.",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy. Zkouška je ve středu.",
    "cp1251": "Ксилема переносит воду от корней к листьям растения.",
    "koi8-r": "Ксилема переносит воду от корней к листьям растения.",
    "cp1253": "Στα φύλλα η φωτοσύνθεση είναι η διαδικασία με την οποία τα φυτά μετατρέπουν το φως.",
    "cp932": "光合成は植物が光をエネルギーに変える過程です。葉緑体で行われます。",
    "euc-jp": "光合成は植物が光をエネルギーに変える過程です。葉緑体で行われます。",
    "gb18030": "光合作用是植物将光能转化为化学能的过程。叶绿素吸收光。",
    "big5": "光合作用是植物將光能轉化為化學能的過程。葉綠素吸收光。",
    "cp949": "광합성은 식물이 빛을 화학 에너지로 바꾸는 과정이다. 엽록소가 빛을 흡수한다.",
    "utf-8-sig": "Mark: ü at the beginning",
    "utf-16": "With a mark: ü",
    "utf-16-le": "Without a mark, in wide letters",
    "utf-16-be": "Without a mark, in wide letters",
    "utf-32": "Wider still: ü",
}


@pytest.mark.parametrize("encoding", SAMPLES)
def test_undeclared_encoding(encoding: str) -> None:
    assert decode(SAMPLES[encoding].encode(encoding)) == SAMPLES[encoding]


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("é".encode("latin-1"), "iso-8859-1", "é"),
        ("“é”".encode("cp1252"), "latin-1", "“é”"),
        ("é".encode(), "iso-8859-1", "é"),
        ("שלום".encode("cp1255"), "windows-1255", "שלום"),
        ("é".encode(), "no-such-encoding", "é"),
        ("é".encode(), "ascii", "é"),
    ],
)
def test_declared_encoding(data: bytes, declared: str, text: str) -> None:
    assert decode(data, declared) == text


def test_encoding_named_in_the_head() -> None:
    assert declared_charset("text/html; charset=UTF-8") == "UTF-8"
    assert declared_charset("text/html", b'<meta charset="windows-1251">') == "windows-1251"
    assert declared_charset(None, b"<p>charset=x") is None


def test_clean_is_stable() -> None:
    dirty = "a\r\nb\u00a0\u00a0c\x00\x1f \n\n\n\n\ud800de\u0301\u202e\ufeff\tf  "
    assert clean(dirty) == "a\nb c\n\ndé f".replace("dé", "d\u00e9")
    assert clean(clean(dirty)) == clean(dirty)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One. ", "Two! ", "Three? ", "Four"]),
        ("Dr. Smith et al. saw Fig. 3. Then i.e. no.", ["Dr. Smith et al. saw Fig. 3. ", "Then i.e. no."]),
        ("It was 3.5 mm long. (Really.) Yes.", ["It was 3.5 mm long. ", "(Really.) ", "Yes."]),
        ("光合成。葉緑体。", ["光合成。", "葉緑体。"]),
        ("J. S. Bach. Then.", ["J. S. Bach. ", "Then."]),
        ("", [""]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    starts = [0, *sentence_starts(text)]
    assert [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)] == sentences
