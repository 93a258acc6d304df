"""Texts and files that never end: real words in sentences of no meaning, the same for the same seed."""

import random
from io import BytesIO

from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

from studium.content.tokens import weights_folder


class Prose:
    """A source of paragraphs."""

    def __init__(self, seed: int) -> None:
        vocabulary = (weights_folder() / "vocab.txt").read_text(encoding="utf-8").split()
        self.words = [word for word in vocabulary if word.isalpha() and len(word) > 2][2000:9000]
        self.rng = random.Random(seed)

    def sentence(self) -> str:
        """Some 14 words."""
        return " ".join(self.rng.choices(self.words, k=self.rng.randint(8, 20))).capitalize() + "."

    def paragraph(self) -> str:
        """Some 70 words."""
        return " ".join(self.sentence() for _ in range(5))

    def page(self) -> bytes:
        """A page of a course: six headings with two paragraphs each, three printed pages."""
        parts = (
            f"<h3>{self.paragraph()[:40]}</h3><p>{self.paragraph()}</p><p>{self.paragraph()}</p>" for _ in range(6)
        )
        return "".join(parts).encode()

    def pdf(self, pages: int, said: str = "") -> bytes:
        """Printed pages of some 350 words; `said` stands at the top of the last."""
        styles, out = getSampleStyleSheet(), BytesIO()
        story = []
        for number in range(pages):
            story.append(Paragraph(f"Part {number}", styles["h1"]))
            story += [Paragraph(said, styles["BodyText"])] if number == pages - 1 else []
            story += [Paragraph(self.paragraph(), styles["BodyText"]) for _ in range(5)]
            story.append(PageBreak())
        SimpleDocTemplate(out).build(story)
        return out.getvalue()
