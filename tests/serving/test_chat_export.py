"""What is exported reads as it was said, whatever it looks like."""

from html import unescape

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.chat.export import literal

EVIL = [
    "# Not a heading",
    "1. no list",
    "- no list",
    "> no quotation",
    "<img src=x onerror=alert(1)>",
    "![remote](http://evil.test/a.png)",
    "[click](javascript:alert(1))",
    "`code` *stars* _lines_ ~waves~",
    "| a | b |",
    "&lt;b&gt; &amp; $x$ \\* :red[x]",
    "http://evil.test/x",
]


def shown(text: str) -> str:
    """The words a reader of the rendered Markdown sees."""
    html = markdown.markdown(literal(text))
    plain = html.removeprefix("<p>").removesuffix("</p>")
    assert "<" not in plain, "nothing but a paragraph"
    return unescape(plain)


@pytest.mark.parametrize("text", EVIL)
def test_text_stays_text(text: str) -> None:
    assert shown(text) == text


@given(st.text(alphabet="ab \\`*_{}[]<>#+-.!|~$:&()\n1", max_size=40))
def test_nothing_becomes_markup(text: str) -> None:
    assert shown(text) == " ".join(text.split())
