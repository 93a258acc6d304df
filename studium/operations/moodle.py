"""What `studium moodle` and `studium sync` do: look at a token, ask for syncs, let a held one through."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
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
from studium.operations.imports import follow, follow_figures
from studium.operations.requests import WorkFailedError, submit
from studium.settings import Settings

FIGURES = ("calls", "bytes", "rows_written", "chunks_embedded")


@dataclass(frozen=True)
class Done:
    """How syncs went."""

    accounts: list[dict[str, Any]]
    """One a course. `seconds` is the sync's own time, from asking to the last vector: neither that of waiting for it
    nor that of the figures, which are worked out once for all. `chunks_embedded` counts passages that got a vector."""
    problems: list[str]
    """What did not end well, and what to do."""


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


def sync(settings: Settings, console: Console, names: Sequence[str]) -> Done:
    """Sync courses now (none named: all that are to be synced), wait for the figures, and tell how it went."""
    courses = _courses(settings, names)
    requests = {course: submit(settings, "sync", {"course_id": str(course)}) for course in courses}
    early, late = "", ""
    try:
        follow(settings, console, list(requests.values()), ", ".join(names) or f"{len(courses)} courses")
    except WorkFailedError as error:
        early = str(error)
    try:
        follow_figures(settings, console)
    except WorkFailedError as error:
        late = f"The figures could not be worked out: {error}"
    accounts = [_account(settings, course, request, early) for course, request in requests.items()]
    problems = [f"{one['shortname'] or one['course']}: {one['error']}" for one in accounts if one["error"]]
    return Done(accounts, problems + ([late] if late else []))


def approve(settings: Settings, console: Console, name: str) -> None:
    """Let the snapshot that waits through, load it, and wait for the figures."""
    [course] = _courses(settings, [name])
    with connect(settings, Role.PIPELINE) as connection:
        if not standing.approve(connection, course):
            raise ValueError(f"Nothing of {course} waits for a person.")
    follow(settings, console, [submit(settings, "sync", {"course_id": str(course)})], name)
    follow_figures(settings, console)


def rotate(settings: Settings, console: Console) -> bool:
    """Encrypt the tokens of learners' links under the newest key; returns whether all could be."""
    with connect(settings, Role.PIPELINE, autocommit=True) as connection:  # else each row stays locked until the last
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


def _account(settings: Settings, course: CourseKey, request_id: UUID, ended_early: str) -> dict[str, Any]:
    """What a sync cost: of one that failed before Moodle had told everything, nothing but its time is known."""
    with connect(settings, Role.PIPELINE) as connection:
        request = work.read(connection, request_id)
        row = connection.execute(
            "select shortname, state, account, skipped, last_synced_at >= %s from app.course_sync where course_id = %s",
            [request and request.started_at, str(course)],
        ).fetchone()
    assert row is not None  # noqa: S101 - the scan wrote it
    assert request is not None  # noqa: S101 - it was submitted
    shortname, state, cost, skipped, is_told = row
    started, finished = request.started_at, request.finished_at
    return {
        "course": str(course),
        "shortname": shortname,
        "state": state,
        **{name: cost.get(name, 0) if is_told else None for name in FIGURES},
        "seconds": round((finished - started).total_seconds(), 2) if started and finished else None,
        "skipped": skipped,
        "error": request.error if finished else ended_early,
    }


def as_json(done: Done) -> str:
    """The accounts for a program."""
    return json.dumps(done.accounts, indent=2, ensure_ascii=False)


def as_lines(done: Done) -> str:
    """The accounts for a person."""
    return "\n".join(
        f"{one['shortname'] or one['course']}: {one['state']}, "
        + "".join(f"{one[name] or 0:,} {name.replace('_', ' ')}, " for name in FIGURES)
        + f"{one['seconds']} s, {len(one['skipped'])} skipped"
        for one in done.accounts
    )
