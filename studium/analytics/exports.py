"""Tables of a course as CSV that a spreadsheet reads and never runs."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from psycopg import Connection

from studium.wire.analytics import ExportName

BATCH = 1000
# A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection).
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

TABLES: dict[ExportName, str] = {
    "learners": """
        select l.full_name, l.email, p.learner_id, array_to_string(e.group_names, '; ') as groups,
               p.modules_completed, p.modules_total, p.completion_pct, p.grade_pct,
               p.active_minutes, p.active_days, p.last_active_date, p.days_quiet, p.quiet_reason
        from marts.learner_progress p
        join marts.dim_learners l using (learner_id)
        join marts.fct_enrolments e on e.learner_id = p.learner_id and e.course_id = p.course_id
        where p.course_id = %s order by l.full_name, p.learner_id""",
    "activity": """
        select l.full_name, a.learner_id, a.activity_date, m.module_name, a.events, a.sessions, a.active_minutes
        from marts.fct_activity_daily a
        join marts.dim_learners l using (learner_id)
        left join marts.dim_modules m on m.module_id = a.module_id
        where a.course_id = %s and a.events > 0
        order by a.activity_date, l.full_name, a.learner_id, m.position""",
    "quiz_attempts": """
        select l.full_name, a.learner_id, m.module_name, a.attempt_number, a.state, a.started_at, a.finished_at,
               a.grade, a.grade_max, a.grade_pct
        from marts.fct_quiz_attempts a
        join marts.dim_learners l using (learner_id)
        join marts.dim_modules m using (module_id)
        where a.course_id = %s order by m.position, l.full_name, a.learner_id, a.attempt_number""",
    "grades": """
        select l.full_name, g.learner_id, g.item_type, g.item_name, m.module_name, g.grade, g.grade_max, g.grade_pct,
               g.is_hidden, g.graded_at
        from marts.fct_grades g
        join marts.dim_learners l using (learner_id)
        left join marts.dim_modules m on m.module_id = g.module_id
        where g.course_id = %s order by l.full_name, g.learner_id, m.position, g.grade_id""",
    "completions": """
        select l.full_name, c.learner_id, m.section_name, m.module_name, c.is_complete, c.completion_state,
               c.completed_at
        from marts.fct_completions c
        join marts.dim_learners l using (learner_id)
        join marts.dim_modules m using (module_id)
        where c.course_id = %s order by m.position, l.full_name, c.learner_id""",
    "questions": """
        select m.module_name, f.slot, f.question_name, f.question_text, f.question_type, f.learners, f.is_withheld,
               f.facility_pct, f.facility_low_pct, f.facility_high_pct
        from marts.fct_item_facility f
        join marts.dim_modules m using (module_id)
        where f.course_id = %s order by m.position, f.slot, f.question_id""",
    "engagement": """
        select week_start, learners_enrolled, learners_active, events, sessions, active_minutes, completions
        from marts.course_engagement_weekly where course_id = %s order by week_start""",
}


def export(connection: Connection, name: ExportName, course_id: str) -> Iterator[str]:
    """The lines of a table, header first, read as they are sent; the connection must stay in its transaction."""
    with connection.cursor(name=f"export_{name}") as cursor:
        cursor.itersize = BATCH
        cursor.execute(TABLES[name], [course_id])
        yield "\ufeff" + _lines([[column.name for column in cursor.description or []]])
        while rows := cursor.fetchmany(BATCH):
            yield _lines(rows)


def harmless(cell: object) -> object:
    """A cell as a spreadsheet may have it: text that would be a formula is quoted, everything else is itself."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(ACTIVE) else cell


def _lines(rows: Iterable[Iterable[object]]) -> str:
    out = StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()
