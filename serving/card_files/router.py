"""Cards as files: Anki's packages and tables, in and out; and the pictures and sounds that came with them."""

import tempfile
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, HTTPException, Query, Response, UploadFile
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from serving.dependencies import Db, Held, MaybeCourseId, Now, SignedIn, require_member
from serving.documents.delivery import deliver
from serving.files import as_path
from studium.learning import card_files, decks
from studium.learning.anki.exporting import export_package
from studium.learning.anki.media import find_medium
from studium.learning.card_files import Place
from studium.learning.study_settings import terms_of
from studium.wire.base import COURSE_KEY
from studium.wire.card_files import CardsImported, FileKind
from studium.wire.cards import DeckName

router = APIRouter(tags=["flashcards"])
ENDINGS: dict[FileKind, tuple[str, str]] = {
    "anki": ("apkg", "application/octet-stream"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "tsv": ("tsv", "text/tab-separated-values; charset=utf-8"),
    "quizlet": ("txt", "text/plain; charset=utf-8"),
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE = {"content": {media_type.partition(";")[0]: BINARY for _, media_type in ENDINGS.values()}}
MEDIUM = {"content": {"application/octet-stream": BINARY}}


@router.post("/card-files", responses={404: {}})
def import_cards(
    file: UploadFile,
    who: SignedIn,
    connection: Db,
    held: Held,
    moment: Now,
    course_id: Annotated[str | None, Form(pattern=COURSE_KEY)] = None,
    deck: Annotated[DeckName | None, Form()] = None,
) -> CardsImported:
    """Take in cards: an Anki package (.apkg), or a table as CSV, TSV or Quizlet's text. A file twice adds nothing.

    Of a package cards, tags, pictures, what is remembered and the log come along. `deck` is for tables that name none.
    """
    require_member(connection, course_id)
    zone = terms_of(connection, who.account_id, [None])[None].zone
    with as_path(file) as path:
        if path.stat().st_size > held.settings.upload_max_bytes:
            raise HTTPException(413, f"A file can have at most {held.settings.upload_max_bytes:,} bytes.")
        place = Place(course_id, deck)
        return card_files.import_cards(
            connection, held.store, who.account_id, path, place, zone=zone, moment=moment
        )  # fmt: skip


@router.get("/card-files", response_class=Response, responses={200: {**FILE, "description": "The file."}, 404: {}})
def export_cards(
    who: SignedIn,
    connection: Db,
    held: Held,
    moment: Now,
    kind: FileKind,
    course_id: MaybeCourseId = None,
    deck_id: UUID | None = None,
    with_scheduling: Annotated[bool, Query(description="Of Anki: with what is remembered, and every review.")] = True,
) -> Response:
    """One's cards as a file: all, those of a course, or those of a deck."""
    if deck_id is not None:
        decks.read(connection, who.account_id, deck_id)
    cards = card_files.choose(connection, who.account_id, course_id, deck_id)
    ending, media_type = ENDINGS[kind]
    headers = {"Content-Disposition": f'attachment; filename="studium-cards-{moment:%Y-%m-%d}.{ending}"'}
    if kind != "anki":
        mark = "\ufeff" if kind == "csv" else ""  # so that Excel takes it for UTF-8
        return Response(mark + card_files.as_table(cards, kind), media_type=media_type, headers=headers)
    folder = tempfile.TemporaryDirectory(prefix="studium-")
    try:
        path = Path(folder.name) / "cards.apkg"
        zone = terms_of(connection, who.account_id, [None])[None].zone
        export_package(
            connection, held.store, who.account_id, cards, path,
            zone=zone, moment=moment, with_scheduling=with_scheduling,
        )  # fmt: skip
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(path, media_type=media_type, headers=headers, background=BackgroundTask(folder.cleanup))


@router.get(
    "/card-media/{media_id}",
    response_class=Response,
    responses={
        200: {**MEDIUM, "description": "The file."},
        206: {**MEDIUM, "description": "A part."},
        404: {},
        416: {},
    },
)
def read_card_medium(
    media_id: UUID, connection: Db, held: Held, bytes_wanted: Annotated[str | None, Header(alias="Range")] = None
) -> Response:
    """A picture or sound of one's own cards."""
    file = find_medium(connection, media_id)
    if file is None:
        raise HTTPException(404, "You have no such picture or sound.")
    return deliver(held.store, file, bytes_wanted)
