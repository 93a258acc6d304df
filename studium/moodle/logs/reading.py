"""All log files of a course, read together into the table `events` of an engine, with the account of each file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from duckdb import DuckDBPyConnection

from studium.moodle.keys import CourseKey
from studium.moodle.logs import logstore, report
from studium.moodle.logs.days import SCHEMA
from studium.moodle.logs.engine import literal, load_catalogue
from studium.moodle.logs.format import Kind, Layout, LogError, recognise
from studium.moodle.logs.merge import merge
from studium.moodle.logs.people import settle
from studium.moodle.logs.records import Import, LogFile
from studium.moodle.logs.report import DOUBT_RELATED, DOUBT_TIME, DOUBT_USER

Refused = tuple[int, str, str]
"""Line, reason, text."""

_EVENTS = r"""
create or replace temp table events as
select
    md5(concat_ws('|', {site}, {course_id}, fields, occurrence))::uuid as event_key,
    {site} as site_id, {course_id}::bigint as course_id, to_timestamp(moment) as occurred_at,
    user_id, related_user_id, real_user_id, cmid, event_name,
    regexp_extract(event_name, '^[\\?]([^\\/]*)', 1) as component,
    event_name in (select event_name from known_events) as is_known,
    object_id, origin, ip, doubts
from merged
order by occurred_at, event_key"""

_ACCOUNT = """
select
    count(*),
    count(*) filter (event_name not in (select event_name from known_events)),
    count(*) filter (doubts & $people <> 0),
    count(*) filter (doubts & $times <> 0),
    to_timestamp(min(moment)), to_timestamp(max(moment))
from numbered where file_no = $no"""


@dataclass
class Reader:
    """One reading of a course's files, in the order they were registered."""

    engine: DuckDBPyConnection
    course: CourseKey
    files: list[LogFile] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    refused: list[list[Refused]] = field(default_factory=list)

    def __post_init__(self) -> None:
        load_catalogue(self.engine)
        self.engine.execute(report.TABLE)
        self.engine.execute(logstore.TABLE)

    def add(self, file: LogFile, path: Path) -> None:
        """Read one file; the copy at `path` is not needed afterwards."""
        is_database = file.kind is Kind.STORE_DATABASE
        layout = Layout(file.kind, tuple(SCHEMA)) if is_database else recognise(path)
        file_no = len(self.files)
        if layout.kind is not Kind.REPORT_CSV:
            elsewhere, refused = logstore.read_store(self.engine, file_no, path, layout, self.course.course_id)
        elif file.timezone is None:
            raise LogError(f"{file.filename} is a log report, whose times need a time zone")
        else:
            elsewhere, refused = 0, report.read_report(self.engine, file_no, path, layout, file.timezone)
        self.files.append(file)
        self.elsewhere.append(elsewhere)
        self.refused.append(refused)

    def settle(self, people: Sequence[tuple[str, int]], modules: Sequence[tuple[str, str, int]]) -> list[Import]:
        """Make `events` of all files read, and give account of each."""
        settle(self.engine, people, modules)
        merge(self.engine)
        self.engine.execute(_EVENTS.format(site=literal(self.course.site_id), course_id=self.course.course_id))
        return [self._account(file_no) for file_no in range(len(self.files))]

    def _account(self, file_no: int) -> Import:
        accepted, events, users, times, first, last = self.engine.execute(
            _ACCOUNT, {"no": file_no, "people": DOUBT_USER | DOUBT_RELATED, "times": DOUBT_TIME}
        ).fetchone() or (0, 0, 0, 0, None, None)
        repeated = self.engine.execute(
            "select count(*) from merged where list_contains(files, $no) and files[1] < $no", {"no": file_no}
        ).fetchone() or (0,)
        file, refused, elsewhere = self.files[file_no], len(self.refused[file_no]), self.elsewhere[file_no]
        of_course = int(accepted) + refused
        return Import(
            sha256=file.sha256,
            filename=file.filename,
            rows_read=of_course + elsewhere,
            rows_of_course=of_course,
            rows_elsewhere=elsewhere,
            accepted=int(accepted),
            repeated=int(repeated[0]),
            refused=refused,
            unknown_events=int(events),
            unknown_users=int(users),
            guessed_times=int(times),
            from_at=first,
            to_at=last,
        )
