"""A question bank's questions as files, and files' questions into the bank."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from studium.learning.questions.bank import FILTERED, cleaned, fingerprint, keep, require_topic, rows_of, stored_as
from studium.learning.questions.files import Reading, Trouble, Written
from studium.learning.questions.gift import read_gift
from studium.learning.questions.gift_writing import write_gift
from studium.learning.questions.moodle_xml import read_moodle_xml
from studium.learning.questions.moodle_xml_writing import write_moodle_xml
from studium.learning.questions.records import ASKED, QuestionRecord
from studium.wire.question_bank import FileTrouble, Format, ImportedQuestions, QuestionFile

MOST_WRITTEN = 5000
READERS: dict[Format, Callable[[bytes], Reading]] = {"gift": read_gift, "moodle_xml": read_moodle_xml}
WRITERS: dict[Format, Callable[[Sequence[QuestionRecord]], Written]] = {
    "gift": write_gift,
    "moodle_xml": write_moodle_xml,
}
FILES: dict[Format, tuple[str, str]] = {"gift": ("gift.txt", "text/plain"), "moodle_xml": ("xml", "application/xml")}
NOT_ASKED = "Studium cannot judge answers to this type of question, so that it is not taken."
PICTURED = "It shows a picture, which cannot be shown here."


def format_of(filename: str, data: bytes) -> Format:
    """Which format a file is in, by what it holds."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return "moodle_xml" if start.startswith(b"<") or filename.casefold().endswith(".xml") else "gift"


def take_in(
    connection: Connection, course_id: str, account_id: UUID, data: bytes, form: Format, moment: datetime, *,
    topic_id: str | None, is_trial: bool,
) -> ImportedQuestions:  # fmt: skip
    """Add a file's questions, each once however often the file comes; what cannot be asked is said, with its line."""
    require_topic(connection, course_id, topic_id)
    reading = _askable(READERS[form](data))
    added = 0
    with connection.transaction(force_rollback=is_trial):
        for record in _fresh(connection, course_id, reading.questions):
            added += keep(connection, course_id, account_id, record, moment, topic_id, None) is not None
    return ImportedQuestions(
        format=form, added=added, already=len(reading.questions) - added, troubles=_told(reading.troubles),
        is_trial=is_trial,
    )  # fmt: skip


def _fresh(connection: Connection, course_id: str, records: Sequence[QuestionRecord]) -> list[QuestionRecord]:
    """Those that are not in the bank already from Moodle, or because they were made for it."""
    facts: dict[str, object] = dict.fromkeys(("topic", "standing", "words", "at", "id"))
    rows = [
        row
        for origin in ("moodle", "generated")
        for row in rows_of(connection, FILTERED, course=course_id, origin=origin, limit=MOST_WRITTEN, **facts)
    ]
    known = {fingerprint(cleaned(stored_as(row))) for row in rows}
    return [record for record in records if fingerprint(record) not in known]


def give_out(connection: Connection, course_id: str, form: Format, topic_id: str | None) -> QuestionFile:
    """The bank's questions that are in use, as a file."""
    rows = rows_of(
        connection, FILTERED, course=course_id, topic=topic_id, origin=None, standing="in_use", words=None, at=None,
        id=None, limit=MOST_WRITTEN,
    )  # fmt: skip
    records = sorted((stored_as(row) for row in rows), key=lambda one: (one.category or "", one.name))
    written: Written = WRITERS[form](records)
    ending, media_type = FILES[form]
    return QuestionFile(
        filename=f"questions-{course_id.replace(':', '-')}.{ending}", media_type=media_type, content=written.content,
        questions=len(records), left_out=_told(written.left_out),
    )  # fmt: skip


def _askable(reading: Reading) -> Reading:
    """What of a file can be practised; a picture cannot be shown here, and a question may need it."""
    found = Reading(troubles=reading.troubles)
    for record in reading.questions:
        if record.qtype not in ASKED:
            found.refuse(Trouble(record.name, NOT_ASKED))
        elif record.pictures or "@@PLUGINFILE@@" in record.text:
            found.refuse(Trouble(record.name, PICTURED))
        else:
            found.add(cleaned(record), None)
    return found


def _told(troubles: Sequence[Trouble]) -> list[FileTrouble]:
    return [FileTrouble(name=one.name, sentence=one.sentence, line=one.line) for one in troubles]
