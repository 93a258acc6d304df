"""XML made to harm, and XML that is merely broken."""

from pathlib import Path

import pytest

from studium.moodle.backup.xml import NULL, each, number, optional_root, plain, root, streamed_root, text
from studium.moodle.errors import DamagedBackupError, UnsafeBackupError

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<x>&c;</x>"
)


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><x/>',
        f"{'<!-- far -->' * 200_000}<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x>&f;</x>",
    ],
)
def test_document_types_are_refused(tmp_path: Path, document: str) -> None:
    (tmp_path / "x.xml").write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{document}')
    with pytest.raises(UnsafeBackupError, match=r"x\.xml declares a document type"):
        root(tmp_path, "x.xml")
    with pytest.raises(UnsafeBackupError):
        list(each(tmp_path, "x.xml", "x"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7"])
def test_an_encoding_that_hides_a_document_type_is_no_way_in(tmp_path: Path, encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?>{LAUGHS}'
    (tmp_path / "x.xml").write_bytes(document.encode(encoding))
    with pytest.raises((DamagedBackupError, UnsafeBackupError)):
        root(tmp_path, "x.xml")


@pytest.mark.parametrize("document", ["", "<x>", "<x></y>", "<x>&unknown;</x>", "<x>\x01</x>", "no xml at all"])
def test_broken_xml_names_its_file(tmp_path: Path, document: str) -> None:
    (tmp_path / "x.xml").write_text(document)
    with pytest.raises(DamagedBackupError, match=r"x\.xml is not well-formed"):
        root(tmp_path, "x.xml")
    with pytest.raises(DamagedBackupError, match=r"x\.xml is not well-formed"):
        list(each(tmp_path, "x.xml", "y"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedBackupError, match=r"course\.xml is missing"):
        root(tmp_path, "course.xml")
    assert optional_root(tmp_path, "course.xml") is None


def test_a_page_with_pictures_inside_may_be_larger_than_a_parser_likes(tmp_path: Path) -> None:
    picture = "A" * 11_000_000
    (tmp_path / "x.xml").write_text(f"<x><content>{picture}</content></x>")
    assert text(root(tmp_path, "x.xml"), "content") == picture


def test_null_and_missing_are_none_and_empty_is_empty(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(f"<x><a>{NULL}</a><b></b><c>7</c><d>x</d></x>")
    element = root(tmp_path, "x.xml")
    assert [text(element, name) for name in "abce"] == [None, "", "7", None]
    assert [number(element, name, 5) for name in "abcde"] == [5, 5, 7, 5, 5]


def test_a_subtree_becomes_plain_values(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(f"<x><a>1</a><b>{NULL}</b><!-- no --><c><d>2</d><d>3</d></c></x>")
    assert plain(root(tmp_path, "x.xml")) == {"a": "1", "b": None, "c": ["2", "3"]}


def test_pieces_of_a_file_are_read_one_by_one_and_the_rest_stays(tmp_path: Path) -> None:
    attempts = "".join(f"<attempt id='{n}'><state>finished</state></attempt>" for n in range(500))
    (tmp_path / "q.xml").write_text(
        f"<activity id='1'><quiz id='1'><name>Q</name><attempts>{attempts}</attempts></quiz></activity>"
    )
    seen: list[tuple[str | None, str | None]] = []
    handlers = {"attempt": lambda element: seen.append((element.get("id"), text(element, "state")))}
    rest = streamed_root(tmp_path, "q.xml", handlers)
    assert seen == [(str(n), "finished") for n in range(500)]
    assert text(rest, "quiz/name") == "Q"
    assert rest.find("quiz/attempts/attempt/state") is None
