"""Whether a run would find everything as an earlier one left it, so that an unchanged import costs no run.

A course's run carries what it reads as a tag: one hash. A file's document says itself which run read it.
"""

import hashlib
from importlib import metadata

import dagster as dg
from psycopg import Connection

from studium.content.intake import waiting
from studium.moodle.keys import CourseKey
from studium.moodle.snapshots import newest_snapshot
from studium.operations.installation import has_marts
from studium.settings import Settings
from studium.warehouse import prepare_manifest

TAG = "studium/inputs"
LOGS = """
select f.sha256, f.timezone, s.timezone,
       array(select user_id from raw.service_accounts as a where a.site_id = f.site_id order by 1)
from raw.log_files as f join raw.sites as s using (site_id)
where (f.site_id, f.course_id) = (%s, %s) order by f.sha256
"""


def inputs_of(connection: Connection, settings: Settings, course: CourseKey, *, logs: bool) -> str:
    """One hash of a course's newest backup or sync, of its logs where they are read, and of what reads them.

    It is an input of the logs' run too: a newer one can tell who the people in old logs are.
    """
    files = connection.execute(LOGS, course).fetchall() if logs else []
    version, models = metadata.version("studium"), prepare_manifest().stat().st_mtime_ns
    told = (version, models, settings.embeddings, settings.site_timezone, newest_snapshot(connection, course), files)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def course_settled_by(
    instance: dg.DagsterInstance, connection: Connection, settings: Settings, course: CourseKey, job: str, inputs: str
) -> str | None:
    """The last run of a job over these inputs, if it ended well and nothing has been lost or left to read since."""
    runs = instance.get_runs(filters=dg.RunsFilter(job_name=job, tags={TAG: inputs}), limit=1)
    if not runs or not runs[0].is_success or waiting(connection, str(course)) or not has_marts(settings):
        return None
    return runs[0].run_id


def file_settled_by(connection: Connection, document_id: str) -> str | None:
    """The run that made a document searchable as it is now; a file that failed is tried again."""
    row = connection.execute(
        "select run_id from content.documents where document_id = %s and status = 'ready'", [document_id]
    ).fetchone()
    return row[0] if row else None
