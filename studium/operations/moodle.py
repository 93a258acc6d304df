"""What `studium moodle` and `studium sync` do: look at a token, ask for syncs, let a held one through."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rich.console import Console

from studium import work
from studium.accounts.sealing import open_seal
from studium.database.pool import Role, connect
from studium.moodle import links, standing
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.scan import scan
from studium.moodle.webservice.client import SITE_INFO, MoodleClient
from studium.moodle.webservice.needed import ESSENTIAL, USEFUL, missing
from studium.operations.courses import CourseUnknownError
from studium.operations.imports import follow
from studium.operations.requests import submit
from studium.settings import Settings


def check(settings: Settings, console: Console) -> bool:
    """Say which of the needed functions the service account's token has; returns whether it has them all."""
    with MoodleClient.of_site(settings) as client:
        info = client.call(SITE_INFO)
    lacking = missing(function["name"] for function in info["functions"])
    console.print(f"{info['sitename']}, Moodle {info['release']}, as {info['username']}", highlight=False)
    if not lacking:
        console.print(f"All {len(ESSENTIAL) + len(USEFUL)} needed functions are granted.", highlight=False)
    for name, lost in lacking.items():
        colour = "red" if name in ESSENTIAL else "yellow"
        console.print(f"[{colour}]missing[/{colour}] {name}: without it, {lost}", highlight=False)
    return not lacking


def sync(settings: Settings, console: Console, names: Sequence[str]) -> list[dict[str, Any]]:
    """Sync courses now (none named: all that are to be synced), and tell what each cost."""
    courses = _courses(settings, names)
    requests = {course: submit(settings, "sync", {"course_id": str(course)}) for course in courses}
    follow(settings, console, list(requests.values()), ", ".join(names) or f"{len(courses)} courses")
    return [_account(settings, course, request) for course, request in requests.items()]


def approve(settings: Settings, console: Console, name: str) -> None:
    """Let the snapshot that waits through, and load it."""
    [course] = _courses(settings, [name])
    with connect(settings, Role.PIPELINE) as connection:
        if not standing.approve(connection, course):
            raise ValueError(f"Nothing of {course} waits for a person.")
    follow(settings, console, [submit(settings, "sync", {"course_id": str(course)})], name)


def rotate(settings: Settings, console: Console) -> bool:
    """Encrypt the tokens of learners' links under the newest key; returns whether all could be."""
    with connect(settings, Role.PIPELINE) as connection:
        found = links.rotate(connection, open_seal(settings))
    console.print(f"{found.renewed} encrypted anew, {found.newest} were under the newest key.", highlight=False)
    for person in found.lost:
        console.print(f"[red]lost[/red] {person}: no known key opens this token; they link anew.", highlight=False)
    return not found.lost


def _courses(settings: Settings, names: Sequence[str]) -> list[CourseKey]:
    """The courses of the Moodle that are meant: by short name, key, or Moodle's number."""
    with MoodleClient.of_site(settings) as client, connect(settings, Role.PIPELINE, autocommit=True) as connection:
        site_id = site_id_of(client.address.wwwroot)
        scan(connection, client)
        rows = connection.execute(
            "select course_id, shortname, sync_enabled from app.course_sync "
            "where starts_with(course_id, %s) order by 1",
            [f"{site_id}:"],
        ).fetchall()
    known = {CourseKey.parse(course_id): (shortname, enabled) for course_id, shortname, enabled in rows}
    if not names:
        return [course for course, (_, enabled) in known.items() if enabled]
    return [_course(known, name) for name in names]


def _course(known: dict[CourseKey, tuple[str | None, bool]], name: str) -> CourseKey:
    found = [c for c, (shortname, _) in known.items() if name in (str(c), shortname, str(c.course_id))]
    if len(found) != 1:
        listed = ", ".join(f"{shortname} ({course})" for course, (shortname, _) in known.items()) or "none"
        raise CourseUnknownError(f"No one course of the Moodle is called {name!r}. Courses there: {listed}.")
    return found[0]


def _account(settings: Settings, course: CourseKey, request_id: UUID) -> dict[str, Any]:
    with connect(settings, Role.PIPELINE) as connection:
        request = work.read(connection, request_id)
        row = connection.execute(
            "select shortname, state, account, skipped from app.course_sync where course_id = %s", [str(course)]
        ).fetchone()
    assert row is not None  # noqa: S101 - the scan wrote it
    started, finished = (request.started_at, request.finished_at) if request else (None, None)
    return {
        "course": str(course),
        "shortname": row[0],
        "state": row[1],
        "calls": row[2].get("calls", 0),
        "bytes": row[2].get("bytes", 0),
        "rows_written": row[2].get("rows_written", 0),
        "chunks_embedded": row[2].get("chunks_embedded", 0),
        "seconds": round((finished - started).total_seconds(), 2) if started and finished else None,
        "skipped": row[3],
    }


def as_json(accounts: list[dict[str, Any]]) -> str:
    """The accounts for a program."""
    return json.dumps(accounts, indent=2, ensure_ascii=False)


def as_lines(accounts: list[dict[str, Any]]) -> str:
    """The accounts for a person."""
    return "\n".join(
        f"{one['shortname'] or one['course']}: {one['state']}, {one['calls']} calls, {one['bytes']:,} bytes, "
        f"{one['rows_written']:,} rows written, {one['chunks_embedded']:,} chunks embedded, {one['seconds']} s, "
        f"{len(one['skipped'])} skipped"
        for one in accounts
    )
