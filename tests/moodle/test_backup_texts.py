"""Moodle's texts as HTML with addresses."""

import pytest

from studium.moodle.backup.texts import Place, is_blank, to_html, with_links

SITE = "https://m.example"


@pytest.mark.parametrize(
    ("token", "address"),
    [
        ("$@PAGEVIEWBYID*12@$", "/mod/page/view.php?id=12"),
        ("$@H5PACTIVITYVIEWBYID*3@$", "/mod/h5pactivity/view.php?id=3"),
        ("$@QUIZINDEX*2@$", "/mod/quiz/index.php?id=2"),
        ("$@FORUMVIEWBYF*4@$", "/mod/forum/view.php?f=4"),
        ("$@FORUMDISCUSSIONVIEW*6@$", "/mod/forum/discuss.php?d=6"),
        ("$@FORUMDISCUSSIONVIEWINSIDE*6*9@$", "/mod/forum/discuss.php?d=6#9"),
        ("$@BOOKVIEWBYIDCH*11*3@$", "/mod/book/view.php?id=11&chapterid=3"),
        ("$@COURSEVIEWBYID*2@$", "/course/view.php?id=2"),
        ("$@GRADEINDEXBYID*2@$", "/grade/index.php?id=2"),
        ("$@PLUGINFILEBYCONTEXT*57@$/mod_page/x.pdf", "/pluginfile.php/57/mod_page/x.pdf"),
        ("$@SOMETHINGNEW*1@$", "/course/view.php?id=2"),
        ("$@BOOKVIEWBYIDCH*11@$", "/course/view.php?id=2"),
    ],
)
def test_tokens_become_addresses(token: str, address: str) -> None:
    assert with_links(f'<a href="{token}">x</a>', SITE, 2) == f'<a href="{SITE}{address}">x</a>'


def test_a_token_inside_an_address_is_encoded_as_it_was() -> None:
    assert with_links("?u=$@COURSEVIEWBYIDURLENCODED*2@$", SITE, 2) == (
        "?u=https%3A%2F%2Fm.example%2Fcourse%2Fview.php%3Fid%3D2"
    )


def test_a_token_cannot_break_out_of_its_attribute() -> None:
    made = with_links('<a href="$@PAGEVIEWBYID*1"onclick="x@$">', SITE, 2)
    assert 'id=1%22onclick%3D%22x"' in made


def test_null_is_no_token_of_a_text() -> None:
    assert with_links("costs $@ home or 5$", SITE, 2) == "costs $@ home or 5$"


def test_embedded_files_get_the_address_moodle_serves_them_at() -> None:
    text = '<img src="@@PLUGINFILE@@/a%20b.png">'
    assert with_links(text, SITE, 2, Place(62, "mod_page", "content", 1)) == (
        '<img src="https://m.example/pluginfile.php/62/mod_page/content/1/a%20b.png">'
    )
    assert "/61/mod_label/intro/a%20b.png" in with_links(text, SITE, 2, Place(61, "mod_label", "intro"))
    assert with_links(text, SITE, 2, Place(None, "mod_page", "content")) == text


@pytest.mark.parametrize(
    ("text", "form", "html"),
    [
        ("<p>a &amp; b</p>", "1", "<p>a &amp; b</p>"),
        ("a < b\nc\n\nd", "2", "<p>a &lt; b<br>c</p><p>d</p>"),
        ("one\n\ntwo", "0", "<p>one</p><p>two</p>"),
        ("<b>one</b>\n\ntwo", "0", "<b>one</b>\n\ntwo"),
        ("# Title\n\n*text*", "4", "<h1>Title</h1>\n<p><em>text</em></p>"),
        ("", "4", ""),
        (None, None, ""),
        ("<p>no format said</p>", None, "<p>no format said</p>"),
    ],
)
def test_formats(text: str | None, form: str | None, html: str) -> None:
    assert to_html(text, form) == html


@pytest.mark.parametrize("html", ["", " \n", "<p>&nbsp;</p>", "<p><br></p><!-- note -->", '<img src="x">'])
def test_nothing_to_read(html: str) -> None:
    assert is_blank(html)


def test_something_to_read() -> None:
    assert not is_blank("<p>x</p>")
