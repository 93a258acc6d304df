"""An answer a model composed, as the page shows it."""

from dashboards.components.chat_answers import written
from studium.wire.chat import UNSUPPORTED, AnswerPart, ChatAnswer


def part(text: str, *, supported: bool = True, goes_on: bool = False) -> AnswerPart:
    return AnswerPart(text=text, citations=[1], supported=supported, made_by="model", goes_on=goes_on)


def test_sentences_make_paragraphs_and_what_stands_nowhere_is_marked() -> None:
    parts = [part("A <b>."), part("B.", supported=False, goes_on=True), part("C.")]
    html = written(
        ChatAnswer(
            statement="S.", shape="explanation", parts=parts, citations=[], read_next=[], model="m", notices=["N <i>."]
        )
    )
    assert html == (
        '<p class="studium-note">S.</p>'
        '<p class="studium-said">A &lt;b&gt;.<sup class="studium-cited">1</sup> '
        '<span class="studium-unsupported">B.</span><sup class="studium-cited">1</sup> '
        f"<small>({UNSUPPORTED})</small></p>"
        '<p class="studium-said">C.<sup class="studium-cited">1</sup></p>'
        '<p class="studium-note">N &lt;i&gt;.</p>'
    )
