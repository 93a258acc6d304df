"""One cheap look at a whole site: which of its courses are worth a sync."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from studium.moodle.asking import OVERLAP
from studium.moodle.keys import CourseKey
from studium.moodle.standing import catalogue_row, fingerprint_of
from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.client import Asked, MoodleClient
from studium.moodle.webservice.errors import TransientError
from studium.moodle.webservice.plan import COURSES, UPDATES, moved_modules, tidy
from studium.moodle.webservice.reader.people import ENROLLED
from studium.moodle.webservice.reader.read import CONTENTS
from studium.moodle.webservice.reader.reading import SURPRISES

FRONT_PAGE = "site"
"""The format of the course every Moodle has as its front page."""


@dataclass(frozen=True)
class Scanned:
    """A course as a scan found it."""

    course: CourseKey
    changed: bool
    why: str | None = None


def scan(connection: Connection, client: MoodleClient) -> list[Scanned]:
    """Look at every course that is to be synced: three calls a course, and one for them all.

    Courses nobody has seen yet are written down. `connection` is in autocommit.

    Raises:
        WebServiceError: the site cannot be asked.
    """
    site_id, at = client.site_id, datetime.now(UTC)
    catalogue = client.call(COURSES)
    listed = {
        CourseKey(site_id, int(one["id"])): one
        for one in catalogue["courses"]
        if one.get("format", FRONT_PAGE) != FRONT_PAGE  # a course the account may not enter is listed without one
    }
    with connection.transaction():
        for course, one in listed.items():
            connection.execute(
                "insert into app.course_sync as known (course_id, shortname, last_scanned_at) values (%s, %s, %s) "
                "on conflict (course_id) do update set shortname = excluded.shortname, last_scanned_at = %s",
                [str(course), one.get("shortname"), at, at],
            )
    rows = connection.execute(
        "select course_id, state, fingerprint, last_synced_at, coalesce((account ->> 'deferred')::integer, 0) "
        "from app.course_sync where sync_enabled and starts_with(course_id, %s) order by course_id",
        [f"{site_id}:"],
    ).fetchall()
    return list(_looked_at(client, catalogue, listed, rows))


def _looked_at(
    client: MoodleClient, catalogue: Any, listed: dict[CourseKey, Any], rows: list[tuple[Any, ...]]
) -> Iterator[Scanned]:
    known = {}
    for course_id, state, fingerprint, synced_at, deferred in rows:
        course = CourseKey.parse(course_id)
        if course not in listed:
            # it may be gone: a sync finds out, once
            yield Scanned(course, state != "gone", "not in the list of courses")
        elif fingerprint is None or deferred or state == "failed":
            yield Scanned(course, True, "not whole yet" if fingerprint else "never synced")
        else:
            known[course] = (fingerprint, int((synced_at - client.behind - OVERLAP).timestamp()))
    calls = [call for course, (_, since) in known.items() for call in _calls(course, since)]
    made = list(client.map_calls(calls))
    for number, (course, (fingerprint, _)) in enumerate(known.items()):
        contents, people, updates = made[3 * number : 3 * number + 3]
        yield _judged(course, fingerprint, catalogue, contents, people, updates)


def _calls(course: CourseKey, since: int) -> list[tuple[str, dict[str, Any]]]:
    asked = {"courseid": course.course_id}
    return [(CONTENTS, asked), (ENROLLED, asked), (UPDATES, asked | {"since": since})]


def _judged(
    course: CourseKey, fingerprint: str, catalogue: Any, contents: Asked, people: Asked, updates: Asked
) -> Scanned:
    for made in (contents, people, updates):
        if isinstance(made.error, TransientError):
            raise made.error
    answers = Answers()
    answers.put({"courses": [catalogue_row(catalogue, course)]}, COURSES, field="id", value=course.course_id)
    for made in (contents, people):
        if made.error is None:
            answers.put(tidy(made.function, made.answer), made.function, **made.parameters)
    if fingerprint_of(answers, course) != fingerprint:
        return Scanned(course, True, "its contents, its people or its entry in the list have changed")
    try:
        # a random question in a quiz makes the function fail: then only a sync can tell
        moved = updates.error is not None or bool(moved_modules(updates.answer))
    except SURPRISES:
        moved = True
    return Scanned(course, moved, "the site tells of updates, or cannot" if moved else None)
