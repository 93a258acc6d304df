"""What a package holds, in Anki's own terms. What it means here is said in `states` and `importing`."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Template:
    """How one card of a note is asked and answered."""

    name: str
    front: str
    back: str


@dataclass(frozen=True)
class Notetype:
    """The fields of a kind of note, and the cards that are made of it."""

    notetype_id: int
    name: str
    is_cloze: bool
    fields: tuple[str, ...]
    templates: tuple[Template, ...]
    css: str = ""

    def template(self, number: int) -> Template | None:
        """The template of a note's card; all gaps of a cloze note share one."""
        wanted = 0 if self.is_cloze else number
        return self.templates[wanted] if wanted < len(self.templates) else None


@dataclass(frozen=True)
class Note:
    """One thing to know; its cards ask for it."""

    note_id: int
    guid: str
    notetype_id: int
    modified: int
    tags: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class CardRow:
    """A card as Anki keeps it. A card that lies in a filtered deck is told as in its own."""

    card_id: int
    note_id: int
    deck: str
    number: int
    type: int = 0
    queue: int = 0
    due: int = 0
    interval: int = 0
    factor: int = 0
    reps: int = 0
    lapses: int = 0
    left: int = 0
    flags: int = 0
    data: str = ""


@dataclass(frozen=True)
class ReviewRow:
    """A line of Anki's log. `ease` 0: nothing was asked, the card was given another day by hand."""

    review_id: int
    card_id: int
    ease: int
    interval: int
    last_interval: int
    factor: int
    time: int
    type: int


@dataclass(frozen=True)
class Package:
    """All of a package but its media."""

    created: int
    minutes_west: int | None
    notetypes: dict[int, Notetype]
    notes: list[Note]
    cards: list[CardRow]
    reviews: list[ReviewRow] = field(default_factory=list)
